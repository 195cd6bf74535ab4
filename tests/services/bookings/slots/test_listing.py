"""Slots in lists: the same that holds accept, for every caller's zone, by two statements."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from core.wall import wall
from models.bookings.bookings import BookingState
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import Service, ServiceState
from services.bookings.slots import listing
from services.bookings.slots.consecutive import list_consecutive
from services.bookings.slots.listing import DaySlots, Slot, WantedSlots, count_slots, list_slots
from tests.factories.bookings import ZONE
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

ANYBODY = WantedSlots()
MIDNIGHTS = timedelta(hours=12)


@pytest.fixture
async def clinic(world: World) -> Clinic:
    return await Clinic.open(world)


async def slots(
    clinic: Clinic, service: Service, wanted: WantedSlots = ANYBODY, days: int = 1
) -> list[Slot]:
    """Return the slots from the start of the clinic's second workday."""
    first = clinic.at(0)
    async with clinic.world.database.session() as session:
        return await list_slots(session, service, first, first + timedelta(days=days), wanted)


async def counted(clinic: Clinic, zone: str, days: int = 0, **wanted: Any) -> list[DaySlots]:
    day = clinic.day()
    async with clinic.world.database.session() as session:
        return await count_slots(
            session, clinic.visit, day, day + timedelta(days=days), zone, WantedSlots(**wanted)
        )


def by_start(found: list[Slot]) -> dict[datetime, Slot]:
    return {slot.starts_at: slot for slot in found}


async def test_slots_have_their_staff_and_how_many_visits_are_left(world: World) -> None:
    clinic = await Clinic.open(world)
    third = await world.working(clinic.vendor, name="Third")
    await world.service_resource(clinic.visit, third, price=450_00)
    big = await world.working(clinic.vendor, ResourceKind.ROOM, lanes=3)
    await world.service_resource(clinic.visit, big)
    await clinic.booking(state=BookingState.HELD)
    found = by_start(await slots(clinic, clinic.visit))
    assert list(found) == [clinic.at(9) + timedelta(minutes=30 * n) for n in range(18)]
    held, other = found[clinic.at(10)], found[clinic.at(11)]
    assert (held.left, set(held.staff_ids)) == (2, {clinic.ravi.id, third.id})
    assert (other.left, len(other.staff_ids), other.price) == (3, 3, 450_00)
    assert held.ends_at == clinic.at(10, 30)
    assert held.local_start == datetime.combine(clinic.day(), time(10))


async def test_rooms_limit_how_many_visits_are_left(clinic: Clinic) -> None:
    await clinic.booking()  # one of the room's two lanes
    found = by_start(await slots(clinic, clinic.visit))
    assert (found[clinic.at(10)].left, found[clinic.at(10, 30)].left) == (1, 2)


async def test_slots_of_chosen_staff_are_theirs_alone(clinic: Clinic) -> None:
    await clinic.booking()
    found = await slots(clinic, clinic.visit, WantedSlots(staff_ids=[clinic.asha.id]))
    assert clinic.at(10) not in by_start(found)
    assert {tuple(slot.staff_ids) for slot in found} == {(clinic.asha.id,)}
    assert await slots(clinic, clinic.visit, WantedSlots(staff_ids=[clinic.room.id])) == []


async def test_a_service_that_is_paused_has_no_slots(clinic: Clinic) -> None:
    clinic.visit.state = ServiceState.PAUSED
    assert await slots(clinic, clinic.visit) == []
    days = await counted(clinic, clinic.vendor.time_zone)
    assert [(one.is_open, one.count, one.first_starts_at) for one in days] == [(False, 0, None)]


async def test_days_are_counted_as_they_are_listed(clinic: Clinic) -> None:
    await clinic.booking(starts_at=clinic.at(9))
    await clinic.booking(starts_at=clinic.at(9), staff=clinic.ravi, lane=1)
    zone = clinic.vendor.time_zone
    first, *others = await counted(clinic, zone, days=6)
    assert (first.day, first.is_open, first.count) == (clinic.day(), True, 17)
    assert first.first_starts_at == clinic.at(9, 30)
    sunday = next(one for one in others if one.day.isoweekday() == 7)
    assert (sunday.is_open, sunday.count, sunday.first_starts_at) == (False, 0, None)


async def test_a_day_that_is_fully_booked_is_open_and_has_no_slots(clinic: Clinic) -> None:
    for staff in (clinic.asha, clinic.ravi):
        await clinic.world.time_block(staff, clinic.at(9), clinic.at(18))
    day = (await counted(clinic, clinic.vendor.time_zone))[0]
    assert (day.is_open, day.count) == (True, 0)


