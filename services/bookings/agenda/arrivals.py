"""The board of arrivals: the visits of a day, with who waits and who is late."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from core.wall import wall
from models.bookings.bookings import Booking
from models.bookings.moves import BookingResource
from models.bookings.visits.arrivals import EXPECTED_STATES, ArrivalState, arrival_of
from models.vendors import Vendor
from services.bookings.agenda.hours import moments_of
from services.bookings.slots.hours import window_of_days

MAX_ARRIVALS = 500


@dataclass(frozen=True, kw_only=True)
class ArrivalsOf:
    """The visits that start on a local day of a vendor, by their start."""

    day: date
    read_at: datetime
    bookings: Sequence[Booking]

    def count(self, *states: ArrivalState) -> int:
        counted = Counter(arrival_of(one, self.read_at) for one in self.bookings)
        return sum(counted[state] for state in states)


async def read_arrivals(
    session: AsyncSession,
    vendor: Vendor,
    day: date | None = None,
    resource_ids: Sequence[UUID] | None = None,
) -> ArrivalsOf:
    """Return the visits of a day, by default of today, at most 500. Classes have one each."""
    moment = now()
    day = day or wall(moment, vendor.time_zone).date()
    starts_at, ends_at = moments_of(window_of_days(vendor.time_zone, day, day))
    rows = select(Booking).where(
        Booking.vendor_id == vendor.id,
        col(Booking.starts_at) >= starts_at,
        col(Booking.starts_at) < ends_at,
        col(Booking.state).in_(EXPECTED_STATES),
    )
    if resource_ids is not None:
        of_booking = col(BookingResource.booking_id) == col(Booking.id)
        chosen = col(BookingResource.resource_id).in_(resource_ids)
        rows = rows.where(exists_in(BookingResource, of_booking, chosen))
    ordered = rows.order_by(col(Booking.starts_at), col(Booking.id)).limit(MAX_ARRIVALS)
    bookings = (await session.exec(ordered)).all()
    return ArrivalsOf(day=day, read_at=moment, bookings=bookings)
