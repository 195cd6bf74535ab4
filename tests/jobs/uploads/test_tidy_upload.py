"""Stored objects are removed when no upload refers to them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from core.database import Database
from gateways.storage.base import ObjectStorage
from jobs.context import WorkerContext
from models.uploads import Upload, UploadState, incoming_key, stored_key
from services.uploads import uploads
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work

PLANNED = text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name LIKE '%tidy_upload'")
WEEK_LATER = (
    "UPDATE procrastinate_jobs SET scheduled_at = now(), attempts = 7 * 24",
    "UPDATE procrastinate_jobs SET scheduled_at = now()",
)
BEFORE = now() - timedelta(seconds=1)


@pytest.fixture
def objects(worker_context: WorkerContext) -> ObjectStorage:
    return worker_context.objects


async def stored(objects: ObjectStorage, upload: Upload) -> list[str]:
    """Which of the places for a file are taken."""
    places = [incoming_key(upload.id), stored_key(upload.id, "a"), stored_key(upload.id, "b")]
    return [key for key in places if await objects.read(key, 1) is not None]


async def file(world: World, objects: ObjectStorage, **values: object) -> Upload:
    """Store a ready file, with more objects than are served."""
    upload = await world.upload(await world.user())
    for key in (incoming_key(upload.id), stored_key(upload.id, "a"), stored_key(upload.id, "b")):
        await objects.write(key, b"x", "text/plain")
    given = {"state": UploadState.READY, "key": stored_key(upload.id, "a")} | values
    async with world.database.session() as session, session.begin():
        row = await session.get_one(Upload, upload.id)
        row.sqlmodel_update(given)
    return row


async def test_tidy_upload_keeps_served_objects(
    world: World, objects: ObjectStorage, defer: Defer, work: Work
) -> None:
    soon = now() + timedelta(hours=1)
    files = [
        await file(world, objects, attached_at=now(), expires_at=BEFORE),
        await file(world, objects, expires_at=soon),
    ]
    for upload in files:
        await defer("tidy_upload", upload_id=upload.id)
    await work()
    for upload in files:
        assert await stored(objects, upload) == [stored_key(upload.id, "a")]
        assert await world.fresh(upload) is not None


@pytest.mark.parametrize("state", UploadState)
async def test_tidy_upload_deletes_unattached_uploads(
    world: World, objects: ObjectStorage, defer: Defer, work: Work, state: UploadState
) -> None:
    other = {"key": None, "rejection_reason": "TYPE" if state is UploadState.REFUSED else None}
    values = {} if state is UploadState.READY else other
    upload = await file(world, objects, state=state, expires_at=BEFORE, **values)
    for _ in range(2):
        await defer("tidy_upload", upload_id=upload.id)
        await work()
        assert await world.fresh(upload) is None
        assert await stored(objects, upload) == []


async def test_tidy_upload_frees_the_space_of_a_refused_file(
    world: World,
    objects: ObjectStorage,
    defer: Defer,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But not before its objects are removed."""

    async def away(*_: object, **__: object) -> None:
        raise OSError("The store does not answer.")

    refused = {"state": UploadState.REFUSED, "key": None, "rejection_reason": "TYPE"}
    upload = await file(world, objects, expires_at=now() + timedelta(hours=1), **refused)
    await defer("tidy_upload", upload_id=upload.id)
    with monkeypatch.context() as patched:
        patched.setattr(type(objects), "remove", away)
        await work()
    row = await world.fresh(upload)
    assert row is not None
    assert row.freed_at is None
    await defer("tidy_upload", upload_id=upload.id)
    await work()
    row = await world.fresh(upload)
    assert row is not None
    assert row.freed_at is not None
    assert await stored(objects, upload) == []


async def test_tidy_upload_keeps_an_expired_row_while_the_store_is_away(
    world: World,
    objects: ObjectStorage,
    defer: Defer,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise OSError("The store does not answer.")

    upload = await file(world, objects, expires_at=BEFORE)
    await defer("tidy_upload", upload_id=upload.id)
    monkeypatch.setattr(type(objects), "remove", away)
    await work()
    assert await world.fresh(upload) is not None


async def test_tidy_upload_goes_on_while_the_store_is_away_for_days(
    world: World,
    objects: ObjectStorage,
    defer: Defer,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise OSError("The store does not answer.")

    upload = await file(world, objects, expires_at=BEFORE)
    await defer("tidy_upload", upload_id=upload.id)
    for statement in WEEK_LATER:
        with monkeypatch.context() as patched:
            patched.setattr(type(objects), "remove", away)
            await work()
        async with world.database.session() as session, session.begin():
            await session.execute(text(statement))
    await work()
    assert await stored(objects, upload) == []


async def test_every_expired_file_is_deleted(
    world: World, api: Client, database: Database, objects: ObjectStorage
) -> None:
    client = api.signed_in(await world.user())
    given = {"fileName": "a.txt", "contentType": "text/plain", "size": 1}
    announced = await client.do("createUpload", given, "upload { id }")
    async with database.session() as session:
        [upload] = (await session.execute(text("SELECT id, expires_at FROM upload"))).all()
        assert list((await session.execute(PLANNED)).scalars()) == [
            upload.expires_at + uploads.GRACE
        ]
    await objects.write(incoming_key(upload.id), b"x", "text/plain")
    finish = {"uploadId": announced["upload"]["id"]}
    assert await client.refusal_codes("finishUpload", finish) == []
    async with database.session() as session:
        ready = await session.get_one(Upload, upload.id)
        planned = sorted((await session.execute(PLANNED)).scalars(), key=str)
    at = [one.expires_at + uploads.GRACE for one in (upload, ready)]
    assert planned == [*at, None]  # the last one is due at once
    assert gid(ready) == announced["upload"]["id"]
