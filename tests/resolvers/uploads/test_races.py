"""Files that many want to announce, finish, send and attach at once."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from core.sizes import MEGABYTE
from gateways.storage.base import ObjectStorage
from models.errors import Refusal
from models.identity.accounts import User
from models.uploads import (
    MAX_BYTES_PER_DAY,
    MAX_HELD_BYTES,
    MAX_OPEN_UPLOADS,
    DailyUploadLimitReached,
    UploadDraft,
    UploadPurpose,
    UploadQuota,
    UploadState,
    incoming_key,
)
from services.uploads import ingest, quotas, uploads
from services.viewer import Viewer
from tests.factories.files import PAGE
from tests.factories.world import World
from tests.races.meeting import Meeting
from tests.resolvers.uploads.uploader import Uploader, codes, row_id

AT_ONCE = 8
LARGEST = 25 * MEGABYTE
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
    async def unlocked(*_: object) -> None:
        """Count the uploads without the quota's lock."""

    monkeypatch.setattr(quotas, "_reserve_of_day", unlocked)
    meet_after_counting(monkeypatch)
    assert await announced_at_once(world, uploader) > MAX_OPEN_UPLOADS


def meet_after_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the first two callers find space before either has taken it."""
    monkeypatch.setattr(uploads, "reserve_space", Meeting().after(quotas.reserve_space))


async def reserved_at_once(world: World, *, held: int = 0, announced: int = 0) -> int:
    """Return how many bytes a user with space for one more file reserves with eight requests."""
    user = await world.user()
    for _ in range(held // LARGEST):
        await world.upload(user, size=LARGEST)
    if announced:
        await world.save(UploadQuota(user_id=user.id, day=now().date(), bytes=announced))

    async def reserve() -> int:
        draft = UploadDraft(file_name="a.pdf", content_type="application/pdf", size=LARGEST)
        try:
            async with world.database.session() as session, session.begin():
                await uploads.create_upload(
                    session, Viewer(user.id), purpose=UploadPurpose.CHAT, given=draft
                )
        except Refusal:
            return 0
        return LARGEST

    return sum(await asyncio.gather(*(reserve() for _ in range(AT_ONCE))))


HELD = {"held": MAX_HELD_BYTES - LARGEST}
ANNOUNCED = {"announced": MAX_BYTES_PER_DAY - LARGEST}


@pytest.mark.parametrize("before", [HELD, ANNOUNCED], ids=["held", "of the day"])
async def test_the_last_bytes_are_reserved_once(world: World, before: dict[str, int]) -> None:
    assert [await reserved_at_once(world, **before) for _ in range(ROUNDS)] == [LARGEST] * ROUNDS


async def test_the_last_bytes_without_the_lock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(*_: object) -> None:
        """Count the held bytes without the quota's lock."""

    monkeypatch.setattr(quotas, "_reserve_of_day", unlocked)
    meet_after_counting(monkeypatch)
    assert await reserved_at_once(world, **HELD) > LARGEST


async def test_the_last_bytes_of_the_day_without_the_guard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that decides before it writes; even the constraint is gone."""
    meeting = Meeting()

    async def decide_first(session: AsyncSession, user_id: UUID, size: int) -> None:
        row = await session.get_one(UploadQuota, user_id)
        await meeting.arrive()
        if row.bytes + size > MAX_BYTES_PER_DAY:
            raise DailyUploadLimitReached(most=0)
        row.bytes += size

    monkeypatch.setattr(quotas, "_reserve_of_day", decide_first)
    assert await reserved_at_once(world, **ANNOUNCED) > LARGEST


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
    monkeypatch.setattr(uploads, "access_upload", Meeting().after(uploads.access_upload))
    assert await attached_at_once(world, database) > 1


async def served(uploader: Uploader, user: User, objects: ObjectStorage) -> Counter[bytes]:
    """Return what is served of files that are overwritten, half of them during inspection."""
    me, found = uploader.of(user), Counter[bytes]()
    for number in range(ROUNDS):
        announced = await me.announce(GOOD)
        await me.send(announced, GOOD)
        incoming = incoming_key(row_id(announced))
        meanwhile = PAGE if number % 2 else GOOD
        finished, *_ = await asyncio.gather(
            me.finish(announced),
            me.finish(announced),
            objects.write(incoming, meanwhile, "text/plain"),
        )
        await objects.write(incoming, PAGE, "text/plain")
        again = await me.finish(announced)
        assert again["upload"]["state"] == finished["upload"]["state"]
        if url := finished["upload"]["url"]:
            found[(await me.fetch(url)).content] += 1
    return found


async def test_the_inspected_bytes_are_served(
    world: World, uploader: Uploader, objects: ObjectStorage
) -> None:
    assert set(await served(uploader, await world.user(), objects)) == {GOOD}


async def test_the_inspected_bytes_without_a_key_of_their_own(
    world: World, uploader: Uploader, objects: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "stored_key", lambda id, sha256, **_: f"incoming/{id}")
    assert PAGE in await served(uploader, await world.user(), objects)
