"""Attaching a file to its subject, and detaching it."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.database import Database
from core.media.file_types import UploadRejectionReason
from models.errors import InvalidInput, NotFound
from models.uploads import Upload, UploadState
from services.uploads import uploads
from services.viewer import Viewer
from tests.factories.world import World

READY = {"state": UploadState.READY, "key": "kept/1"}


async def attach(database: Database, viewer: Viewer, upload: Upload) -> None:
    async with database.session() as session, session.begin():
        await uploads.attach_upload(session, viewer, upload_id=upload.id)


async def test_attach_upload_once_and_for_good(world: World, database: Database) -> None:
    user = await world.user()
    upload = await world.upload(user, **READY)
    await attach(database, Viewer(user.id), upload)
    assert (await world.fresh(upload)).attached_at is not None
    with pytest.raises(InvalidInput):
        await attach(database, Viewer(user.id), upload)


@pytest.mark.parametrize(
    "values", [{}, {"state": UploadState.REFUSED, "rejection_reason": UploadRejectionReason.TYPE}]
)
async def test_attach_upload_that_is_not_ready(
    world: World, database: Database, values: dict[str, Any]
) -> None:
    user = await world.user()
    upload = await world.upload(user, **values)
    with pytest.raises(InvalidInput):
        await attach(database, Viewer(user.id), upload)


async def test_attach_upload_of_another_user(world: World, database: Database) -> None:
    upload = await world.upload(await world.user(), **READY)
    for viewer in (Viewer((await world.user()).id), Viewer((await world.admin()).id, admin=True)):
        with pytest.raises(NotFound):
            await attach(database, viewer, upload)
    assert (await world.fresh(upload)).attached_at is None


async def test_attach_upload_after_it_expired(world: World, database: Database) -> None:
    user = await world.user()
    upload = await world.upload(user, expires_at=now() - timedelta(seconds=1), **READY)
    with pytest.raises(NotFound):
        await attach(database, Viewer(user.id), upload)
