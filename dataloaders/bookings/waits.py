"""Loaders of waits for times of services."""

from sqlalchemy import select
from sqlmodel import col, or_

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, visible
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.waits import BookingWait
from services.bookings.waiting.access import visible_waits


def _bookings(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(Booking, selected, "wait_id")
    kept = or_(col(Booking.state).in_(OCCUPYING), col(Booking.confirmed_at).is_not(None))
    rows = select(*columns).where(any_of(col(Booking.wait_id)), kept)
    return rows.order_by(col(Booking.created_at).desc(), col(Booking.id))


wait_by_id = by_id(BookingWait)
visible_wait = visible(BookingWait, visible_waits)
booking_of_wait = grouped(Booking, "wait_id", _bookings)
