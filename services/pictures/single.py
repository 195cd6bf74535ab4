"""Pictures of which a user or a pet has one."""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import InvalidInput, NotFound
from models.pictures import Avatar, PetPhoto
from models.uploads import Upload
from services.pictures.places import attach, release

Only = Avatar | PetPhoto


async def set_only_picture(
    session: AsyncSession,
    user_id: UUID,
    upload_id: UUID | None,
    current: Only | None,
    make: Callable[[UUID], Only],
    *,
    field: str,
) -> None:
    """Replace the only picture of something that is locked, and a user's. None removes it.

    Raises `NotFound` for an upload that is not the user's, and `InvalidInput` for one that is not a
    picture, not ready, or in use.
    """
    former_id = current.upload_id if current else None
    if upload_id == former_id:
        return
    rows = select(Upload).where(col(Upload.id).in_({upload_id, former_id} - {None}))
    locked = await session.exec(for_change(rows.order_by(col(Upload.id))))
    uploads = {upload.id: upload for upload in locked}
    if upload_id is not None:
        try:
            attach(uploads.get(upload_id), user_id)
        except (InvalidInput, NotFound) as refusal:
            refusal.field = [field]
            raise
    if former_id is not None:
        await release(session, uploads[former_id])
    if current is None and upload_id is not None:
        session.add(make(upload_id))
    elif current is not None and upload_id is not None:
        current.upload_id = upload_id
    elif current is not None:
        await session.delete(current)
