"""Settings of the risk score: of the platform, and of vendors that have their own."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import CheckConstraint, UniqueConstraint

from models.base import APPEND_ONLY, Row, enum_column, foreign_key, json, optional_foreign_key
from models.errors import InvalidValue, Refusal
from models.fraud.rules import DAY, DEFAULT_RULES, HOUR, MINUTE, Factor, FraudRules
from models.personal_data import keep_rows
from models.redemptions import RedemptionOutcome

MAX_SCORE = 100
MAX_HOLD_MINUTES = 24 * 60
MAX_REVIEW_HOURS = 168

# The windows of what is counted, in seconds.
DEFAULT_WINDOWS: dict[Factor, int] = {
    Factor.USER_RATE: HOUR,
    Factor.DEVICE_RATE: HOUR,
    Factor.DEVICE_DAILY_RATE: DAY,
    Factor.ADDRESS_RATE: 10 * MINUTE,
    Factor.GUESSING: HOUR,
}
MAX_WINDOW = DAY
Window = Annotated[int, Field(ge=MINUTE, le=MAX_WINDOW)]


class FraudMode(StrEnum):
    SHADOW = "SHADOW"
    ACT = "ACT"


class RotationMode(StrEnum):
    """Whether QR codes need a code that changes every 30 seconds."""

    OFF = "OFF"
    PREFER = "PREFER"
    REQUIRE = "REQUIRE"


class OnTimeout(StrEnum):
    """The effect of a hold that ends without a decision."""

    BY_SCORE = "BY_SCORE"
    APPROVE = "APPROVE"
    RELEASE = "RELEASE"


class FraudSettings(Row, table=True):
    """A version of the settings, which never changes. `vendor_id` is None for the platform's.

    Without a stored version, version 0 applies: the defaults of this class, which change nothing.
    """

    __tablename__ = "fraud_settings"
    __table_args__ = (
        UniqueConstraint("vendor_id", "version", postgresql_nulls_not_distinct=True),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(
            f"hold_from BETWEEN 1 AND {MAX_SCORE} AND block_above BETWEEN hold_from AND 100",
            name="thresholds",
        ),
        CheckConstraint("approve_below BETWEEN 0 AND 101", name="approve_below"),
        CheckConstraint(f"hold_minutes BETWEEN 1 AND {MAX_HOLD_MINUTES}", name="hold_minutes"),
        CheckConstraint(f"review_hours BETWEEN 1 AND {MAX_REVIEW_HOURS}", name="review_hours"),
        APPEND_ONLY,
    )
    __privacy__ = keep_rows(
        of="changed_by_id",
        none="version hold_from block_above approve_below hold_minutes review_hours rules windows",
    )

    vendor_id: UUID | None = optional_foreign_key("vendor", index=False)
    version: int = 0
    changed_by_id: UUID = foreign_key("user")
    mode: FraudMode = enum_column(FraudMode, default=FraudMode.SHADOW)
    hold_from: int = 30
    block_above: int = 70
    hold_minutes: int = 30
    on_timeout: OnTimeout = enum_column(OnTimeout, default=OnTimeout.BY_SCORE)
    approve_below: int = 50
    review_hours: int = 24
    rotation: RotationMode = enum_column(
        RotationMode, default=RotationMode.OFF, sa_column_kwargs={"server_default": "OFF"}
    )
    rules: list[dict[str, Any]] = json(default_factory=list)
    windows: dict[str, int] = json(default_factory=dict)


class FraudPolicy(BaseModel, frozen=True):
    """Validated settings, as the score reads them."""

    mode: FraudMode = FraudMode.SHADOW
    hold_from: Annotated[int, Field(ge=1, le=MAX_SCORE)] = 30
    block_above: Annotated[int, Field(ge=1, le=MAX_SCORE)] = 70
    hold_minutes: Annotated[int, Field(ge=1, le=MAX_HOLD_MINUTES)] = 30
    on_timeout: OnTimeout = OnTimeout.BY_SCORE
    approve_below: Annotated[int, Field(ge=0, le=MAX_SCORE + 1)] = 50
    review_hours: Annotated[int, Field(ge=1, le=MAX_REVIEW_HOURS)] = 24
    rotation: RotationMode = RotationMode.OFF
    rules: FraudRules = DEFAULT_RULES
    windows: dict[Factor, Window] = Field(default_factory=dict)

    @model_validator(mode="after")
    def ensure_order(self) -> "FraudPolicy":
        if self.block_above < self.hold_from:
            raise InvalidValue("Attempts cannot be blocked below the score at which they are held.")
        if other := self.windows.keys() - DEFAULT_WINDOWS.keys():
            raise InvalidValue("{factor} has no window.", factor=min(other))
        return self

    def window(self, factor: Factor) -> int:
        """Return the seconds over which a factor is counted."""
        return self.windows.get(factor, DEFAULT_WINDOWS[factor])

    def advise(self, score: int) -> RedemptionOutcome:
        """Return the outcome of an attempt whose voucher is valid."""
        if score > self.block_above:
            return RedemptionOutcome.BLOCKED
        held = score >= self.hold_from
        return RedemptionOutcome.HELD if held else RedemptionOutcome.APPROVED

    def approves_on_timeout(self, score: int) -> bool:
        """Return whether a hold without a decision ends in favour of the customer."""
        if self.on_timeout is OnTimeout.BY_SCORE:
            return score < self.approve_below
        return self.on_timeout is OnTimeout.APPROVE


def policy_of(row: FraudSettings) -> FraudPolicy:
    """Return the settings of a stored version."""
    names = FraudPolicy.model_fields.keys()
    return FraudPolicy.model_validate({name: getattr(row, name) for name in names})


class SettingsChanged(Refusal):
    message = "The settings were changed in the meantime. Reload them, then change them again."
    meaning = "`baseVersion` is not the newest version of the settings."
    remedy = "Refetch `fraudSettings`, show the differences, and send the new version as the base."
    constraint = "fraud_settings_vendor_id_version_key"
