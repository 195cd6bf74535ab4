"""Files that people send."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from engine.address_scalars import URL
from engine.context import Info
from engine.errors import Payload
from engine.types import Rows, column, field
from gateways.storage.base import DownloadOptions
from models import uploads as rows
from schema.enums import UploadPurpose, UploadRejectionReason, UploadState


@strawberry.type(description="A file that somebody sends, and that others see where it is used.")
class Upload(Rows[rows.Upload], relay.Node):
    """For who sent it, and through what it is attached to for whoever sees that."""

    id: relay.NodeID[UUID]
    state: UploadState = column("How far it has come.")
    rejection_reason: UploadRejectionReason | None = column(
        "Why it was refused; null if it wasn't."
    )
    purpose: UploadPurpose = column("What it is for.")
    file_name: str = column("Its name, with an ending that fits its type once it is ready.")
    content_type: str = column("Its media type: as announced, and once it is ready as judged.")
    size: int = column("Its size in bytes.")
    width: int | None = column("The pixels across, as shown; null if it is no picture.")
    height: int | None = column("The pixels from top to bottom; null if it is no picture.")

    @field(
        "Where to fetch it for the next 15 minutes, by whoever has this; null until it is ready."
        " A picture can be shown, all else is saved.",
        cost=1,
    )
    async def url(root: strawberry.Parent[rows.Upload], info: Info) -> URL | None:
        if root.key is None:
            return None
        served = DownloadOptions(root.served_type, root.file_name, root.is_picture)
        return URL(await info.context.app.objects.create_download_link(root.key, served))


@strawberry.input(description="A file that is about to be sent.")
class CreateUploadInput:
    """What `createUpload` takes."""

    file_name: str = column("Its name, at most 200 characters; folders are left away.")
    content_type: str = column(
        "Its media type: image/jpeg, image/png, image/webp, image/gif, application/pdf,"
        " text/plain, text/csv, text/markdown, or that of a .docx or .xlsx. What it is, is told"
        " by its content in the end."
    )
    size: int = column("Its exact size in bytes: at most 10 MB for a picture, 25 MB for others.")
    purpose: UploadPurpose = strawberry.field(
        default=UploadPurpose.CHAT, description="What it is for."
    )


@strawberry.input(description="Which file has been sent.")
class FinishUploadInput:
    """What `finishUpload` takes."""

    upload_id: relay.GlobalID = column("Which file.")


@strawberry.type(description="A header to send with a request.")
class Header:
    """Of the one request that carries the file."""

    name: str = column("Its name.")
    value: str = column("Its value.")


@strawberry.type(description="Where to send the file, in one request with nothing but its bytes.")
class CreateUploadPayload(Payload):
    """What `createUpload` answers."""

    upload: Upload | None = strawberry.field(default=None, description="The file, awaited.")
    url: URL | None = strawberry.field(default=None, description="Where to send it.")
    method: str | None = strawberry.field(default=None, description="By which method: PUT.")
    headers: list[Header] = strawberry.field(
        default_factory=list,
        description="With these headers, as they are.",
        metadata={"size": 1},
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until when; then it takes another `createUpload`."
    )


@strawberry.type(description="The file as it was found. One that is refused is told with its why.")
class FinishUploadPayload(Payload):
    """What `finishUpload` answers."""

    upload: Upload | None = strawberry.field(default=None, description="As it is now.")
