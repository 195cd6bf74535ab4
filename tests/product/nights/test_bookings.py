"""Bookings of the days on which clocks change."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from models.bookings.bookings import Booking
from models.bookings.setting_up.reminders import reminder_number
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import Service
from models.identity.accounts import User
from models.vendors import Vendor
from services.bookings.reminding import sending
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.bookings.test_reminders import planned, remind, reminders
from tests.jobs.conftest import Defer, Work
from tests.product.nights.night import KINDS, Night
from tests.resolvers.bookings.inputs import hold_input, move_input
from tests.resolvers.bookings.test_slots import DAYS, SLOTS

BOOKING = "booking { id startsAt endsAt }"
EVERY_DAY = [[weekday, 0, 1440] for weekday in range(1, 8)]


class AllDay:
    """A vendor that is always open, with one room and a service of half an hour."""

    vendor: Vendor
    room: Resource
    service: Service
    user: User

    @classmethod
    async def open(cls, world: World, night: Night, **values: Any) -> "AllDay":
        self = cls()
        self.vendor = await world.vendor(country="DE", time_zone=night.zone)
        self.room = await world.resource(self.vendor)
        await world.schedule(self.room, spans=EVERY_DAY)
        self.service = await world.service(self.vendor, self.room, horizon=365, **values)
        self.user = await world.user(email="asha@example.com", time_zone=night.zone)
        return self


async def hold(client: Client, scene: AllDay, at: datetime) -> Any:
    """Return the booking, or the code of the refusal."""
    done = await client.do("holdBooking", hold_input(scene.service, at), BOOKING)
    return done["booking"] or done["errors"][0]["code"]


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("kind", KINDS)
async def test_each_half_hour_of_the_day_is_a_slot_once(
    world: World, api: Client, kind: str
) -> None:
    night = Night.next(kind)
    scene = await AllDay.open(world, night)
    given = {"from": night.since.isoformat(), "until": night.until.isoformat()}
    found = (await api.ask(SLOTS, id=gid(scene.service), **given))["slots"]["slots"]
    assert [one["startsAt"] for one in found] == [shown(one) for one in night.half_hours()]
    # The clock shows an hour twice in autumn: `startsAt` differs.
    shown_twice = 2 if kind == "autumn" else 0
    assert len({one["localStart"] for one in found}) == 2 * night.hours - shown_twice
    day = {"from": f"{night.day}", "until": f"{night.day}"}
    (of_day,) = (await api.ask(DAYS, id=gid(scene.service), **day))["availability"]["days"]
    assert of_day["slots"] == 2 * night.hours
    assert of_day["firstStartsAt"] == shown(night.since)


async def test_both_times_of_the_hour_that_comes_twice(world: World, api: Client) -> None:
    night = Night.next("autumn")
    scene = await AllDay.open(world, night)
    times = [night.at(2, 30, fold=fold) for fold in (0, 1)]
    assert times[1] - times[0] == timedelta(hours=1)
    held = [await hold(api.signed_in(await world.user()), scene, one) for one in times]
    assert [one["startsAt"] for one in held] == [shown(one) for one in times]
    again = api.signed_in(await world.user())
    assert [await hold(again, scene, one) for one in times] == ["SLOT_TAKEN", "SLOT_TAKEN"]
    await check_invariants(world.database)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_daily_limit_counts_the_whole_day(world: World, api: Client, kind: str) -> None:
    """From its first to its last half an hour, and none of the days around it."""
    night = Night.next(kind)
    scene = await AllDay.open(world, night, per_day=2)
    last = night.until - timedelta(minutes=30)
    for at in (night.since, last):
        assert (await hold(api.signed_in(await world.user()), scene, at))["startsAt"] == shown(at)
    client = api.signed_in(await world.user())
    for at in (night.at(1, 30), night.at(3), night.at(12), night.since + timedelta(hours=22)):
        assert await hold(client, scene, at) == "SLOT_NOT_OFFERED"
    for at in (night.since - timedelta(minutes=30), night.until):
        other = api.signed_in(await world.user())
        assert (await hold(other, scene, at))["startsAt"] == shown(at)
    await check_invariants(world.database)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_move_across_the_change_keeps_the_length(
    world: World, api: Client, kind: str
) -> None:
    """A visit of two hours from 1:30 on is over at 4:30 in spring, and at 2:30 in autumn."""
    night = Night.next(kind)
    scene = await AllDay.open(world, night, duration=120)
    booking = await world.booking(scene.user, scene.service, night.at(12), scene.room)
    client = api.signed_in(scene.user)
    for at in (night.at(1, 30), night.at(4)):
        moved = move_input(await world.fresh(booking), at)
        done = await client.do("rescheduleBooking", moved, BOOKING)
        assert done["errors"] == []
        assert done["booking"]["startsAt"] == shown(at)
        assert done["booking"]["endsAt"] == shown(at + timedelta(hours=2))
    across: Booking = await world.fresh(booking)
    assert (across.local_start.hour, across.fold) == (4, 0)
    before = night.at(1, 30) + timedelta(minutes=120)
    assert before == night.at(4, 30) if kind == "spring" else night.at(2, 30, fold=1)
    await check_invariants(world.database)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reminder_is_sent_once_at_the_elapsed_time_before(
    world: World,
    api: Client,
    work: Work,
    defer: Defer,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    """A day before is 24 hours before, though clocks show another time then."""
    night = Night.next(kind)
    scene = await AllDay.open(world, night)
    client, at = api.signed_in(scene.user), night.at(12)
    held = await hold(client, scene, at)
    assert await client.refusal_codes("confirmBooking", {"bookingId": held["id"]}) == []
    await work()
    assert sorted(one for _, _, one in await planned(world)) == [
        at - timedelta(hours=24),
        at - timedelta(hours=2),
    ]
    booking = await world.first(Booking)
    monkeypatch.setattr(sending, "now", lambda: at - timedelta(hours=2))
    for _ in range(2):
        await remind(defer, booking)
        await work()
    assert await reminders(world) == [reminder_number(0, 120)]
    assert now() < at
