"""The redemption attempts of a vendor, listed and counted by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, cast
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import BadInput
from core.keyset import Listing, newest_first
from core.statements.pages import PageStatements
from models.redemptions import Redemption, RedemptionOutcome, RedemptionReason, Voucher
from services.journal.topics import vendor_topic

MAX_DAYS = 92


@dataclass(frozen=True)
class RedemptionFilter:
    """Conditions of a vendor's attempts; all of them must hold. `until` is exclusive."""

    outcome: RedemptionOutcome | None = None
    reason: RedemptionReason | None = None
    offer_id: UUID | None = None
    member_id: UUID | None = None
    scanner_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class DayOfRedemptions:
    """The attempts of a day in the vendor's time zone."""

    day: date
    approved: int
    refused: int


_OF_VENDOR = PageStatements(
    Listing(
        select(Redemption).where(Redemption.vendor_id == bindparam("vendor_id")),
        newest_first(Redemption),
    )
)


def list_redemptions(vendor_id: UUID, wanted: RedemptionFilter) -> Listing[Redemption]:
    """List attempts, newest first. Which index suits conditions depends on their values."""
    topics = [vendor_topic(vendor_id)]
    if wanted == RedemptionFilter():
        return _OF_VENDOR.listing({"vendor_id": vendor_id}, topics=topics)
    rows = select(Redemption).where(Redemption.vendor_id == vendor_id)
    if wanted.outcome is not None:
        rows = rows.where(Redemption.outcome == wanted.outcome)
    if wanted.reason is not None:
        rows = rows.where(_reason_at_till() == wanted.reason)
    if wanted.offer_id is not None:
        # Codes of other vendors were typed here too: a list must not disclose their offers.
        of_offer = select(Voucher.id).where(
            Voucher.offer_id == wanted.offer_id, Voucher.vendor_id == vendor_id
        )
        rows = rows.where(col(Redemption.voucher_id).in_(of_offer))
    if wanted.member_id is not None:
        rows = rows.where(Redemption.member_id == wanted.member_id)
    if wanted.scanner_id is not None:
        rows = rows.where(Redemption.scanner_id == wanted.scanner_id)
    if wanted.since is not None:
        rows = rows.where(col(Redemption.created_at) >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(col(Redemption.created_at) < wanted.until)
    return Listing(rows, newest_first(Redemption), topics=topics)


async def count_by_day(
    session: AsyncSession, vendor_id: UUID, time_zone: str, first: date, last: date
) -> Sequence[DayOfRedemptions]:
    """Count a vendor's attempts for each day, in its time zone, without empty days left out.

    Raises `BadInput` for more than 92 days.
    """
    days = (last - first).days + 1
    if not 1 <= days <= MAX_DAYS:
        raise BadInput("Choose between 1 and {most} days.", most=MAX_DAYS)
    zone = ZoneInfo(time_zone)
    day = cast(func.timezone(time_zone, col(Redemption.created_at)), Date)
    approved = and_(
        col(Redemption.outcome) == RedemptionOutcome.APPROVED,
        col(Redemption.reversed_at).is_(None),
    )
    rows = (
        select(day, func.count().filter(approved), func.count().filter(~approved))
        .where(
            Redemption.vendor_id == vendor_id,
            col(Redemption.created_at) >= datetime.combine(first, time(), zone),
            col(Redemption.created_at) < datetime.combine(last + timedelta(1), time(), zone),
        )
        .group_by(day)
    )
    found = {at: (used, refused) for at, used, refused in await session.exec(rows)}
    every = (first + timedelta(place) for place in range(days))
    return [DayOfRedemptions(at, *found.get(at, (0, 0))) for at in every]


def _reason_at_till() -> ColumnElement[RedemptionReason]:
    """Return `Redemption.reason_at_till` in SQL, so that the filter discloses nothing either."""
    guessed = and_(col(Redemption.typed), col(Redemption.reason) == RedemptionReason.OTHER_VENDOR)
    return case((guessed, RedemptionReason.UNKNOWN), else_=col(Redemption.reason))
