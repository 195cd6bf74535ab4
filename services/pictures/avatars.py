"""Pictures of users."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import InvalidInput, NotFound
from models.pictures import Avatar
from models.uploads import Upload
from services.pictures.places import attach, release


async def set_avatar(session: AsyncSession, user_id: UUID, upload_id: UUID | None) -> None:
    """Replace the picture of a user who is locked, or remove it.

    Raises `NotFound` for an upload that is not the user's, and `InvalidInput` for one that is not a
    picture, not ready, or in use.
    """
    avatar = (await session.exec(select(Avatar).where(Avatar.user_id == user_id))).first()
    former_id = avatar.upload_id if avatar else None
    if upload_id == former_id:
        return
    rows = select(Upload).where(col(Upload.id).in_({upload_id, former_id} - {None}))
    locked = await session.exec(for_change(rows.order_by(col(Upload.id))))
    uploads = {upload.id: upload for upload in locked}
    if upload_id is not None:
        try:
            attach(uploads.get(upload_id), user_id)
        except (InvalidInput, NotFound) as refusal:
            refusal.field = ["avatarUploadId"]
            raise
    if former_id is not None:
        await release(session, uploads[former_id])
    if avatar is None and upload_id is not None:
        session.add(Avatar(user_id=user_id, upload_id=upload_id))
    elif avatar is not None and upload_id is not None:
        avatar.upload_id = upload_id
    elif avatar is not None:
        await session.delete(avatar)
