"""Sizes of pictures: made by a job once the upload is READY, and removed with it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.pictures import MadeSizes, PictureSizes, PictureState
from models.uploads import Upload, UploadPurpose, UploadState
from services import jobs
from services.journal import append as journal
from services.journal.topics import user_topic
from services.pictures.entries import PictureSized

BATCH_SIZE = MAX_PENDING = 100
# Longer than the retries of a job, so what is still pending was given up.
PENDING_TIME = timedelta(days=2)
# After pictures that users have just uploaded, and wait for.
BACKFILL_PRIORITY = -10


async def make_later(session: AsyncSession, upload_id: UUID, *, priority: int = 0) -> None:
    """Have the sizes of a READY picture made after the commit."""
    session.add(PictureSizes(upload_id=upload_id))
    await jobs.defer(
        session, "size_picture", queue=jobs.PICTURES, priority=priority, upload_id=upload_id
    )


async def find_unsized(session: AsyncSession, upload_id: UUID) -> Upload | None:
    """Return a picture whose sizes are pending. None if it was removed, or they were made."""
    rows = (
        select(Upload)
        .join(PictureSizes, col(PictureSizes.upload_id) == col(Upload.id))
        .where(Upload.id == upload_id, PictureSizes.state == PictureState.PENDING)
    )
    upload = (await session.exec(rows)).first()
    return None if upload is None or upload.expired else upload


async def record_sizes(session: AsyncSession, upload_id: UUID, made: MadeSizes | None) -> None:
    """Store the sizes whose objects were written, or that none could be made.

    Does nothing if the picture was removed in the meantime, or another job was faster. The upload
    is locked: who removes it, removes its objects before the row.
    """
    locked = for_change(select(Upload).where(Upload.id == upload_id))
    upload = (await session.exec(locked)).first()
    sizes = await session.get(PictureSizes, upload_id)
    if upload is None or upload.expired or sizes is None:
        return
    if sizes.state is PictureState.PENDING:
        sizes.record(made)
        journal.append(session, PictureSized(upload_id), to=[user_topic(upload.user_id)])


async def forget_sizes(session: AsyncSession, upload_id: UUID) -> None:
    """Delete the row of an upload that is deleted."""
    await session.exec(delete(PictureSizes).where(col(PictureSizes.upload_id) == upload_id))


async def make_missing(session: AsyncSession) -> None:
    """Have the sizes of a batch of older pictures made, then those of the next batch.

    A server of the former release can finish an upload at any time of a deployment, so an hourly
    job looks for them. It leaves batches that are being made alone.
    """
    pending = select(func.count()).where(PictureSizes.state == PictureState.PENDING)
    if (await session.exec(pending)).one() >= MAX_PENDING:
        return
    sized = select(PictureSizes.upload_id).where(PictureSizes.upload_id == Upload.id)
    rows = select(Upload.id).where(
        Upload.purpose == UploadPurpose.PICTURE,
        Upload.state == UploadState.READY,
        col(Upload.attached_at).is_not(None),
        ~sized.exists(),
    )
    missing = for_change(rows.order_by(col(Upload.id)).limit(BATCH_SIZE))
    ids = (await session.exec(missing)).all()
    for id in ids:
        await make_later(session, id, priority=BACKFILL_PRIORITY)
    if len(ids) == BATCH_SIZE:
        await jobs.defer(
            session,
            "size_missing_pictures",
            queue=jobs.PICTURES,
            priority=BACKFILL_PRIORITY,
            timestamp=0,
        )


async def _give_up(session: AsyncSession, _: int) -> bool:
    """Let the sizes fail that were not made within two days. The picture itself is shown."""
    pending = col(PictureSizes.state) == PictureState.PENDING
    is_old = col(PictureSizes.created_at) <= now() - PENDING_TIME
    given_up = update(PictureSizes).where(pending, is_old)
    await session.exec(given_up.values(state=PictureState.FAILED))
    return False


CLEANUP = [_give_up]
