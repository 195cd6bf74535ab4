"""Conditions of a vendor's redemption attempts, and their counts by day."""

from datetime import date, datetime
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.types import column
from schema.redemptions.enums import RedemptionOutcome, RedemptionReason
from services.redemptions.history import DayOfRedemptions, RedemptionFilter


@strawberry.input(description="Conditions of a list of redemption attempts. All of them must hold.")
class RedemptionWhere:
    outcome: RedemptionOutcome | None = strawberry.field(
        default=None, description="With this outcome."
    )
    reason: RedemptionReason | None = strawberry.field(
        default=None, description="With this reason."
    )
    offer_id: UUID | None = id_field("Offer", "Of a voucher of this offer.", default=None)
    member_id: UUID | None = id_field("User", "Scanned by the user with this id.", default=None)
    scanner_id: UUID | None = id_field("Scanner", "Scanned by this scanner.", default=None)
    attempted_from: datetime | None = strawberry.field(
        default=None, description="Attempted at this time or later."
    )
    attempted_before: datetime | None = strawberry.field(
        default=None, description="Attempted before this time."
    )


@strawberry.type(description="The redemption attempts of one day.")
class RedemptionDay:
    day: date = column("The day, in the vendor's time zone.")
    approved: int = column("The number of redemptions that were not reversed.")
    refused: int = column("The number of other attempts.")

    @classmethod
    def wrap(cls, day: DayOfRedemptions) -> Self:
        """Return the day itself, typed as its GraphQL type."""
        return cast("Self", day)


WhereRedemptions = Annotated[
    RedemptionWhere | None, strawberry.argument(description="Filters the list.")
]
FirstDay = Annotated[date, strawberry.argument(description="The first day.")]
LastDay = Annotated[date, strawberry.argument(description="The last day, included.")]


def redemption_filter(where: RedemptionWhere | None) -> RedemptionFilter:
    where = where or RedemptionWhere()
    return RedemptionFilter(
        outcome=where.outcome,
        reason=where.reason,
        offer_id=where.offer_id,
        member_id=where.member_id,
        scanner_id=where.scanner_id,
        since=where.attempted_from,
        until=where.attempted_before,
    )
