"""Files that users upload."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.pictures import picture_of_upload
from dataloaders.uploads import visible_upload
from engine.address_scalars import URL
from engine.context import Info
from engine.errors.conversion import Payload
from engine.types import Rows, column, field, related
from gateways.storage.base import DownloadOptions
from models import uploads as rows
from schema.pictures.types import Picture
from schema.uploads.enums import UploadPurpose, UploadRejectionReason, UploadState


@strawberry.type(
    description="An uploaded file. Visible to its sender, and wherever it is attached to everyone"
    " who can see that."
)
class Upload(Rows[rows.Upload], relay.Node, access=visible_upload):
    id: relay.NodeID[UUID]
    state: UploadState = column("The state of the upload.")
    rejection_reason: UploadRejectionReason | None = column(
        "The reason why the file was rejected, if it is REFUSED."
    )
    purpose: UploadPurpose = column("The purpose of the file.")
    file_name: str = column("The file name. Its extension matches the content once it is READY.")
    content_type: str = column(
        "The media type: as announced, and as detected from the content once it is READY."
    )
    size: int = column("The size in bytes.")
    width: int | None = column("The width in pixels. Null unless it is an image.")
    height: int | None = column("The height in pixels. Null unless it is an image.")

    @field(
        "A download link that is valid for 15 minutes and needs no sign-in; of a PICTURE, its"
        " stable public URL. Null until the file is READY. Images are displayed, other files are"
        " saved.",
        needs=("key", "purpose", "content_type", "file_name"),
        cost=1,
    )
    async def url(root: strawberry.Parent[rows.Upload], info: Info) -> URL | None:
        if root.key is None:
            return None
        if root.is_public:
            return URL(f"{info.context.app.settings.address}{root.public_path}")
        served = DownloadOptions(root.served_type, root.file_name, root.is_image)
        return URL(await info.context.app.objects.create_download_link(root.key, served))

    picture: Picture | None = related(
        picture_of_upload,
        by="id",
        description="The picture with its sizes, if the purpose is PICTURE and it is READY.",
    )


@strawberry.type(description="An HTTP header.")
class Header:
    name: str = column("The name.")
    value: str = column("The value.")


@strawberry.type(
    description="The request that uploads the file: nothing but its bytes, with these headers."
)
class CreateUploadPayload(Payload):
    upload: Upload | None = strawberry.field(default=None, description="The new, PENDING upload.")
    url: URL | None = strawberry.field(default=None, description="The URL of the request.")
    method: str | None = strawberry.field(
        default=None, description="The method of the request: PUT."
    )
    headers: list[Header] = strawberry.field(
        default_factory=list,
        description="The headers of the request, to send unchanged.",
        metadata={"size": 1},
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description="The time at which the URL expires. Then call `createUpload` again.",
    )


@strawberry.type(description="The checked file. A rejected file is returned beside its error.")
class FinishUploadPayload(Payload):
    upload: Upload | None = strawberry.field(default=None, description="The upload.")
