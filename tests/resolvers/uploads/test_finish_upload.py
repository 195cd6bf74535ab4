"""A file that was sent is judged, once."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from gateways.storage.base import ObjectStorage
from models.uploads import Upload, UploadState, incoming_key
from tests.client import gid, unknown
from tests.factories.files import PAGE, TAKEN, TEXT, office, picture
from tests.factories.metadata_files import FILES as METADATA_FILES
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader, codes, row_id

WAITING = "SELECT scheduled_at FROM procrastinate_jobs WHERE args->>'upload_id' = :id"


@pytest.mark.parametrize("type", TAKEN)
async def test_finish_upload_makes_it_ready(world: World, uploader: Uploader, type: str) -> None:
    me, file = uploader.of(await world.user()), TAKEN[type]
    finished = await me.upload(file, contentType=type)
    assert finished["errors"] == []
    upload = finished["upload"]
    assert (upload["state"], upload["contentType"], upload["rejectionReason"]) == (
        "READY",
        type,
        None,
    )
    assert (upload["width"], upload["height"]) == ((40, 30) if "image" in type else (None, None))
    answer = await me.fetch(upload["url"])
    assert (answer.status_code, answer.content) == (200, file)
    assert answer.headers["content-type"] == type + ("; charset=utf-8" if file == TEXT else "")
    how = "inline;" if "image" in type else "attachment;"
    assert answer.headers["content-disposition"].startswith(how)


@pytest.mark.parametrize("name", METADATA_FILES)
async def test_finish_upload_removes_metadata_of_images(
    world: World, uploader: Uploader, name: str
) -> None:
    me, (type, file) = uploader.of(await world.user()), METADATA_FILES[name]
    upload = (await me.upload(file, contentType=type))["upload"]
    served = (await me.fetch(upload["url"])).content
    assert b"CANARY" not in served
    assert upload["size"] == len(served) < len(file)


@pytest.mark.parametrize("file", [PAGE, TEXT], ids=["refused", "accepted"])
async def test_finish_upload_removes_what_was_received(
    world: World, uploader: Uploader, objects: ObjectStorage, file: bytes
) -> None:
    me = uploader.of(await world.user())
    announced = await me.announce(file)
    assert (await me.send(announced, file)).status_code == 200
    assert (await me.finish(announced))["upload"]["state"] != "PENDING"
    assert await objects.read(incoming_key(row_id(announced)), 1) is None


async def test_a_job_removes_what_a_cancelled_finish_upload_leaves(
    world: World, uploader: Uploader, objects: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancelled(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    me = uploader.of(await world.user())
    announced = await me.announce(PAGE)
    await me.send(announced, PAGE)
    monkeypatch.setattr(type(objects), "remove", cancelled)
    with contextlib.suppress(asyncio.CancelledError):
        await me.finish(announced)
    async with world.database.session() as session:
        row = await session.get_one(Upload, row_id(announced))
        jobs = await session.scalars(text(WAITING), {"id": str(row.id)})
    assert (row.state, row.freed_at) == (UploadState.REFUSED, None)
    assert None in jobs.all()  # due at once


@pytest.mark.parametrize(
    ("name", "file", "served"),
    [
        ("run.bat", TEXT, "run.bat.txt"),
        ("page.html", TEXT, "page.html.txt"),
        ("prices.CSV", TEXT, "prices.CSV"),
        ("photo.jpg", picture("PNG"), "photo.jpg.png"),
        ("photo", picture("JPEG"), "photo.jpg"),
        ("x" * 200, office(), "x" * 195 + ".docx"),
    ],
    ids=["a program", "a page", "a table", "another picture", "no ending", "a long name"],
)
async def test_finish_upload_gives_the_name_its_ending(
    world: World, uploader: Uploader, name: str, file: bytes, served: str
) -> None:
    me = uploader.of(await world.user())
    finished = await me.upload(file, fileName=name)
    assert finished["upload"]["fileName"] == served
    answer = await me.fetch(finished["upload"]["url"])
    assert answer.headers["content-disposition"].endswith(f"''{served}")


@pytest.mark.parametrize(
    ("file", "rejection_reason"),
    [
        (PAGE, "TYPE"),
        (picture() + PAGE, "AMBIGUOUS"),
        (picture()[:40], "DAMAGED"),
    ],
    ids=["a page", "a picture and a page", "half a picture"],
)
async def test_finish_upload_with_content_of_another_type(
    world: World, uploader: Uploader, used_up: int, file: bytes, rejection_reason: str
) -> None:
    me = uploader.of(await world.user())
    announced = await me.announce(file, fileName="photo.png", contentType="image/png")
    assert (await me.send(announced, file)).status_code == 200
    first, again = await me.finish(announced), await me.finish(announced)
    assert first == again
    assert codes(first) == ["UPLOAD_REFUSED"]
    assert (first["upload"]["state"], first["upload"]["rejectionReason"]) == (
        "REFUSED",
        rejection_reason,
    )
    assert first["upload"]["url"] is None
    assert (await me.send(announced, file)).status_code == used_up
    assert codes(await me.finish(announced)) == ["UPLOAD_REFUSED"]


async def test_finish_upload_of_a_picture_that_is_too_large_for_one(
    world: World, uploader: Uploader
) -> None:
    me = uploader.of(await world.user())
    file = picture("JPEG").ljust(10 * 1024 * 1024 + 1, b"\0")
    finished = await me.upload(file, contentType="application/pdf")
    assert (codes(finished), finished["upload"]["rejectionReason"]) == (
        ["UPLOAD_REFUSED"],
        "TOO_LARGE",
    )


async def test_finish_upload_of_more_than_was_announced(world: World, uploader: Uploader) -> None:
    """As by a store that does not look at the length."""
    me = uploader.of(await world.user())
    announced = await me.announce(TEXT)
    assert (await me.send(announced, TEXT)).status_code == 200
    async with world.database.session() as session, session.begin():
        row = await session.get_one(Upload, row_id(announced))
        row.size -= 1
    finished = await me.finish(announced)
    assert (codes(finished), finished["upload"]["rejectionReason"]) == (["UPLOAD_REFUSED"], "SIZE")


async def test_finish_upload_before_it_is_sent(world: World, uploader: Uploader) -> None:
    me = uploader.of(await world.user())
    announced = await me.announce(TEXT)
    assert codes(await me.finish(announced)) == ["UPLOAD_NOT_RECEIVED"]
    assert (await me.send(announced, TEXT)).status_code == 200
    assert codes(await me.finish(announced)) == []


async def test_finish_upload_twice_is_finishing_once(world: World, uploader: Uploader) -> None:
    me = uploader.of(await world.user())
    announced = await me.announce(TEXT)
    await me.send(announced, TEXT)
    first = await me.finish(announced)
    rest = ("id", "state", "fileName", "contentType", "size")
    again = await me.finish(announced)
    assert [again["upload"][name] for name in rest] == [first["upload"][name] for name in rest]
    assert again["errors"] == []


async def test_bytes_sent_after_finishing_are_never_served(
    world: World, uploader: Uploader, used_up: int
) -> None:
    me = uploader.of(await world.user())
    good, bad = b"What was judged.", b"<script>1</script>"[:16]
    announced = await me.announce(good)
    await me.send(announced, good)
    finished = await me.finish(announced)
    assert (await me.send(announced, bad)).status_code == used_up
    for url in (finished["upload"]["url"], (await me.finish(announced))["upload"]["url"]):
        assert (await me.fetch(url)).content == good


async def test_finish_upload_of_another_user(world: World, uploader: Uploader) -> None:
    me = uploader.of(await world.user())
    announced = await me.announce(TEXT)
    await me.send(announced, TEXT)
    given = {"uploadId": announced["upload"]["id"]}
    for other in (await world.user(), await world.admin()):
        assert codes(await uploader.of(other).finish(announced)) == ["NOT_FOUND"]
        assert await uploader.of(other).see(given["uploadId"]) is None
    assert await uploader.client.mutation_failed("finishUpload", given) == ["UNAUTHENTICATED"]
    assert await uploader.see(given["uploadId"]) is None
    seen = await me.see(given["uploadId"])
    assert seen is not None
    assert seen["state"] == "PENDING"


async def test_finish_upload_without_a_file(world: World, uploader: Uploader) -> None:
    me = uploader.of(await world.user())
    client = me.client
    assert await client.refusal_codes("finishUpload", {"uploadId": unknown("Upload")}) == [
        "NOT_FOUND"
    ]
    offer = {"uploadId": unknown("Offer")}
    assert await client.mutation_failed("finishUpload", offer) == ["BAD_USER_INPUT"]


async def test_finish_upload_after_it_expired(world: World, uploader: Uploader) -> None:
    user = await world.user()
    late = await world.upload(user, expires_at=now() - timedelta(seconds=1))
    refused = await uploader.of(user).client.refusal_codes("finishUpload", {"uploadId": gid(late)})
    assert refused == ["NOT_FOUND"]
    assert (await world.fresh(late)).state is UploadState.PENDING


async def test_a_ready_file_is_its_owners_alone(world: World, uploader: Uploader) -> None:
    user = await world.user()
    ready = await world.upload(user, state=UploadState.READY, key="kept/1")
    for other in (await world.user(), await world.admin()):
        assert await uploader.of(other).see(gid(ready)) is None
    assert await uploader.see(gid(ready)) is None
    assert await uploader.of(user).see(gid(ready)) is not None


async def test_finish_upload_when_the_store_does_not_answer(world: World, closed: Uploader) -> None:
    me = closed.of(await world.user())
    announced = await me.announce(TEXT)
    assert announced["errors"] == []
    assert codes(await me.finish(announced)) == ["STORAGE_UNAVAILABLE"]
    seen = await me.see(announced["upload"]["id"])
    assert seen is not None
    assert seen["state"] == "PENDING"
