"""Files that many want to announce, finish, send and attach at once."""

import asyncio
from collections import Counter

import pytest

from core.database import Database
from models.errors import Refusal
from models.identity.accounts import User
from models.uploads import MAX_OPEN_UPLOADS, UploadState
from services.uploads import ingest, uploads
from services.viewer import Viewer
from tests.factories.files import PAGE
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader, codes

AT_ONCE = 8
ROUNDS = 10
GOOD = b"Nothing but a text.".ljust(len(PAGE))


async def announced_at_once(world: World, uploader: Uploader) -> int:
    """How many files a user has who had room for one, and announced eight."""
    user = await world.user()
    for _ in range(MAX_OPEN_UPLOADS - 1):
        await world.upload(user)
    answers = await asyncio.gather(*(uploader.of(user).announce() for _ in range(AT_ONCE)))
    assert {code for answer in answers for code in codes(answer)} <= {"UPLOAD_LIMIT_REACHED"}
    return MAX_OPEN_UPLOADS - 1 + sum(not codes(answer) for answer in answers)


async def test_the_last_place_is_taken_once(world: World, uploader: Uploader) -> None:
    assert await announced_at_once(world, uploader) == MAX_OPEN_UPLOADS


async def test_the_last_place_without_the_lock(
    world: World, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "for_change", lambda rows: rows)
    most = [await announced_at_once(world, uploader) for _ in range(ROUNDS)]
    assert max(most) > MAX_OPEN_UPLOADS


async def attached_at_once(world: World, database: Database) -> int:
    """Return how many of eight concurrent attachments of one file succeed."""
    user = await world.user()
    upload = await world.upload(user, state=UploadState.READY, key="kept/1")

    async def attach() -> bool:
        try:
            async with database.session() as session, session.begin():
                await uploads.attach_upload(session, Viewer(user.id), upload_id=upload.id)
        except Refusal:
            return False
        return True

    return sum(await asyncio.gather(*(attach() for _ in range(AT_ONCE))))


async def test_a_file_is_attached_once(world: World, database: Database) -> None:
    assert [await attached_at_once(world, database) for _ in range(ROUNDS)] == [1] * ROUNDS


async def test_a_file_is_attached_without_the_lock(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "for_change", lambda rows: rows)
    assert max([await attached_at_once(world, database) for _ in range(ROUNDS)]) > 1


async def served(uploader: Uploader, user: User) -> Counter[bytes]:
    """Return what is served of files that are overwritten, half of them during inspection."""
    me, found = uploader.of(user), Counter[bytes]()
    for number in range(ROUNDS):
        announced = await me.announce(GOOD)
        await me.send(announced, GOOD)
        meanwhile = PAGE if number % 2 else GOOD
        finished, *_ = await asyncio.gather(
            me.finish(announced), me.finish(announced), me.send(announced, meanwhile)
        )
        await me.send(announced, PAGE)
        again = await me.finish(announced)
        assert again["upload"]["state"] == finished["upload"]["state"]
        if url := finished["upload"]["url"]:
            found[(await me.fetch(url)).content] += 1
    return found


async def test_the_inspected_bytes_are_served(world: World, uploader: Uploader) -> None:
    assert set(await served(uploader, await world.user())) == {GOOD}


async def test_the_inspected_bytes_without_a_key_of_their_own(
    world: World, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "stored_key", lambda id, sha256: f"incoming/{id}")
    assert PAGE in await served(uploader, await world.user())
