"""Bookings in the way of a blocked time or a closure, which keep their times."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlmodel import col, or_
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.keyset import Listing, Ordering
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.claims import Claim, TimeBlock
from services.bookings.holding.access import visible_bookings
from services.bookings.setting_up.covering import overlapping
from services.viewer import Viewer

BOOKINGS = Ordering("starts_at", Booking.starts_at, Booking.id, datetime.fromisoformat)
DAY = timedelta(days=1)


def _occupying(viewer: Viewer) -> SelectOfScalar[Booking]:
    return visible_bookings(viewer).where(col(Booking.state).in_(OCCUPYING))


def list_in_block(viewer: Viewer, block: TimeBlock) -> Listing[Booking]:
    """List the bookings that have claims of the resource in a block, also by their classes."""
    claimed = exists_in(
        Claim,
        *overlapping(block.resource_id, (block.starts_at, block.ends_at)),
        or_(
            col(Claim.booking_id) == col(Booking.id),
            col(Claim.meeting_id) == col(Booking.meeting_id),
        ),
    )
    return Listing(_occupying(viewer).where(claimed), BOOKINGS)


def list_in_closure(
    viewer: Viewer, vendor_id: UUID, from_day: date, until_day: date
) -> Listing[Booking]:
    """List the bookings whose local start is on one of the days."""
    first = datetime.combine(from_day, time.min)
    end = datetime.combine(until_day, time.min) + DAY
    rows = _occupying(viewer).where(
        Booking.vendor_id == vendor_id,
        col(Booking.local_start) >= first,
        col(Booking.local_start) < end,
        # Wider than any zone's offset, for the index.
        col(Booking.starts_at) > (first - DAY).replace(tzinfo=UTC),
        col(Booking.starts_at) < (end + DAY).replace(tzinfo=UTC),
    )
    return Listing(rows, BOOKINGS)
