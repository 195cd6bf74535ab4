"""Files announced, and judged once they have been sent."""

import strawberry

from engine.address_scalars import URL
from engine.context import Info
from engine.errors import as_data, mutation
from engine.types import decode_id
from models.uploads import UploadDraft, UploadRefused, incoming
from schema.uploads.types import (
    CreateUploadInput,
    CreateUploadPayload,
    FinishUploadInput,
    FinishUploadPayload,
    Header,
    Upload,
)
from services.uploads import ingest, uploads

JUDGING_COST = 200  # up to 25 MB are read, and a picture is decoded


@strawberry.type
class UploadMutation:
    """The bytes never come through here: clients send them to a link."""

    @mutation("Announce a file, and get a link to send it to.")
    async def create_upload(self, info: Info, input: CreateUploadInput) -> CreateUploadPayload:
        given = UploadDraft(
            file_name=input.file_name, content_type=input.content_type, size=input.size
        )
        async with info.context.transaction() as session:
            upload = await uploads.create_upload(
                session, info.context.viewer, purpose=input.purpose, given=given
            )
        link = await info.context.app.objects.create_upload_link(
            incoming(upload.id), upload.content_type, upload.size
        )
        return CreateUploadPayload(
            upload=Upload.of(upload),
            url=URL(link.url),
            method=link.method,
            headers=[Header(name=name, value=value) for name, value in link.headers.items()],
            expires_at=link.expires_at,
        )

    @mutation(
        "Have a file judged that has been sent. Finishing twice is finishing once.",
        cost=JUDGING_COST,
    )
    async def finish_upload(self, info: Info, input: FinishUploadInput) -> FinishUploadPayload:
        viewer, upload_id = info.context.viewer, decode_id(input.upload_id, Upload)
        async with info.context.read_session() as session:
            upload = await uploads.access_upload(session, viewer, upload_id)
        found = await ingest.take_in(info.context.app.objects, upload) if upload.pending else None
        async with info.context.transaction() as session:
            upload = await uploads.finish_upload(session, viewer, upload_id=upload_id, found=found)
        errors = (
            [as_data(UploadRefused(upload.rejection_reason), info.context.locales)]
            if upload.rejection_reason
            else []
        )
        return FinishUploadPayload(upload=Upload.of(upload), errors=errors)
