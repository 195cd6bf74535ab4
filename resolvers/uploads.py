"""Uploads: announced, sent to the storage by the client, then checked."""

from functools import partial

import strawberry

from engine.address_scalars import URL
from engine.context import Info
from engine.errors.conversion import user_errors
from engine.mutation import mutation
from models import uploads as rows
from models.errors import InvalidInput, NotFound
from schema.uploads.inputs import CreateUploadInput, UploadId
from schema.uploads.types import CreateUploadPayload, FinishUploadPayload, Header, Upload
from services.uploads import ingest, uploads

FINISH_UPLOAD_COST = 200  # it reads up to 25 MB, and decodes an image


@strawberry.type
class UploadMutation:
    @mutation(
        raises=(
            *(InvalidInput, rows.UploadLimitReached, rows.DailyUploadLimitReached),
            *(rows.StorageFull, rows.StorageUnavailable),
        ),
        repeatable="an unused link expires and frees its space",
    )
    async def create_upload(self, info: Info, input: CreateUploadInput) -> CreateUploadPayload:
        """Announce a file. Returns the request that uploads it."""
        given = input.draft()
        await ingest.ensure_space(info.context.app.uploads, given.size)
        async with info.context.transaction() as session:
            upload = await uploads.create_upload(
                session, info.context.viewer, purpose=input.purpose, given=given
            )
        link = await info.context.app.objects.create_upload_link(
            rows.incoming_key(upload.id), upload.content_type, upload.size
        )
        return CreateUploadPayload(
            upload=Upload.wrap(upload),
            url=URL(link.url),
            method=link.method,
            headers=[Header(name=name, value=value) for name, value in link.headers.items()],
            expires_at=link.expires_at,
        )

    @mutation(
        cost=FINISH_UPLOAD_COST,
        raises=(
            *(NotFound, rows.UploadNotReceived, rows.UploadRefused),
            *(rows.StorageFull, rows.StorageUnavailable),
        ),
        repeatable="returns the finished upload",
    )
    async def finish_upload(self, info: Info, upload_id: UploadId) -> FinishUploadPayload:
        """Check a file that was uploaded. A second call returns the first result."""
        viewer = info.context.viewer
        async with info.context.read_session() as session:
            upload = await uploads.access_upload(session, viewer, upload_id)
        found = await ingest.take_in(info.context.app.uploads, upload) if upload.pending else None
        remove_received = partial(info.context.app.objects.remove, rows.incoming_key(upload_id))
        async with info.context.transaction() as session:
            upload = await uploads.finish_upload(
                session, viewer, upload_id=upload_id, found=found, remove_received=remove_received
            )
        errors = (
            user_errors(
                rows.UploadRefused(upload.rejection_reason, upload.purpose), info.context.locales
            )
            if upload.rejection_reason
            else []
        )
        return FinishUploadPayload(upload=Upload.wrap(upload), errors=errors)
