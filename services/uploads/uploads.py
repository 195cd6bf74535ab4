"""Uploads: announced, received, attached to a message, or deleted when they expire."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.media.file_types import UploadRejectionReason
from models.chat.conversations import Conversation
from models.chat.messages import Message
from models.errors import NotFound
from models.identity.accounts import User
from models.uploads import (
    MAX_OPEN_UPLOADS,
    StoredFile,
    Upload,
    UploadDraft,
    UploadLimitReached,
    UploadNotReceived,
    UploadPurpose,
    UploadState,
)
from services import jobs
from services.chat.conversations import visible_conversations
from services.viewer import Viewer

GRACE = timedelta(minutes=10)  # to finish a transfer or a verification that began in time


def visible_uploads(viewer: Viewer) -> SelectOfScalar[Upload]:
    """Select the viewer's uploads, and those of messages the viewer can see."""
    seen = visible_conversations(viewer).with_only_columns(col(Conversation.id))
    shown = select(Message.id).where(
        col(Message.upload_id) == Upload.id,
        col(Message.deleted_at).is_(None),
        col(Message.conversation_id).in_(seen),
    )
    return select(Upload).where(or_(Upload.user_id == viewer.user_id, shown.exists()))


async def access_upload(
    session: AsyncSession, viewer: Viewer, upload_id: UUID, *, change: bool = False
) -> Upload:
    """Return the viewer's upload, locked to change it."""
    rows = select(Upload).where(Upload.id == upload_id, Upload.user_id == viewer.require_user())
    upload = (await session.exec(for_change(rows) if change else rows)).first()
    if upload is None:
        raise NotFound
    return upload


async def create_upload(
    session: AsyncSession, viewer: Viewer, *, purpose: UploadPurpose, given: UploadDraft
) -> Upload:
    """Announce a file. Raises `UploadLimitReached` if twenty are pending or not attached."""
    await _ensure_quota(session, viewer.require_user())
    upload = Upload(user_id=viewer.require_user(), purpose=purpose, **given.model_dump())
    session.add(upload)
    await _schedule_tidying(session, upload)
    return upload


async def finish_upload(
    session: AsyncSession,
    viewer: Viewer,
    *,
    upload_id: UUID,
    found: StoredFile | UploadRejectionReason | None,
) -> Upload:
    """Record a file's verification. A later result does not replace the first."""
    upload = await access_upload(session, viewer, upload_id, change=True)
    if not upload.pending:
        return upload
    upload.ensure_current()
    if found is None:
        raise UploadNotReceived
    upload.record_result(found)
    if upload.key:
        await _schedule_tidying(session, upload)
    return upload


async def attach_upload(session: AsyncSession, viewer: Viewer, *, upload_id: UUID) -> Upload:
    """Attach an upload of the viewer, once and for good. Locks it.

    Raises `NotFound`, also if it has expired, and `InvalidInput` if it is not ready or attached.
    """
    upload = await access_upload(session, viewer, upload_id, change=True)
    upload.ensure_attachable()
    upload.attached_at = now()
    return upload


async def expire_upload(session: AsyncSession, upload_id: UUID) -> str | None:
    """Delete an expired, unattached upload. Returns any key to keep."""
    rows = select(Upload).where(Upload.id == upload_id)
    upload = (await session.exec(for_change(rows))).first()
    if upload and upload.attached_at is None and upload.expires_at <= now():
        await session.delete(upload)
        return None
    return upload.key if upload else None


async def _ensure_quota(session: AsyncSession, user_id: UUID) -> None:
    """Count the open uploads under a user lock, or two requests could use the last one."""
    await session.exec(for_change(select(User).where(User.id == user_id)))
    waiting = select(func.count(col(Upload.id))).where(
        Upload.user_id == user_id,
        col(Upload.attached_at).is_(None),
        Upload.state != UploadState.REFUSED,
        Upload.expires_at > now(),
    )
    if (await session.exec(waiting)).one() >= MAX_OPEN_UPLOADS:
        raise UploadLimitReached


async def _schedule_tidying(session: AsyncSession, upload: Upload) -> None:
    at = upload.expires_at + GRACE
    await jobs.defer(session, "tidy_upload", at=at, upload_id=upload.id)
