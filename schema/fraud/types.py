"""Fraud cases, with the factors of their scores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.fraud import (
    factors_of_redemption,
    labels_of_case,
    notes_of_case,
    related_accounts_of,
    visible_case,
    visible_case_note,
)
from dataloaders.identity import visible_user
from dataloaders.redemptions import visible_redemption
from dataloaders.vendors import vendor_by_id
from engine.connections import LiveConnection
from engine.ids import id_of
from engine.permissions import visible_to_admins
from engine.types import Rows, column, loaded, related, related_page
from models import redemptions
from models.fraud import cases as rows
from models.fraud.cases import LEASE_MINUTES, MAX_NOTE_LENGTH
from schema.fraud.enums import (
    CaseDecision,
    CaseEffect,
    CaseState,
    CounterState,
    Factor,
    LinkKind,
)
from schema.lazy import LazyRedemption, LazyUser, LazyVendor
from services.fraud import links

FraudCaseId = Annotated[UUID, id_of("FraudCase", "The case's id.")]
MAX_FACTORS = len(Factor)
REVIEWERS = "Visible to the vendor's members with the MANAGER role or higher, and to admins."


@strawberry.type(description=f"A factor of a score, with its evidence. {REVIEWERS}")
class FraudFactor(Rows[rows.RedemptionFactor]):
    factor: Factor = column("The factor.")
    points: int = column("The points that it adds to the score, or takes off it.")
    value: float | None = column(
        "The measured value. Null once it was erased.", of="value", needs=("facts",)
    )
    limit: float | None = column(
        "The limit of the rule. Null once it was erased.", of="limit", needs=("facts",)
    )


@strawberry.type(description=f"A factor of a decided case. {REVIEWERS}")
class FraudLabel(Rows[rows.CaseLabel]):
    factor: Factor = column("The factor.")
    is_confirmed: bool = column("Whether the reviewer confirmed it.", of="confirmed")


@strawberry.type(description=f"A note of a reviewer. {REVIEWERS}")
class FraudCaseNote(Rows[rows.FraudCaseNote], relay.Node, access=visible_case_note):
    id: relay.NodeID[UUID]
    text: str = column(f"The note, at most {MAX_NOTE_LENGTH:,} characters.")
    noted_at: datetime = column("The time at which it was added.", of="created_at")
    noted_by: LazyUser | None = related(
        visible_user,
        by="author_id",
        description="The reviewer. Null unless the viewer sees this user.",
    )


@strawberry.type(description="An account that shares something with another. Visible to admins.")
class RelatedAccount:
    user_id: strawberry.Private[UUID]
    hops: int = column("1 if they share it directly, 2 if over another account.")
    kinds: list[LinkKind] = column("The kinds of links.")

    account: LazyUser | None = related(
        visible_user, by="user_id", description="The account. Null once it is erased."
    )


@strawberry.type(
    description="The review of a redemption attempt that was held or blocked for its risk score, is"
    " a double, or was drawn at random."
    f" {REVIEWERS}"
)
class FraudCase(Rows[rows.FraudCase], relay.Node, access=visible_case):
    id: relay.NodeID[UUID]
    case_state: CaseState = column(
        "The state of the case.", of="state_now", needs=("state", "lease_until")
    )
    risk_score: int = column("The score of the attempt, from 0 to 100.", of="score")
    is_sampled: bool = column(
        "Whether the attempt was approved, and drawn at random for review: no suspicion.",
        of="sampled",
    )
    opened_at: datetime = column(
        "The time at which the case was opened: that of the attempt, if it was held or blocked.",
        of="created_at",
    )
    hold_ends_at: datetime | None = column(
        "The time at which the hold ends without a decision. Null if the attempt was blocked."
    )
    hold_effect: CaseEffect | None = column(
        "The end of the hold. Null while the attempt is held.", of="effect"
    )
    review_until: datetime = column("The time until which the case should be decided.")
    lease_until: datetime | None = column(
        f"The end of the reviewer's lease, {LEASE_MINUTES} minutes after it was taken."
    )
    case_decision: CaseDecision | None = column("The decision. Null before.", of="decision")
    decided_at: datetime | None = column("The time of the decision. Null before.")
    redemption: LazyRedemption | None = related(
        visible_redemption, by="redemption_id", description="The attempt, with its voucher."
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor where it was made."
    )
    taken_by: LazyUser | None = related(
        visible_user,
        by="taken_by_id",
        description="The reviewer that has or had the case. Null without one, and unless the viewer"
        " sees this user.",
    )
    decided_by: LazyUser | None = related(
        visible_user,
        by="decided_by_id",
        description="The reviewer that decided. Null before, and unless the viewer sees this user.",
    )
    risk_factors: list[FraudFactor] = related(
        factors_of_redemption,
        by="redemption_id",
        description="The factors that explain the score, the weightiest first.",
        size=MAX_FACTORS,
    )
    labels: list[FraudLabel] = related(
        labels_of_case,
        by="id",
        description="The factors as the reviewer labelled them. Empty before the decision.",
        size=MAX_FACTORS,
    )
    case_notes: list[FraudCaseNote] = related_page(
        notes_of_case, FraudCaseNote, "The notes of reviewers, newest first."
    )

    @loaded(
        visible_redemption,
        by="redemption_id",
        description="Whether the counters of the score were complete.",
        needs=("redemption_id",),
    )
    def counter_state(
        root: strawberry.Parent[rows.FraudCase], redemption: redemptions.Redemption | None
    ) -> CounterState | None:
        return redemption.counters if redemption else None

    @visible_to_admins
    @loaded(
        related_accounts_of,
        by="user_id",
        description="Accounts that share a device, a phone number or a network with the holder's,"
        f" over at most {links.HOPS} steps. What more than {links.MAX_USERS_OF_HUB} accounts share"
        " is left out. Visible to admins.",
        needs=("user_id",),
        cost=50,
        size=links.MAX_RELATED,
    )
    def related_accounts(
        root: strawberry.Parent[rows.FraudCase], found: Sequence[links.RelatedAccount]
    ) -> list[RelatedAccount] | None:
        return [
            RelatedAccount(user_id=one.user_id, hops=one.hops, kinds=[*one.kinds]) for one in found
        ]


@strawberry.type(description="A page of fraud cases, with live changes.")
class FraudCaseConnection(LiveConnection[FraudCase]):
    pass
