"""Settings of the risk score: versions, precision of factors, and previews."""

from datetime import datetime
from typing import Annotated, Any, Self, cast
from uuid import UUID

import strawberry

from engine.ids import optional_id_of
from engine.types import Rows, column, field, optional
from models.fraud import settings as rows
from models.fraud.rules import DEFAULT_RULES, MAX_RULES
from models.fraud.settings import DEFAULT_WINDOWS, FraudPolicy, policy_of
from models.validation import parse
from schema.fraud.enums import Factor, FraudMode, OnTimeout, RotationMode
from services.fraud.precision import SAMPLE_ONE_OF, FactorPrecision, SampledCases
from services.fraud.previews import FraudPreview
from services.fraud.settings import MAX_VERSIONS

SettingsOf = Annotated[
    UUID | None,
    optional_id_of("Vendor", "The vendor. If omitted, the platform's settings, for admins."),
]
Root = strawberry.Parent[rows.FraudSettings]


@strawberry.type(description="Points for a factor beyond a limit.")
class FraudRule:
    factor: Factor = column("The factor.")
    limit: float = column(
        "The limit. The rule applies above it, or below it to QUICK and YOUNG_ACCOUNT. Of several"
        " rules of a factor, the one with the most extreme limit counts."
    )
    points: int = column("The points, from -100 to 100.")


@strawberry.type(description="The time over which attempts are counted.")
class FraudWindow:
    factor: Factor = column("The factor.")
    seconds: int = column("The length in seconds.")


@strawberry.type(
    description="A version of the settings of the risk score. Versions never change. Visible to the"
    " vendor's members with the MANAGER role or higher, those of the platform to admins."
)
class FraudSettings(Rows[rows.FraudSettings]):
    version: int = column("The number of the version. 0 for the defaults of the server.")
    fraud_mode: FraudMode = column("The effect of scores.", of="mode")
    hold_from: int = column("The score from which attempts are held.")
    block_above: int = column("The score above which attempts are blocked.")
    hold_minutes: int = column("The minutes after which a hold ends without a decision.")
    on_timeout: OnTimeout = column("The effect of such an end.")
    approve_below: int = column("The score below which BY_SCORE approves.")
    review_hours: int = column("The hours within which a case should be decided.")
    rotation: RotationMode = column("Whether QR codes need a rotating code.")
    changed_at: datetime = column("The time at which the version was added.", of="created_at")

    @field(f"The rules, at most {MAX_RULES}.", needs=("rules",), size=MAX_RULES)
    def fraud_rules(root: Root) -> list[FraudRule]:
        policy = policy_of(root)
        return [
            FraudRule(factor=one.factor, limit=one.limit, points=one.points) for one in policy.rules
        ]

    @field("The windows of counts.", needs=("windows",), size=len(DEFAULT_WINDOWS))
    def windows(root: Root) -> list[FraudWindow]:
        given = root.windows
        return [
            FraudWindow(factor=factor, seconds=given.get(factor, seconds))
            for factor, seconds in DEFAULT_WINDOWS.items()
        ]

    @classmethod
    def defaults(cls) -> Self:
        """Return version 0: the defaults of the server."""
        rules = [one.model_dump(mode="json") for one in DEFAULT_RULES]
        return cls.wrap(cast("Any", rows.FraudSettings(rules=rules)))


@strawberry.type(description="The decided cases with a factor.")
class FraudPrecision:
    factor: Factor = column("The factor.")
    decided: int = column("The number of decided cases with the factor.")
    rejected: int = column("Those that were rejected.")
    confirmed: int = column("Those that were rejected, and whose reviewer confirmed the factor.")

    @field("The confirmed part of the decided cases, from 0 to 1.", needs=("confirmed", "decided"))
    def precision(root: strawberry.Parent[FactorPrecision]) -> float:
        return root.confirmed / root.decided

    @classmethod
    def wrap(cls, found: FactorPrecision) -> Self:
        """Return the figures themselves, typed as their GraphQL type."""
        return cast("Self", found)


