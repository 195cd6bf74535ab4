"""Uploads."""

from typing import Any

from models.identity.accounts import User
from models.uploads import Upload, UploadPurpose
from tests.factories.base import RowStore


class UploadRows(RowStore):
    """Creates uploads."""

    async def upload(self, user: User, **values: Any) -> Upload:
        """Return a pending upload of a text of ten bytes."""
        given: dict[str, Any] = {
            "purpose": UploadPurpose.CHAT,
            "file_name": "notes.txt",
            "content_type": "text/plain",
            "size": 10,
        } | values
        upload = Upload(user_id=user.id, **given)
        await self.save(upload)
        return upload
