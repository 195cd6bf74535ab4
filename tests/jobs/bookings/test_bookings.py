"""Jobs of bookings: those that expire, and those that are over."""

from datetime import timedelta

from sqlmodel import select

from core.clock import now
from core.database import for_change
from models.bookings.bookings import Booking, BookingState
from models.bookings.classes import MeetingState
from models.notifications.inbox import NotificationKind
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.stored import expire, kinds

HOUR = timedelta(hours=1)


async def test_holds_and_requests_end_when_they_expire(
    world: World, defer: Defer, work: Work
) -> None:
    clinic = await Clinic.open(world)
    held = await clinic.booking(state=BookingState.HELD)
    lost = await clinic.booking(starts_at=clinic.at(11), state=BookingState.REQUESTED)
    for booking in (held, lost):
        await expire(world, booking)
    await defer("end_booking_hold", booking_id=held.id)
    await work()
    assert (await world.fresh(held)).state is BookingState.EXPIRED
    await defer("end_overdue_bookings", timestamp=0)
    await work()
    assert (await world.fresh(lost)).state is BookingState.EXPIRED
    notices = await kinds(world)
    assert notices == [NotificationKind.BOOKING_UNANSWERED], "only who waited for an answer"
    assert await clinic.claims(clinic.asha) == []


async def test_a_booking_that_cannot_end_does_not_keep_the_others(
    world: World, defer: Defer, work: Work
) -> None:
    clinic = await Clinic.open(world)
    first = await clinic.booking(state=BookingState.HELD)
    second = await clinic.booking(starts_at=clinic.at(11), state=BookingState.HELD)
    for booking in (first, second):
        await expire(world, booking)
    async with world.database.session() as session:
        await session.exec(for_change(select(Booking).where(Booking.id == first.id)))
        await defer("end_overdue_bookings", timestamp=0)
        await work()
    assert (await world.fresh(first)).state is BookingState.HELD, "the lock was not given in time"
    assert (await world.fresh(second)).state is BookingState.EXPIRED
    await defer("end_overdue_bookings", timestamp=0)
    await work()
    assert (await world.fresh(first)).state is BookingState.EXPIRED


async def test_what_is_over_is_completed_once_nobody_closes_it(
    world: World, defer: Defer, work: Work
) -> None:
    clinic = await Clinic.open(world)
    minute = now().replace(second=0, microsecond=0)
    old = await clinic.booking(starts_at=minute - 13 * HOUR)
    recent = await clinic.booking(starts_at=minute - 2 * HOUR)
    meeting = await clinic.meeting(starts_at=minute - 20 * HOUR)
    place = await world.booking(await world.user(), clinic.yoga, meeting=meeting)
    await defer("complete_past_bookings", timestamp=0)
    await work()
    assert (await world.fresh(old)).state is BookingState.COMPLETED
    assert (await world.fresh(place)).state is BookingState.COMPLETED
    assert (await world.fresh(recent)).state is BookingState.CONFIRMED
    ended = await world.fresh(meeting)
    assert (ended.state, ended.taken) == (MeetingState.ENDED, 1)
    assert len(await clinic.claims(clinic.asha)) == 1
