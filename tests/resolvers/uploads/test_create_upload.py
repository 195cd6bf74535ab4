"""Announcing a file."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from core.media.file_types import DOCX, UploadRejectionReason
from core.sizes import MEGABYTE
from models.uploads import (
    MAX_BYTES_PER_DAY,
    MAX_HELD_BYTES,
    MAX_OPEN_UPLOADS,
    Upload,
    UploadQuota,
    UploadState,
)
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader, codes

REFUSED = {"state": UploadState.REFUSED, "rejection_reason": UploadRejectionReason.TYPE}


async def test_create_upload_gives_a_link(world: World, uploader: Uploader) -> None:
    user = await world.user()
    values: dict[str, Any] = {
        "fileName": "Café.png",
        "contentType": "image/png",
        "size": 10 * MEGABYTE,
    }
    announced = await uploader.of(user).announce(**values)
    assert announced["errors"] == []
    assert announced["method"] == "PUT"
    assert announced["headers"] == [{"name": "Content-Type", "value": "image/png"}]
    assert announced["upload"] == values | {
        "id": announced["upload"]["id"],
        "state": "PENDING",
        "url": None,
    }
    ends = datetime.fromisoformat(announced["expiresAt"])
    assert timedelta(minutes=13) < ends - now() <= timedelta(minutes=15)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": 25 * MEGABYTE + 1}, "size"),
        ({"size": 2**31 - 1}, "size"),
        ({"size": 10 * MEGABYTE + 1, "contentType": "image/png"}, "size"),
        ({"fileName": ""}, "fileName"),
        ({"fileName": "x" * 201}, "fileName"),
    ],
)
async def test_create_upload_of_a_refused_type(
    world: World, uploader: Uploader, values: dict[str, Any], field: str
) -> None:
    announced = await uploader.of(await world.user()).announce(**values)
    assert [(error["code"], error["field"]) for error in announced["errors"]] == [
        ("INVALID_INPUT", [field])
    ]
    assert announced["upload"] is announced["url"] is None


@pytest.mark.parametrize(
    ("content_type", "size"),
    [("text/csv", 25 * MEGABYTE), (DOCX, 1), ("Image/JPEG", 10 * MEGABYTE), ("", 25 * MEGABYTE)],
)
async def test_create_upload_of_accepted_types(
    world: World, uploader: Uploader, content_type: str, size: int
) -> None:
    announced = await uploader.of(await world.user()).announce(contentType=content_type, size=size)
    assert announced["errors"] == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\menu.txt", "menu.txt"),
        ("a\r\nX-Header: b.txt", "a X-Header: b.txt"),
        ("annual\u202etxt.exe", "annualtxt.exe"),
        ("cafe\u0301.txt", "café.txt"),
        ("  . ", "file"),
        ("/", "file"),
        ("\u200b", "file"),
        ("x" * 200, "x" * 200),
    ],
)
async def test_create_upload_cleans_the_name(
    world: World, uploader: Uploader, given: str, kept: str
) -> None:
    announced = await uploader.of(await world.user()).announce(fileName=given)
    assert announced["upload"]["fileName"] == kept


async def test_create_upload_with_too_many_unfinished(world: World, uploader: Uploader) -> None:
    user, other = await world.user(), await world.user()
    for _ in range(MAX_OPEN_UPLOADS - 1):
        await world.upload(user)
    await world.upload(user, freed_at=now(), **REFUSED)
    await world.upload(user, state=UploadState.READY, key="kept/1", attached_at=now())
    answers = [codes(await uploader.of(user).announce()) for _ in range(2)]
    assert answers == [[], ["UPLOAD_LIMIT_REACHED"]]
    assert codes(await uploader.of(other).announce()) == []


@pytest.mark.parametrize(
    "values", [{"expires_at": now() - timedelta(seconds=1)}, REFUSED], ids=["expired", "refused"]
)
async def test_an_upload_counts_until_its_objects_are_removed(
    world: World, uploader: Uploader, values: dict[str, Any]
) -> None:
    user = await world.user()
    uploads = [await world.upload(user, **values) for _ in range(MAX_OPEN_UPLOADS)]
    assert codes(await uploader.of(user).announce()) == ["UPLOAD_LIMIT_REACHED"]
    async with world.database.session() as session, session.begin():
        await session.delete(await session.get_one(Upload, uploads[0].id))
    assert codes(await uploader.of(user).announce()) == []


async def test_create_upload_with_too_many_bytes_held(world: World, uploader: Uploader) -> None:
    user, largest = await world.user(), 25 * MEGABYTE
    for _ in range(MAX_HELD_BYTES // largest - 1):
        await world.upload(user, size=largest)
    attached = {"state": UploadState.READY, "key": "kept/1", "attached_at": now()}
    await world.upload(user, size=largest, **attached)
    sizes = (largest, 1)
    answers = [codes(await uploader.of(user).announce(size=size)) for size in sizes]
    assert answers == [[], ["UPLOAD_LIMIT_REACHED"]]


async def test_create_upload_with_too_many_bytes_in_a_day(world: World, uploader: Uploader) -> None:
    user, other = await world.user(), await world.user()
    yesterday = now().date() - timedelta(days=1)
    await world.save(UploadQuota(user_id=user.id, day=now().date(), bytes=MAX_BYTES_PER_DAY - 2))
    await world.save(UploadQuota(user_id=other.id, day=yesterday, bytes=MAX_BYTES_PER_DAY))
    me = uploader.of(user)
    answers = [codes(await me.announce(size=size)) for size in (3, 1, 1, 1)]
    assert answers == [["DAILY_UPLOAD_LIMIT_REACHED"], [], [], ["DAILY_UPLOAD_LIMIT_REACHED"]]
    assert codes(await uploader.of(other).announce(size=1)) == []
    async with world.database.session() as session:
        assert (await session.get_one(UploadQuota, other.id)).bytes == 1


async def test_a_clock_that_is_behind_does_not_reset_the_day(
    world: World, uploader: Uploader
) -> None:
    user, tomorrow = await world.user(), now().date() + timedelta(days=1)
    await world.save(UploadQuota(user_id=user.id, day=tomorrow, bytes=MAX_BYTES_PER_DAY))
    assert codes(await uploader.of(user).announce()) == ["DAILY_UPLOAD_LIMIT_REACHED"]


async def test_create_upload_as_anonymous(world: World, uploader: Uploader) -> None:
    given = {"fileName": "a.txt", "contentType": "text/plain", "size": 1}
    assert await uploader.client.mutation_failed("createUpload", given) == ["UNAUTHENTICATED"]
