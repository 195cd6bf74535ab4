"""Times that become free: jobs serve those who wait at the vendor."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlmodel import col, select

from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking
from models.bookings.waits import BookingWait, BookingWaitState, FreedSpan
from services import jobs

# A user who joins in this moment is served by a job of their own, or the sweep.
WAITED_FOR = Statement(
    select(col(BookingWait.vendor_id))
    .where(any_of(col(BookingWait.vendor_id)), col(BookingWait.state) == BookingWaitState.WAITING)
    .distinct()
)


async def serve_freed_times(unit: UnitOfWork, bookings: Iterable[Booking]) -> None:
    """Serve those who wait for the times that bookings give back, after the commit."""
    spans: dict[UUID, list[FreedSpan]] = defaultdict(list)
    for one in bookings:
        spans[one.vendor_id].append(FreedSpan(one.starts_at, one.ends_at))
    for vendor_id in await _waited_for(unit, spans):
        starts, ends = zip(*spans[vendor_id], strict=True)
        await defer_serving(unit, vendor_id, FreedSpan(min(starts), max(ends)))


async def serve_waits_at(unit: UnitOfWork, vendor_id: UUID) -> None:
    """Serve those who wait at a vendor, whose hours or services have changed, after the commit."""
    for id in await _waited_for(unit, [vendor_id]):
        await defer_serving(unit, id)


async def defer_serving(unit: UnitOfWork, vendor_id: UUID, freed: FreedSpan | None = None) -> None:
    """Serve those who wait at a vendor, after the commit: with what a freed time opens, or all."""
    await jobs.defer(
        unit,
        "serve_booking_waits",
        vendor_id=vendor_id,
        freed_from=freed and freed.starts_at.isoformat(),
        freed_until=freed and freed.ends_at.isoformat(),
    )


async def _waited_for(unit: UnitOfWork, vendor_ids: Collection[UUID]) -> list[UUID]:
    if not vendor_ids:
        return []
    rows = await WAITED_FOR.fetch(await connection_of(unit), **{KEYS: sorted(vendor_ids)})
    return [row["vendor_id"] for row in rows]
