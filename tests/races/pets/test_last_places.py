"""A user adds pets concurrently when one more is allowed, and is reminded by two workers."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import Select
from sqlmodel import select

from models.notifications.inbox import Notification
from models.pets.pets import MAX_PETS, Pet
from services.notifications import inbox
from services.pets import access, pets, photos, reminding
from services.transaction import Transactions
from tests.client import Client
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.jobs.pets.test_reminders import owner
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.resolvers.events.inputs import keyed

CALLS = 20


def unlocked(rows: Select[tuple[object]], **_: object) -> Select[tuple[object]]:
    return rows


async def add_at_once(clients: list[Client], world: World) -> Counter[str]:
    user = await world.user()
    known = [Pet(user_id=user.id, name="Rex", species="dog") for _ in range(MAX_PETS - 1)]
    await world.save(*known)
    added = [
        clients[number % 2].signed_in(user).do("savePet", keyed(name="Mia", species="cat"))
        for number in range(CALLS)
    ]
    return tally(await at_once(added))


async def test_twenty_pets_and_no_more(world: World, clients: list[Client]) -> None:
    assert await add_at_once(clients, world) == {"OK": 1, "PET_LIMIT_REACHED": CALLS - 1}


async def test_more_than_twenty_pets_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "for_change", unlocked)
    monkeypatch.setattr(pets, "set_photo", Meeting().before(photos.set_photo))
    assert (await add_at_once([api, api], world))["OK"] > 1


async def remind_at_once(world: World) -> int:
    """Return how often two workers notified, or tried to, of one vaccination."""
    transactions = Transactions(world.database, Unheard())
    user = await owner(world)
    vaccination = await world.vaccination(await world.pet(user))

    async def remind() -> None:
        async with transactions.begin() as session:
            await reminding.remind(session, vaccination.id)

    results = await asyncio.gather(remind(), remind(), return_exceptions=True)
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.user_id == user.id)
        made = len((await session.exec(rows)).all())
    return made + sum(isinstance(one, Exception) for one in results)


async def test_two_workers_remind_once(world: World) -> None:
    assert await remind_at_once(world) == 1


async def test_two_workers_without_the_lock_try_to_remind_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses the second notification, so the job fails."""
    monkeypatch.setattr(reminding, "for_change", unlocked)
    monkeypatch.setattr(reminding, "notify", Meeting().before(inbox.notify))
    assert await remind_at_once(world) == 2
