"""Which people bookings show."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from core.database import exists_in
from models.bookings.bookings import Booking
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef


def sees_booker(staff: StaffRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Match customers with a booking at the user's vendors."""
    here = works_at(staff, col(Booking.vendor_id), Permission.SEE_BOOKINGS)
    return exists_in(Booking, col(Booking.user_id) == person, here)


def _seen(user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    return sees_booker(staff, person)


SEEN = [_seen]
