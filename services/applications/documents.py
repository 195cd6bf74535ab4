"""Documents of applications: private uploads in an order."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.applications import VendorApplication, VendorDocument
from models.errors import InvalidInput, NotFound
from models.uploads import Upload, UploadPurpose
from services import jobs

FIELD = "documentUploadIds"


async def set_documents(
    session: AsyncSession, application: VendorApplication, upload_ids: Sequence[UUID]
) -> None:
    """Replace the documents of an application that is locked or new.

    Raises `NotFound` for an upload that is not the applicant's, and `InvalidInput` for one that is
    not a DOCUMENT, not ready, in use, or twice in the list.
    """
    rows = select(VendorDocument).where(VendorDocument.application_id == application.id)
    current = {document.upload_id: document for document in await session.exec(rows)}
    uploads = await _lock_uploads(session, {*upload_ids} ^ current.keys())
    for position, id in enumerate(upload_ids):
        path = [FIELD, str(position)]
        if id in upload_ids[:position]:
            raise InvalidInput("A document can be in the list once only.", field=path)
        if id not in current:
            _attach(uploads.get(id), application.user_id, path)
        document = current.get(id) or VendorDocument(
            application_id=application.id, upload_id=id, position=position
        )
        document.position = position
        session.add(document)
    for id in sorted(current.keys() - {*upload_ids}):
        await session.delete(current[id])
        uploads[id].release()
        await jobs.defer(session, "tidy_upload", upload_id=id)


def _attach(upload: Upload | None, user_id: UUID, path: list[str]) -> None:
    try:
        if upload is None or upload.user_id != user_id:
            raise NotFound
        upload.ensure_attachable()
        if upload.purpose is not UploadPurpose.DOCUMENT:
            raise InvalidInput("This file was not uploaded as a document. Upload it again.")
    except (InvalidInput, NotFound) as refusal:
        refusal.field = path
        raise
    upload.attached_at = now()


async def _lock_uploads(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Upload]:
    rows = select(Upload).where(col(Upload.id).in_(ids)).order_by(col(Upload.id))
    return {upload.id: upload for upload in await session.exec(for_change(rows))}
