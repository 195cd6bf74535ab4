"""The instants of bookings, derived again from the wall times that were promised."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.wall import instant
from models.bookings.bookings import Booking


@dataclass(frozen=True)
class DerivedStart:
    """The instant of a booking's wall time by the rules of now.

    One that clocks skip begins when they have gone forward, by as much later as they skip.
    """

    starts_at: datetime
    skipped: bool


def derive_start(booking: Booking) -> DerivedStart:
    local = booking.local_start.replace(fold=booking.fold)
    moment = instant(local, booking.time_zone)
    if moment is not None:
        return DerivedStart(moment, skipped=False)
    zone = ZoneInfo(booking.time_zone)
    return DerivedStart(local.replace(tzinfo=zone, fold=0).astimezone(UTC), skipped=True)


def shift_of(booking: Booking) -> timedelta:
    """Return by how much a booking has to move to keep its wall time."""
    return derive_start(booking).starts_at - booking.starts_at
