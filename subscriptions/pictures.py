"""Changes of a user's pictures."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.uploads import upload_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.uploads.changes import PictureChange
from schema.uploads.types import Upload
from services.journal.queries import JournalRecord
from services.journal.topics import user_topic
from services.pictures.entries import PictureSized
from services.viewer import Viewer


@strawberry.type
class PictureSubscription:
    @subscription(
        "The sizes of a picture that the viewer has uploaded were made, or could not be. Resume"
        " with the last `cursor`."
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
class OwnPictures(JournalSource[PictureChange]):
    """The pictures of a user, the same on all their devices."""

    user_id: UUID
    changes: ClassVar = {PictureSized: _sized}

    @property
    def topics(self) -> Sequence[str]:
        return [user_topic(self.user_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "uploader"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return all but the uploader, who never changes, so no query is needed."""
        return [id for id in user_ids if id != self.user_id]

    def checkpoint(self, cursor: str) -> PictureChange:
        return PictureChange(cursor=cursor)
