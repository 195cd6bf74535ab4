"""Changes of a user's pictures."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar

import strawberry

from dataloaders.uploads import upload_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.uploads.changes import PictureChange
from schema.uploads.types import Upload
from services.journal.queries import JournalRecord
from services.pictures.entries import PictureSized
from subscriptions.own_source import OwnSource


@strawberry.type
class PictureSubscription:
    @subscription(
        "The sizes of a picture that the viewer has uploaded were made, or could not be. Resume"
        " with the last `cursor`.",
        domain="uploads",
    )
    async def picture_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[PictureChange, None]:
        source = OwnPictures(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)


async def _sized(
    loaders: Loaders, record: JournalRecord[PictureSized], cursor: str
) -> PictureChange:
    upload = await loaders[upload_by_id].load(record.entry.upload_id)
    return PictureChange(cursor=cursor, upload=Upload.wrap_optional(upload))


@dataclass(frozen=True)
class OwnPictures(OwnSource[PictureChange]):
    """The pictures of a user, the same on all their devices."""

    changes: ClassVar = {PictureSized: _sized}

    def checkpoint(self, cursor: str) -> PictureChange:
        return PictureChange(cursor=cursor)
