"""Files announced, and judged once they have been sent."""

import strawberry

from gateways import intake
from models.uploads import UploadDraft, UploadRefused, incoming
from schema.addresses import URL
from schema.base import key
from schema.context import Info
from schema.errors import as_data, mutation
from schema.uploads import (
    CreateUploadInput,
    CreateUploadPayload,
    FinishUploadInput,
    FinishUploadPayload,
    Header,
    Upload,
)
from services import uploads

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
        link = await info.context.house.objects.link_to_send(
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
        viewer, upload_id = info.context.viewer, key(input.upload_id, Upload)
        async with info.context.reading() as session:
            upload = await uploads.access_upload(session, viewer, upload_id)
        found = await intake.take_in(info.context.house.objects, upload) if upload.awaited else None
        async with info.context.transaction() as session:
            upload = await uploads.finish_upload(session, viewer, upload_id=upload_id, found=found)
        errors = [as_data(UploadRefused(upload.flaw), info.context.locales)] if upload.flaw else []
        return FinishUploadPayload(upload=Upload.of(upload), errors=errors)
