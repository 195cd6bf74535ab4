"""Reminders of vaccinations: by day where the owner lives, once for each due day."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import FIRST_ID
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.notifications.preferences import QuietHours
from services.pets import reminding
from services.pets.reminding import find_due, remind
from services.transaction import Transactions
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work


def zone_at(hour: int) -> str:
    """Return a time zone in which it is this hour now."""
    ahead = (hour - now().hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


async def owner(world: World, hour: int = 12) -> User:
    return await world.user(time_zone=zone_at(hour))


def today_of(user: User) -> date:
    assert user.time_zone
    return now().astimezone(ZoneInfo(user.time_zone)).date()


async def reminded(world: World, user: User) -> list[Notification]:
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.user_id == user.id)
        return list((await session.exec(rows)).all())


async def test_a_job_reminds_once_of_each_due_day(world: World, defer: Defer, work: Work) -> None:
    user = await owner(world)
    vaccination = await world.vaccination(await world.pet(user))
    for _ in range(2):
        await defer("remind_of_vaccinations", timestamp=0)
        await work()
    (notice,) = await reminded(world, user)
    assert (notice.kind, notice.subject_id) == (NotificationKind.VACCINATION_DUE, vaccination.id)
    changed = await world.fresh(vaccination)
    assert changed.reminded_for == changed.due_on
    changed.due_on = today_of(user) + timedelta(days=3)
    await world.save(changed)
    await defer("remind_of_vaccinations", timestamp=0)
    await work()
    assert sorted(one.up_to_sequence for one in await reminded(world, user)) == [1, 2]


async def test_reminders_wait_for_the_day_and_for_the_end_of_quiet_hours(
    world: World, transactions: Transactions
) -> None:
    moment = now()
    quiet = QuietHours(
        user_id=(by_day := await owner(world)).id,
        starts_at=time(0),
        ends_at=time(23, 59, 59),
        time_zone="UTC",
    )
    if moment.time() >= time(23, 59):
        quiet.starts_at, quiet.ends_at = time(12), time(11)
    await world.save(quiet)
    night, early, late = [await owner(world, hour) for hour in (3, 8, 20)]
    day = await owner(world, 9)
    ids = {}
    for user in (by_day, night, early, late, day):
        ids[user.id] = (await world.vaccination(await world.pet(user))).id
    async with transactions.begin() as session:
        assert (await find_due(session, FIRST_ID)).ids == [ids[day.id]]
    for id in ids.values():
        async with transactions.begin() as session:
            await remind(session, id)
    assert [len(await reminded(world, user)) for user in (by_day, night, early, late, day)] == [
        0,
        0,
        0,
        0,
        1,
    ]


async def test_reminders_are_of_what_is_due_soon(world: World, transactions: Transactions) -> None:
    user = await owner(world)
    pet, today = await world.pet(user), today_of(user)
    due = {
        days: (await world.vaccination(pet, name=f"{days}", due_on=today + timedelta(days=days))).id
        for days in (-1, 0, 14, 15)
    }
    given = {"given_on": today - timedelta(days=100), "due_on": today + timedelta(days=1)}
    await world.vaccination(pet, name="Distemper", **given)
    again = {"given_on": today - timedelta(days=10), "due_on": today + timedelta(days=300)}
    await world.vaccination(pet, name="distemper", **again)
    await world.vaccination(await world.pet(user, archived_at=now()))
    suspended = await world.user(time_zone=zone_at(12), state="SUSPENDED")
    await world.vaccination(await world.pet(suspended))
    async with transactions.begin() as session:
        found = await find_due(session, FIRST_ID)
    assert sorted(found.ids) == sorted([due[0], due[14]])
    assert found.last is None


async def test_batches_pass_those_who_wait(
    world: World, defer: Defer, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "BATCH_SIZE", 1)
    asleep, awake = await owner(world, 3), await owner(world)
    for user in (asleep, awake):
        await world.vaccination(await world.pet(user))
    await defer("remind_of_vaccinations", timestamp=0)
    await work()
    assert [len(await reminded(world, user)) for user in (asleep, awake)] == [0, 1]
