"""Jobs that serve those who wait: whatever frees a time defers one, and a sweep finds the rest."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.waits import BookingWaitState
from models.notifications.inbox import NotificationKind
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, move_input
from tests.resolvers.bookings.stored import expire, kinds
from tests.resolvers.bookings.waiting import holds_of, state_of, waiting

WAITING, HOLDING = BookingWaitState.WAITING, BookingWaitState.HOLDING
Free = Callable[[Clinic, Booking, Client, Defer], Awaitable[None]]


async def cancel(clinic: Clinic, booking: Booking, api: Client, defer: Defer) -> None:
    client = api.signed_in(clinic.customer)
    assert await client.refusal_codes("cancelBooking", cancel_input(booking)) == []


async def move(clinic: Clinic, booking: Booking, api: Client, defer: Defer) -> None:
    client, input = api.signed_in(clinic.customer), move_input(booking, clinic.at(15))
    assert await client.refusal_codes("rescheduleBooking", input) == []


async def let_expire(clinic: Clinic, booking: Booking, api: Client, defer: Defer) -> None:
    booking.state = BookingState.HELD
    booking.expires_at = booking.hard_until = now()
    await clinic.world.save(booking)
    await expire(clinic.world, booking)
    await defer("end_booking_hold", booking_id=booking.id)


async def decline(clinic: Clinic, booking: Booking, api: Client, defer: Defer) -> None:
    booking.state, booking.expires_at = BookingState.REQUESTED, now() + timedelta(hours=1)
    await clinic.world.save(booking)
    client = api.signed_in(clinic.owner)
    assert await client.refusal_codes("declineBooking", {"bookingId": gid(booking)}) == []


@pytest.mark.parametrize("free", [cancel, move, let_expire, decline])
async def test_a_booking_that_gives_its_time_back_serves_those_who_wait(
    world: World, api: Client, defer: Defer, work: Work, free: Free
) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    wait = await waiting(clinic)
    await free(clinic, booking, api, defer)
    await work()
    (held,) = await holds_of(clinic, wait)
    assert (held.starts_at, held.staff_id) == (clinic.at(10), clinic.asha.id)


async def test_hours_that_open_serve_those_who_wait(world: World, api: Client, work: Work) -> None:
    clinic = await Clinic.open(world)
    block = await world.time_block(clinic.asha, clinic.at(10), clinic.at(12))
    await world.day_override(clinic.room, clinic.day(), (540, 1200))
    closure = await world.closure(clinic.vendor, clinic.day(3))
    unblocked = await waiting(clinic)
    reopened = await waiting(clinic, from_day=clinic.day(3), until_day=clinic.day(3))
    longer = await waiting(clinic, day_from=1140, day_until=1200)
    desk = api.signed_in(clinic.owner)
    for wait, name, input in (
        (unblocked, "unblockTime", {"blockId": gid(block)}),
        (reopened, "reopenDays", {"closureId": gid(closure)}),
        (
            longer,
            "setDayOverride",
            {
                "resourceId": gid(clinic.asha),
                "day": clinic.day().isoformat(),
                "spans": [{"opens": "09:00", "closes": "20:00"}],
            },
        ),
    ):
        assert await state_of(clinic, wait) is WAITING
        assert await desk.refusal_codes(name, input) == []
        await work()
        assert await state_of(clinic, wait) is HOLDING


async def test_the_sweep_serves_and_ends_what_was_lost(
    world: World, defer: Defer, work: Work
) -> None:
    clinic = await Clinic.open(world)
    wait = await waiting(clinic)
    past = clinic.day() - timedelta(days=9)
    old = await waiting(clinic, from_day=past, until_day=past)
    gone = await waiting(clinic, await world.user(is_erased=True))
    await defer("serve_booking_waitlists", timestamp=0)
    await work()
    assert await state_of(clinic, wait) is HOLDING
    for over in (old, gone):
        assert await state_of(clinic, over) is BookingWaitState.LAPSED
    assert await kinds(world) == [NotificationKind.BOOKING_WAIT_HOLD]


async def test_the_user_is_told_when_a_wait_lapses(world: World, defer: Defer, work: Work) -> None:
    clinic = await Clinic.open(world)
    wait = await waiting(clinic, lapses=1)
    await defer("serve_booking_waits", vendor_id=clinic.vendor.id)
    await work()
    (held,) = await holds_of(clinic, wait)
    next_one = await waiting(clinic)
    await expire(world, held)
    await defer("end_booking_hold", booking_id=held.id)
    await work()
    assert await state_of(clinic, wait) is BookingWaitState.LAPSED
    assert await state_of(clinic, next_one) is HOLDING
    assert NotificationKind.BOOKING_WAIT_LAPSED in await kinds(world)
