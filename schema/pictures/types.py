"""Pictures of vendors, offers and users, and their sizes."""

from typing import Annotated, Any

import strawberry

from core.ids import global_id
from engine.address_scalars import URL
from engine.context import Info
from engine.types import column, field, localized_text
from models import pictures as rows
from schema.pictures.enums import PictureFormat, PictureState

Root = strawberry.Parent[rows.ShownPicture]
SIZE_COLUMNS = ("upload.key", "upload.content_type", "sizes")
WidthOf = Annotated[
    int | None,
    strawberry.argument(
        description="The width in device pixels at which it is shown. Returns the narrowest size"
        " that is at least as wide, else the widest."
    ),
]
FormatOf = Annotated[
    PictureFormat | None,
    strawberry.argument(
        description="The format of the size. Defaults to JPEG if a `width` is given."
    ),
]
SizesIn = Annotated[
    PictureFormat | None,
    strawberry.argument(description="Returns sizes in this format. If omitted, in all formats."),
]


@strawberry.type(
    description="A smaller copy of a picture, or of its first frame, without metadata. Visible to"
    " everyone who can see the picture. It fits in a square of 160, 320, 640 or 1280 pixels."
)
class PictureSize:
    width: int = column("The width in pixels.")
    height: int = column("The height in pixels.")
    format: PictureFormat = column("The format.")
    content_type: str = column(
        "The media type: image/avif, image/webp or image/jpeg.", of="format.content_type"
    )
    bytes: int = column("The size of the file in bytes.")

    @field("The stable, public URL.", needs=("public_path",), public=True)
    def url(root: strawberry.Parent[Any], info: Info) -> URL:
        return URL(f"{info.context.app.settings.address}{root.public_path}")


@strawberry.type(
    description="A picture of a vendor, an offer or a user. Visible to everyone who can see that."
    " Its URLs are public."
)
class Picture:
    @field(
        "The stable, public URL: of the picture as it was uploaded, or of a size if a `width` or a"
        " `format` is given and the sizes are READY. Clients and caches may keep the file for a"
        " day: another picture has another URL.",
        needs=SIZE_COLUMNS,
        public=True,
    )
    def url(root: Root, info: Info, width: WidthOf = None, format: FormatOf = None) -> URL:
        return URL(f"{info.context.app.settings.address}{root.path(width, format)}")

    @field("The width in pixels, after rotation.", needs=("upload.width",), public=True)
    def width(root: Root) -> int:
        return root.upload.width or 0

    @field("The height in pixels, after rotation.", needs=("upload.height",), public=True)
    def height(root: Root) -> int:
        return root.upload.height or 0

    content_type: str = column(
        "The media type of the picture as it was uploaded: image/jpeg, image/png, image/webp or"
        " image/gif.",
        of="upload.content_type",
    )
    state: PictureState = column("The state of the sizes. Subscription: `pictureChanges`.")

    @field(
        f"The sizes, the smallest first: at most {rows.MAX_SIZES}, up to four in each format."
        " Empty unless they are READY. None is larger than the picture. Those of an animation show"
        " its first frame.",
        needs=("sizes",),
        size=rows.MAX_SIZES,
        public=True,
    )
    def sizes(root: Root, format: SizesIn = None) -> list[PictureSize]:
        found: list[Any] = root.list_sizes(format)
        return found

    blurhash: str | None = column(
        "A BlurHash of about 30 characters, to draw a blurred preview until the file is there. Null"
        " unless the sizes are READY.",
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
