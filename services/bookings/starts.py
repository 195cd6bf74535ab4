"""The starts of bookings in texts."""

from models.bookings.bookings import Booking
from services.notifications.local_times import describe_time


def describe_start(booking: Booking, own_zone: str | None, locale: str) -> str:
    """Return the start at the place, and in the reader's zone if that differs."""
    return describe_time(
        booking.local_start,
        booking.starts_at,
        booking.time_zone,
        own_zone=own_zone,
        locale=locale,
    )
