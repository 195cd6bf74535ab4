"""Loaders of bookings and their moves, and of the meetings of classes."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, visible
from models.bookings.bookings import Booking, BookingMove
from models.bookings.classes import ClassMeeting
from services.bookings.holding.access import visible_bookings, visible_meetings


def _moves(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(BookingMove, selected, "booking_id")
    rows = select(*columns).where(any_of(col(BookingMove.booking_id)))
    return rows.order_by(col(BookingMove.booking_id), col(BookingMove.revision))


booking_by_id = by_id(Booking)
visible_booking = visible(Booking, visible_bookings)
visible_meeting = visible(ClassMeeting, visible_meetings)
moves_of_booking = grouped(BookingMove, "booking_id", _moves)