@strawberry.type(
    description=f"Decided cases of approved attempts, of which one in {SAMPLE_ONE_OF} is drawn for"
    " review."
)
class FraudSample:
    decided: int = column("The number of decided cases of drawn attempts.")
    rejected: int = column("Those that were rejected: fraud that the score has missed.")
    stopped: int = column("Cases of held and blocked attempts that were rejected.")
    handed_over: int = column(
        "Rejected cases of attempts whose goods were handed over: by a scanner without a network,"
        " or after a hold that had ended."
    )
    recall: float | None = column(
        "The estimated part of all fraud that was stopped, from 0 to 1. Null without decided cases"
        " of drawn attempts, and without fraud.",
        needs=("decided", "rejected", "stopped", "handed_over"),
    )

    @classmethod
    def wrap(cls, found: SampledCases) -> Self:
        """Return the figures themselves, typed as their GraphQL type."""
        return cast("Self", found)


@strawberry.type(
    description="The settings of the risk score that apply, their versions, and how right the"
    " factors were."
)
class FraudOverview:
    current: FraudSettings = strawberry.field(
        description="The newest version of the vendor, or else of the platform, or the defaults."
    )
    base_version: int = strawberry.field(
        description="The newest version of the vendor's or the platform's own settings, for"
        " `updateFraudSettings`. 0 without any."
    )
    versions: list[FraudSettings] = strawberry.field(
        description=f"The own versions, newest first, at most {MAX_VERSIONS}.",
        metadata={"size": MAX_VERSIONS},
    )
    precision: list[FraudPrecision] = strawberry.field(
        description="The precision of each factor in decided cases.",
        metadata={"size": len(Factor)},
    )
    sample: FraudSample = strawberry.field(
        description="The cases of drawn attempts, from which the recall is estimated."
    )


@strawberry.type(
    description="Scored attempts of the last 30 days, the newest 5,000 at most, under other"
    " settings. Nothing is changed."
)
class FraudSettingsPreview:
    attempts: int = column("The number of attempts.")
    approved: int = column("Those that would be approved.")
    held: int = column("Those that would be held.")
    blocked: int = column("Those that would be blocked.")
    former_held: int = column("Those whose score advised to hold them, by their own settings.")
    former_blocked: int = column("Those whose score advised to block them, by their own settings.")

    @classmethod
    def wrap(cls, found: FraudPreview) -> Self:
        """Return the figures themselves, typed as their GraphQL type."""
        return cast("Self", found)


@strawberry.input(description="Points for a factor beyond a limit.")
class FraudRuleInput:
    factor: Factor = column("The factor. It can have one rule for each limit.")
    limit: float = column("The limit, from 0 to 1,000,000.")
    points: int = column("The points, from -100 to 100. With 0, the factor only has no effect.")


@strawberry.input(description="The time over which attempts are counted.")
class FraudWindowInput:
    factor: Factor = column("A factor that counts attempts.")
    seconds: int = column("The length in seconds, from 60 to 86,400.")


@strawberry.input(description="All settings of the risk score. What is omitted has its default.")
class FraudSettingsInput:
    fraud_mode: FraudMode = column("The effect of scores.")
    hold_from: int = optional("The score from which attempts are held, 1 to 100.", 30)
    block_above: int = optional("The score above which they are blocked, `holdFrom` to 100.", 70)
    hold_minutes: int = optional("The minutes of a hold, 1 to 1,440.", 30)
    on_timeout: OnTimeout = optional(
        "The effect of a hold that ends without a decision.", OnTimeout.BY_SCORE
    )
    approve_below: int = optional("The score below which BY_SCORE approves, 0 to 101.", 50)
    review_hours: int = optional("The hours within which a case should be decided, 1 to 168.", 24)
    rotation: RotationMode = optional("Whether QR codes need a rotating code.", RotationMode.OFF)
    fraud_rules: list[FraudRuleInput] | None = optional(
        f"The rules, at most {MAX_RULES}. If omitted, the defaults of the server."
    )
    windows: list[FraudWindowInput] | None = optional(
        f"The windows, at most {len(DEFAULT_WINDOWS)}. Others keep their default."
    )

    def policy(self) -> FraudPolicy:
        rules = DEFAULT_RULES
        given: Any = rules if self.fraud_rules is None else [vars(one) for one in self.fraud_rules]
        return parse(
            FraudPolicy,
            mode=self.fraud_mode,
            hold_from=self.hold_from,
            block_above=self.block_above,
            hold_minutes=self.hold_minutes,
            on_timeout=self.on_timeout,
            approve_below=self.approve_below,
            review_hours=self.review_hours,
            rotation=self.rotation,
            rules=given,
            windows={one.factor: one.seconds for one in self.windows or []},
        )
