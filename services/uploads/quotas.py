"""Space for uploads, reserved when it is promised and free again when the objects are gone."""

from uuid import UUID

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.sizes import MEGABYTE
from models.pictures import PictureSizes
from models.uploads import (
    MAX_BYTES_PER_DAY,
    MAX_HELD_BYTES,
    MAX_OPEN_UPLOADS,
    DailyUploadLimitReached,
    Upload,
    UploadLimitReached,
    UploadQuota,
)


async def reserve_space(session: AsyncSession, user_id: UUID, size: int) -> None:
    """Reserve bytes for a new upload. Raises `DailyUploadLimitReached`, `UploadLimitReached`.

    A picture that is not attached, or not any more, counts with its sizes.

    The first statement locks the user's quota, so that of two requests the second one counts the
    upload of the first.
    """
    await _reserve_of_day(session, user_id, size)
    space = Upload.size + func.coalesce(PictureSizes.bytes, 0)
    counted = (
        select(func.count(), func.coalesce(func.sum(space), 0))
        .select_from(Upload)
        .outerjoin(PictureSizes, col(PictureSizes.upload_id) == col(Upload.id))
        .where(
            Upload.user_id == user_id,
            col(Upload.attached_at).is_(None),
            col(Upload.freed_at).is_(None),
        )
    )
    files, held = (await session.exec(counted)).one()
    if files >= MAX_OPEN_UPLOADS or held + size > MAX_HELD_BYTES:
        raise UploadLimitReached


async def _reserve_of_day(session: AsyncSession, user_id: UUID, size: int) -> None:
    """Add to the bytes of the day, unless that exceeds the maximum.

    The day never goes back: around midnight, servers whose clocks differ would reset it in turn.
    """
    added = insert(UploadQuota).values(user_id=user_id, day=now().date(), bytes=size)
    day, size_added = added.excluded.day, added.excluded.bytes
    kept = case((col(UploadQuota.day) >= day, col(UploadQuota.bytes)), else_=0)
    reserved = added.on_conflict_do_update(
        index_elements=["user_id"],
        set_={"day": func.greatest(UploadQuota.day, day), "bytes": kept + size_added},
        where=kept + size_added <= MAX_BYTES_PER_DAY,
    ).returning(col(UploadQuota.bytes))
    if (await session.execute(reserved)).first() is None:
        raise DailyUploadLimitReached(most=MAX_BYTES_PER_DAY // MEGABYTE)
