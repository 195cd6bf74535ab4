"""Times of bookings in messages: at the place, and in the user's zone if that differs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from models.bookings.bookings import Booking


def own_time(booking: Booking, zone: str | None) -> datetime | None:
    """Return the wall time of the start in the user's zone, None if it is that of the place."""
    if zone is None:
        return None
    there = booking.starts_at.astimezone(ZoneInfo(booking.time_zone))
    own = booking.starts_at.astimezone(ZoneInfo(zone))
    return None if own.utcoffset() == there.utcoffset() else own


def show_time(moment: datetime) -> str:
    """Return a wall time such as 2026-12-24 09:30."""
    return moment.replace(tzinfo=None).isoformat(" ", "minutes")
