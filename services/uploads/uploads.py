"""Uploads: announced, received, attached to something, or deleted when they expire."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.media.file_types import UploadRejectionReason
from models.chat.conversations import Conversation
from models.chat.messages import Message
from models.errors import NotFound
from models.uploads import (
    StoredFile,
    Upload,
    UploadDraft,
    UploadNotReceived,
    UploadPurpose,
    UploadState,
)
from services import jobs
from services.applications.access import is_document
from services.bookings.intake.access import is_attached_for
from services.chat.conversations import visible_conversations
from services.disputes.access import is_evidence
from services.pictures.sizes import forget_sizes, make_later
from services.transaction import Effect, on_commit
from services.uploads.quotas import reserve_space
from services.viewer import Viewer

GRACE = timedelta(minutes=10)  # to finish a transfer or a verification that began in time


def visible_uploads(viewer: Viewer) -> SelectOfScalar[Upload]:
    """Select the viewer's uploads, and those of messages and bookings the viewer can see.

    Admins see documents of applications and evidence of disputes too.
    """
    seen = visible_conversations(viewer).with_only_columns(col(Conversation.id))
    shown = select(Message.id).where(
        col(Message.upload_id) == Upload.id,
        col(Message.deleted_at).is_(None),
        col(Message.conversation_id).in_(seen),
    )
    own = Upload.user_id == viewer.user_id
    readable = or_(own, shown.exists(), is_attached_for(viewer))
    if viewer.admin:
        readable = or_(readable, is_document(), is_evidence())
    return select(Upload).where(readable)


async def access_upload(
    session: AsyncSession, viewer: Viewer, upload_id: UUID, *, change: bool = False
) -> Upload:
    """Return the viewer's upload, locked to change it."""
    rows = select(Upload).where(Upload.id == upload_id, Upload.user_id == viewer.require_user())
    upload = (await session.exec(for_change(rows) if change else rows)).first()
    if upload is None:
        raise NotFound
    return upload


async def release_upload(session: AsyncSession, upload_id: UUID) -> None:
    """Detach a file that was read, if the account of its user was not erased meanwhile."""
    rows = select(Upload).where(Upload.id == upload_id)
    upload = (await session.exec(for_change(rows))).first()
    if upload is not None:
        upload.release()
        await jobs.defer(session, "tidy_upload", upload_id=upload.id)


async def create_upload(
    session: AsyncSession, viewer: Viewer, *, purpose: UploadPurpose, given: UploadDraft
) -> Upload:
    """Announce a file. Raises `UploadLimitReached` and `DailyUploadLimitReached`."""
    user_id = viewer.require_user()
    await reserve_space(session, user_id, given.size)
    upload = Upload(user_id=user_id, purpose=purpose, **given.model_dump())
    session.add(upload)
    await _schedule_tidying(session, upload)
    return upload


async def finish_upload(
    session: AsyncSession,
    viewer: Viewer,
    *,
    upload_id: UUID,
    found: StoredFile | UploadRejectionReason | None,
    remove_received: Effect,
) -> Upload:
    """Record a file's verification. A later result does not replace the first.

    The received object is not needed any more. `remove_received` removes it before the response;
    the job does if the request is cancelled or the server stops, and frees the space.
    """
    upload = await access_upload(session, viewer, upload_id, change=True)
    if not upload.pending:
        return upload
    upload.ensure_current()
    if found is None:
        raise UploadNotReceived
    upload.record_result(found)
    on_commit(session, remove_received)
    await jobs.defer(session, "tidy_upload", upload_id=upload.id)
    if upload.key:
        await _schedule_tidying(session, upload)
        if upload.is_public:
            await make_later(session, upload.id)
    return upload


async def attach_upload(session: AsyncSession, viewer: Viewer, *, upload_id: UUID) -> Upload:
    """Attach an upload of the viewer, once and for good. Locks it.

    Raises `NotFound`, also if it has expired, and `InvalidInput` if it is not ready or attached.
    """
    upload = await access_upload(session, viewer, upload_id, change=True)
    upload.ensure_attachable()
    upload.attached_at = now()
    return upload


async def find_served_key(session: AsyncSession, upload_id: UUID) -> str | None:
    """Return the key of the object to keep; None if the upload was refused, or has expired."""
    upload = await session.get(Upload, upload_id)
    return None if upload is None or upload.expired else upload.key


async def free_upload(session: AsyncSession, upload_id: UUID) -> None:
    """Free the space of an upload whose objects were removed: delete it if it has expired."""
    rows = select(Upload).where(Upload.id == upload_id)
    upload = (await session.exec(for_change(rows))).first()
    if upload and upload.expired:
        await forget_sizes(session, upload.id)
        await session.delete(upload)
    elif upload and upload.state is UploadState.REFUSED:
        upload.freed_at = now()


async def _schedule_tidying(session: AsyncSession, upload: Upload) -> None:
    at = upload.expires_at + GRACE
    await jobs.defer(session, "tidy_upload", at=at, upload_id=upload.id)
