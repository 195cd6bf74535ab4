"""Pictures of users."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.pictures import Avatar
from services.pictures.single import set_only_picture


async def set_avatar(session: AsyncSession, user_id: UUID, upload_id: UUID | None) -> None:
    """Replace the picture of a user who is locked, or remove it.

    Raises `NotFound` and `InvalidInput` as `set_only_picture`.
    """
    avatar = (await session.exec(select(Avatar).where(Avatar.user_id == user_id))).first()
    await set_only_picture(
        session,
        user_id,
        upload_id,
        avatar,
        lambda id: Avatar(user_id=user_id, upload_id=id),
        field="avatarUploadId",
    )
