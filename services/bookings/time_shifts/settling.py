"""Bookings that collide or were skipped by new rules of their time zones, for their vendors."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, Ordering
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.time_shifts import BookingShift, ShiftOutcome
from models.errors import NotFound
from models.members import Permission
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

SHIFTS = Ordering("starts_at", BookingShift.starts_at, BookingShift.id, datetime.fromisoformat)


def visible_shifts(viewer: Viewer) -> SelectOfScalar[BookingShift]:
    """Select the shifts of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(BookingShift)
    own = works_at(viewer.staff, col(BookingShift.vendor_id), Permission.SEE_BOOKINGS)
    return select(BookingShift).where(own)


def list_collisions(viewer: Viewer, vendor_id: UUID) -> Listing[BookingShift]:
    """List what a vendor has to settle, the earliest start first.

    Bookings that were moved, cancelled or have ended since are settled by that.
    """
    viewer.require_user()
    as_shifted = select(Booking.id).where(
        Booking.id == BookingShift.booking_id,
        Booking.starts_at == BookingShift.starts_at,
        col(Booking.state).in_(OCCUPYING),
    )
    rows = visible_shifts(viewer).where(
        BookingShift.vendor_id == vendor_id,
        BookingShift.outcome != ShiftOutcome.MOVED,
        col(BookingShift.settled_at).is_(None),
        as_shifted.exists(),
    )
    return Listing(rows, SHIFTS)


async def settle_booking_shift(
    session: AsyncSession, viewer: Viewer, *, shift_id: UUID
) -> BookingShift:
    """Take a shift from the list: both visits can take place. It can be repeated."""
    viewer.require_user()
    rows = select(BookingShift).where(BookingShift.id == shift_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await access_vendor(session, viewer, found.vendor_id, Permission.EDIT_BOOKINGS)
    shift = (await session.exec(for_change(rows))).one()
    shift.settled_at = shift.settled_at or now()
    return shift
