"""Waitlists of services in tests: joined, served, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from models.bookings.bookings import Booking
from models.bookings.setting_up.resources import Resource
from models.bookings.waits import BookingWait, BookingWaitState, FreedSpan
from models.identity.accounts import User
from services.bookings.waiting.serving import serve_next
from tests.client import gid
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed

WAIT = """bookingWait {
  id state fromDay untilDay weekdays dayFrom dayUntil lapses endedAt
  service { id } staff { id } booking { id bookingState bookingSource startsAt }
}"""


def join_input(clinic: Clinic, staff: Resource | None = None, **values: Any) -> dict[str, Any]:
    """Return a wish for `visit` between 10:00 and 10:30 on the day of `clinic.at(10)`."""
    day = clinic.day().isoformat()
    given = {
        "serviceId": gid(clinic.visit),
        "fromDay": day,
        "untilDay": day,
        "dayFrom": "10:00",
        "dayUntil": "10:30",
        **keyed(),
    }
    return given | ({} if staff is None else {"staffId": gid(staff)}) | values


async def waiting(clinic: Clinic, user: User | None = None, **values: Any) -> BookingWait:
    """Return who waits for `asha` between 10:00 and 10:30 on the day of `clinic.at(10)`."""
    given = {
        "from_day": clinic.day(),
        "until_day": clinic.day(),
        "day_from": 600,
        "day_until": 630,
        "staff_id": clinic.asha.id,
    }
    user = user or await clinic.world.user()
    return await clinic.world.booking_wait(user, clinic.visit, **given | values)


async def serve(clinic: Clinic, freed: FreedSpan | None = None) -> int:
    """Serve those who wait, as the job does. Returns how many transactions it took."""
    tried = Counter[Any]()
    while True:
        async with clinic.world.database.session() as session, session.begin():
            session.info["notify_after"] = timedelta()
            wait_id = await serve_next(session, clinic.vendor.id, freed, tried)
        if wait_id is None:
            return tried.total()
        tried[wait_id] += 1


async def holds_of(clinic: Clinic, wait: BookingWait) -> Sequence[Booking]:
    """Return the bookings that were held for a wait, the oldest first."""
    rows = select(Booking).where(Booking.wait_id == wait.id).order_by(col(Booking.created_at))
    async with clinic.world.database.session() as session:
        return (await session.exec(rows)).all()


async def state_of(clinic: Clinic, wait: BookingWait) -> BookingWaitState:
    fresh: BookingWait = await clinic.world.fresh(wait)
    return fresh.state
