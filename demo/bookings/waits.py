"""Adds users who wait for a time that they cannot have yet, so that none is held for them."""

from datetime import timedelta
from typing import Any

from demo.bookings.practices import Practice
from demo.bookings.visits import VisitPlan
from models.bookings.waits import BookingWait
from models.identity.accounts import User


def add_wait(
    practice: Practice, name: str, place: VisitPlan, user: User, *, hours: int, **values: Any
) -> None:
    """Let a user wait, since so many hours, for a service that starts at the clock of a place.

    Without a later `day_until`, the user wants that quarter of an hour alone.
    """
    service = practice.services[name]
    since = practice.dataset.now - timedelta(hours=hours)
    hour, minute = map(int, place.clock.split(":"))
    start = hour * 60 + minute
    given = {
        "vendor_id": service.vendor_id,
        "service_id": service.id,
        "from_day": place.day,
        "until_day": place.day,
        "day_from": start,
        "day_until": start + 15,
    }
    practice.dataset.booking_rows.append(
        BookingWait(
            id=practice.rng.uuid7_at(since),
            created_at=since,
            user_id=user.id,
            **{**given, **values},
        )
    )
