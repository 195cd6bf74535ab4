"""Times that become free: the users they are held for, and the length of the hold."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.clock import now
from core.database import Database
from core.ids import new_id
from models.bookings.bookings import BookingState
from models.bookings.waits import BookingWaitState, FreedSpan, wait_hold_end
from models.identity.accounts import UserState
from models.notifications.preferences import QuietHours
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.bookings.waiting import holds_of, serve, state_of, waiting

WAITING, HOLDING = BookingWaitState.WAITING, BookingWaitState.HOLDING


async def test_the_oldest_who_can_be_served_comes_first(world: World, database: Database) -> None:
    """Others are left out: away, asleep, of another window or staff, or with too many bookings."""
    clinic = await Clinic.open(world, per_user_open=1)
    away = await world.user(state=UserState.SUSPENDED)
    asleep, busy = await world.user(), await world.user()
    clock = now().time()
    quiet = QuietHours(
        user_id=asleep.id,
        starts_at=clock,
        ends_at=(now() + timedelta(hours=6)).time(),
        time_zone="UTC",
    )
    await world.save(quiet)
    await clinic.booking(busy, clinic.at(16))
    passed = [
        await waiting(clinic, away),
        await waiting(clinic, asleep),
        await waiting(clinic, weekdays=127 & ~(1 << clinic.day().weekday())),
        await waiting(clinic, day_from=615),
        await waiting(clinic, from_day=clinic.day(3), until_day=clinic.day(3), day_until=601),
        await waiting(clinic, busy),
    ]
    await clinic.booking(starts_at=clinic.at(10, ahead=3))
    oldest, younger = await waiting(clinic), await waiting(clinic)
    await serve(clinic)
    assert {await state_of(clinic, wait) for wait in passed} == {WAITING}
    assert await state_of(clinic, oldest) is HOLDING
    assert await state_of(clinic, younger) is WAITING
    (held,) = await holds_of(clinic, oldest)
    assert (held.starts_at, held.state) == (clinic.at(10), BookingState.HELD)
    await check_invariants(database)


async def test_starts_are_looked_for_where_a_time_was_freed(world: World) -> None:
    clinic = await Clinic.open(world)
    wait = await waiting(clinic)
    far, near = clinic.at(10, ahead=8), clinic.at(12)
    assert await serve(clinic, FreedSpan(far, far + timedelta(hours=1))) == 0
    assert await serve(clinic, FreedSpan(near, near + timedelta(hours=1))) == 1
    assert await state_of(clinic, wait) is HOLDING


async def test_times_are_held_until_none_is_left(world: World, database: Database) -> None:
    clinic = await Clinic.open(world)
    waits = [await waiting(clinic, staff_id=None) for _ in range(4)]
    assert await serve(clinic) == 2, "one of each staff"
    assert [await state_of(clinic, wait) for wait in waits] == [HOLDING] * 2 + [WAITING] * 2
    await check_invariants(database)


async def test_a_seat_of_a_class_is_held(world: World, api: Client, database: Database) -> None:
    clinic = await Clinic.open(world)
    meeting = await clinic.meeting(seats=1)
    taken = await world.booking(clinic.customer, clinic.yoga, meeting=meeting)
    wait = await world.booking_wait(
        await world.user(),
        clinic.yoga,
        from_day=clinic.day(),
        until_day=clinic.day(),
        day_from=600,
        day_until=630,
    )
    await clinic.booking(starts_at=clinic.at(11))
    assert await serve(clinic) == 0
    client = api.signed_in(clinic.customer)
    await client.do("cancelBooking", {"bookingId": gid(taken), **keyed()})
    assert await serve(clinic) == 1
    (held,) = await holds_of(clinic, wait)
    assert held.meeting_id is not None
    await check_invariants(database)


async def test_a_wait_for_a_pet_that_is_gone_lets_others_pass(world: World) -> None:
    clinic = await Clinic.open(world, needs_pet=True)
    users = [await world.user(), await world.user()]
    gone = await world.pet(users[0], archived_at=now())
    pet = await world.pet(users[1])
    first = await waiting(clinic, users[0], pet_id=gone.id)
    second = await waiting(clinic, users[1], pet_id=pet.id)
    await serve(clinic)
    assert (await state_of(clinic, first), await state_of(clinic, second)) == (WAITING, HOLDING)
    (held,) = await holds_of(clinic, second)
    assert held.pet_id == pet.id


async def test_what_needs_an_answer_or_money_is_booked_by_it(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_approval=True)
    wait = await waiting(clinic, clinic.customer)
    await serve(clinic)
    (held,) = await holds_of(clinic, wait)
    await api.signed_in(clinic.customer).do("confirmBooking", {"bookingId": gid(held)})
    assert await state_of(clinic, wait) is HOLDING, "the vendor has to answer"
    desk = api.signed_in(clinic.owner)
    await desk.do("declineBooking", {"bookingId": gid(held)})
    fresh = await world.fresh(wait)
    assert (fresh.state, fresh.lapses) == (WAITING, 0)
    assert await serve(clinic) == 0, "the vendor does not want it at this time"


@pytest.mark.parametrize(
    ("ahead", "quiet", "minutes"),
    [
        (timedelta(days=3), None, 120),
        (timedelta(hours=5), None, 30),
        (timedelta(minutes=29), None, None),
        (timedelta(minutes=30), None, 30),
        (timedelta(days=3), (time(11), time(14)), None),
        (timedelta(days=3), (time(13), time(7)), None),
        (timedelta(days=3), (time(15), time(7)), 120),
    ],
)
def test_wait_hold_end(
    ahead: timedelta, quiet: tuple[time, time] | None, minutes: int | None
) -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    hours = quiet and QuietHours(
        user_id=new_id(), starts_at=quiet[0], ends_at=quiet[1], time_zone="UTC"
    )
    until = wait_hold_end(noon, noon + ahead, ZoneInfo("UTC"), hours or None)
    assert until == (None if minutes is None else noon + timedelta(minutes=minutes))
