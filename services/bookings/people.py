"""Which people bookings and waits for times show."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from core.database import exists_in
from models.bookings.bookings import Booking
from models.bookings.waits import BookingWait
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef


def _sees_booker(
    user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]
) -> ColumnElement[bool]:
    """Match customers with a booking at the user's vendors."""
    here = works_at(staff, col(Booking.vendor_id), Permission.SEE_BOOKINGS)
    return exists_in(Booking, col(Booking.user_id) == person, here)


def _sees_who_waits(
    user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]
) -> ColumnElement[bool]:
    """Match users who wait, or waited, for a time at the user's vendors."""
    here = works_at(staff, col(BookingWait.vendor_id), Permission.SEE_BOOKINGS)
    return exists_in(BookingWait, col(BookingWait.user_id) == person, here)


SEEN = [_sees_booker, _sees_who_waits]
