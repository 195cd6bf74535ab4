"""Pictures of vendors and offers."""

import strawberry

from core.ids import global_id
from engine.address_scalars import URL
from engine.context import Info
from engine.types import column, field, localized_text
from models.pictures import ShownPicture

Root = strawberry.Parent[ShownPicture]


@strawberry.type(
    description="A picture of a vendor or an offer. Visible to everyone who can see the vendor or"
    " the offer. Its URL is public."
)
class Picture:
    @field(
        "The stable, public URL. Clients and caches may keep the file for a day: another picture"
        " has another URL.",
        needs=("upload.key", "upload.content_type"),
        public=True,
    )
    def url(root: Root, info: Info) -> URL:
        return URL(f"{info.context.app.settings.address}{root.upload.public_path}")

    @field("The width in pixels, after rotation.", needs=("upload.width",), public=True)
    def width(root: Root) -> int:
        return root.upload.width or 0

    @field("The height in pixels, after rotation.", needs=("upload.height",), public=True)
    def height(root: Root) -> int:
        return root.upload.height or 0

    content_type: str = column(
        "The media type: image/jpeg, image/png, image/webp or image/gif.",
        of="upload.content_type",
    )
    alt: str = localized_text(
        "row.alt",
        "The text for readers who cannot see the picture: in the requested locale, else the"
        " caller's, else any. Empty if there is none.",
    )

    @field(
        "The upload's id, to keep the picture when its vendor or offer is updated.",
        needs=("upload.id",),
        public=True,
    )
    def upload_id(root: Root) -> strawberry.ID:
        return strawberry.ID(global_id("Upload", root.upload.id))
