"""Uploads."""

from typing import Any

from core.clock import now
from models.identity.accounts import User
from models.uploads import ATTACH_WINDOW, Upload, UploadPurpose, UploadState
from tests.factories.base import NUMBERS, RowStore


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

    async def picture(self, user: User, **values: Any) -> Upload:
        """Return a ready upload of a public picture, which is not attached."""
        number = next(NUMBERS)
        given: dict[str, Any] = {
            "purpose": UploadPurpose.PICTURE,
            "state": UploadState.READY,
            "file_name": f"{number}.png",
            "content_type": "image/png",
            "width": 40,
            "height": 30,
            "key": f"public/{number}",
            "expires_at": now() + ATTACH_WINDOW,
        } | values
        return await self.upload(user, **given)
