"""Customers without an account, whom the vendor booked for: sealed values of their bookings."""

from typing import Literal

from core.security.sealed import Sealer
from models.bookings.bookings import Booking
from models.sealed_columns import sealed_name

GuestColumn = Literal["guest_name", "guest_email", "guest_phone"]


def open_guest(sealer: Sealer, booking: Booking, column: GuestColumn) -> str | None:
    """Return what is known of a guest, None if nothing is."""
    value: bytes | None = getattr(booking, column)
    if value is None:
        return None
    return sealer.open(sealed_name(booking, column), booking.id, value).decode()