async def test_more_notice_removes_the_starts_before_its_end_and_no_others(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clinic.at(11) - timedelta(days=2, seconds=1)
    monkeypatch.setattr(listing, "now", lambda: moment)
    before = by_start(await slots(clinic, clinic.visit, days=5)).keys()
    for notice in (0, 60, 2 * 24 * 60 - 1, 2 * 24 * 60, 3 * 24 * 60 + 77, 4 * 24 * 60):
        clinic.visit.notice = notice
        found = by_start(await slots(clinic, clinic.visit, days=5)).keys()
        end = moment + timedelta(minutes=notice)
        assert found == {start for start in before if start >= end}


# One zone of each offset from UTC that is far from others, also by less than an hour.
VIEWERS = [
    "Pacific/Pago_Pago",
    "America/New_York",
    "America/St_Johns",
    "UTC",
    "Africa/Cairo",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]


@pytest.mark.parametrize("zone", VIEWERS)
async def test_the_zone_of_the_caller_changes_days_but_no_slots(clinic: Clinic, zone: str) -> None:
    """A day with other hours, and one that is closed, are those of the clinic."""
    for resource in (clinic.asha, clinic.ravi, clinic.room):
        await clinic.world.day_override(resource, clinic.day(4), (20 * 60, 23 * 60))
    await clinic.world.closure(clinic.vendor, clinic.day(5))
    days = await counted(clinic, zone, days=7)
    expected: dict[Any, list[datetime]] = {day.day: [] for day in days}
    for slot in await slots(clinic, clinic.visit, days=10):
        expected.setdefault(wall(slot.starts_at, zone).date(), []).append(slot.starts_at)
    for day in days[1:]:
        starts = expected[day.day]
        assert (day.count, day.first_starts_at) == (len(starts), min(starts, default=None))
    here = {wall(start, ZONE).date() for starts in expected.values() for start in starts}
    assert clinic.day(4) in here
    assert clinic.day(5) not in here


async def test_buffers_of_two_visits_stack_and_leave_no_more_between_them(world: World) -> None:
    clinic = await Clinic.open(world, buffer_before=10, buffer_after=5, step=5)
    await clinic.booking()
    found = await slots(clinic, clinic.visit, WantedSlots(staff_ids=[clinic.asha.id]))
    starts = [slot.starts_at for slot in found]
    before = [start for start in starts if start < clinic.at(10)]
    after = [start for start in starts if start > clinic.at(10)]
    assert (before[-1], after[0]) == (clinic.at(9, 15), clinic.at(10, 45))


async def test_meetings_with_seats_left_are_slots(clinic: Clinic) -> None:
    meeting = await clinic.meeting(taken=3)
    full = await clinic.meeting(clinic.at(12), taken=5)
    odd = await clinic.meeting(clinic.at(14, 15))
    found = by_start(await slots(clinic, clinic.yoga))
    assert (found[meeting.starts_at].meeting_id, found[meeting.starts_at].left) == (meeting.id, 2)
    assert (found[odd.starts_at].meeting_id, found[odd.starts_at].left) == (odd.id, 5)
    assert full.starts_at not in found
    assert clinic.at(14) not in found  # would overlap the one at 14:15
    assert (found[clinic.at(16)].meeting_id, found[clinic.at(16)].left) == (None, 5)
    assert meeting.starts_at not in by_start(
        await slots(clinic, clinic.yoga, WantedSlots(visits=3))
    )


async def test_visits_of_two_services_come_one_after_another(world: World) -> None:
    clinic = await Clinic.open(world, duration=40, buffer_after=10)
    groom = await world.service(
        clinic.vendor, clinic.asha, name={"en": "Groom"}, duration=60, step=15, buffer_before=5
    )
    await clinic.booking(starts_at=clinic.at(9), staff=clinic.asha)
    first = clinic.at(0)
    async with world.database.session() as session:
        found = await list_consecutive(
            session, [clinic.visit, groom], first, first + timedelta(days=1), ANYBODY
        )
    starts = [[slot.starts_at for slot in one.slots] for one in found]
    # From 9:00, 40 minutes with the other doctor and buffers of 15: the next slot is at 10:00.
    assert starts[0] == [clinic.at(9), clinic.at(10)]
    assert starts[-1] == [clinic.at(16), clinic.at(17)]
    assert all(late - early >= timedelta(minutes=55) for early, late in starts)
    assert (found[0].starts_at, found[0].ends_at) == (clinic.at(9), clinic.at(11))
