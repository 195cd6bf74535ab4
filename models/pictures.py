"""Pictures of vendors, offers, products, events, users and pets: public uploads with a place.

Each has sizes: smaller copies in several formats.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.clock import now
from core.media.file_types import AVIF, JPEG, WEBP
from models.base import (
    DEFERRED,
    MAX_LOCALES,
    LocaleTag,
    Row,
    enum_column,
    foreign_key,
    json,
    timestamp,
)
from models.personal_data import delete_rows, of_others
from models.text import OneLine
from models.uploads import PICTURES_PATH, Upload

MAX_GALLERY_PICTURES, MAX_OFFER_PICTURES, MAX_PRODUCT_PICTURES = 18, 10, 20
MAX_EVENT_PICTURES = 20  # with the cover, which is the first one
MAX_ALT_LENGTH = 200
MAX_SIZES = 12  # four in each of three formats
SIZES_FOLDER = "sizes"
AltText = Annotated[str, OneLine(MAX_ALT_LENGTH)]
AltTexts = Annotated[dict[LocaleTag, AltText], Range(max_length=MAX_LOCALES)]


class VendorImageKind(StrEnum):
    LOGO = "LOGO"
    COVER = "COVER"
    GALLERY = "GALLERY"


class VendorImage(Row, table=True):
    """A picture of a vendor: at most 20, with the logo and the cover."""

    __tablename__ = "vendor_image"
    __table_args__ = (
        UniqueConstraint("vendor_id", "kind", "position", **DEFERRED),
        UniqueConstraint("upload_id", **DEFERRED),
        CheckConstraint(
            f"position BETWEEN 0 AND CASE kind WHEN 'GALLERY' THEN {MAX_GALLERY_PICTURES - 1}"
            " ELSE 0 END",
            name="position",
        ),
    )
    __privacy__ = of_others(none="position alt")

    vendor_id: UUID = foreign_key("vendor", index=False)
    kind: VendorImageKind = enum_column(VendorImageKind)
    upload_id: UUID = foreign_key("upload", index=False)
    position: int = 0
    alt: dict[str, AltText] = json(default_factory=dict)


class OfferPicture(Row, table=True):
    """A picture of an offer, at most 10. Duplicates of an offer share its uploads."""

    __tablename__ = "offer_picture"
    __table_args__ = (
        UniqueConstraint("offer_id", "position", **DEFERRED),
        UniqueConstraint("offer_id", "upload_id", **DEFERRED),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_OFFER_PICTURES - 1}", name="position"),
    )
    __privacy__ = of_others(none="position alt")

    offer_id: UUID = foreign_key("offer", index=False)
    upload_id: UUID = foreign_key("upload")
    position: int = 0
    alt: dict[str, AltText] = json(default_factory=dict)


class ProductPicture(Row, table=True):
    """A picture of a product, at most 20."""

    __tablename__ = "product_picture"
    __table_args__ = (
        UniqueConstraint("product_id", "position", **DEFERRED),
        UniqueConstraint("upload_id", **DEFERRED),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_PRODUCT_PICTURES - 1}", name="position"),
    )
    __privacy__ = of_others(none="position alt")

    product_id: UUID = foreign_key("product", index=False)
    upload_id: UUID = foreign_key("upload", index=False)
    position: int = 0
    alt: dict[str, AltText] = json(default_factory=dict)


class EventPicture(Row, table=True):
    """A picture of an event, at most 20. Copies of an event share its uploads."""

    __tablename__ = "event_picture"
    __table_args__ = (
        UniqueConstraint("event_id", "position", **DEFERRED),
        UniqueConstraint("event_id", "upload_id", **DEFERRED),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_EVENT_PICTURES - 1}", name="position"),
    )
    __privacy__ = of_others(none="position alt")

    event_id: UUID = foreign_key("event", index=False)
    upload_id: UUID = foreign_key("upload")
    position: int = 0
    alt: dict[str, AltText] = json(default_factory=dict)


class Avatar(Row, table=True):
    """The picture of a user."""

    __table_args__ = (UniqueConstraint("user_id"), UniqueConstraint("upload_id"))
    __privacy__ = delete_rows()

    user_id: UUID = foreign_key("user", index=False)
    upload_id: UUID = foreign_key("upload", index=False)

    @property
    def alt(self) -> Mapping[str, str]:
        """Return no text that describes it: it is shown beside the name."""
        return {}


class PetPhoto(Row, table=True):
    """The photo of a pet."""

    __tablename__ = "pet_photo"
    __table_args__ = (UniqueConstraint("pet_id"), UniqueConstraint("upload_id"))
    __privacy__ = delete_rows(of="pet_id")

    pet_id: UUID = foreign_key("pet", index=False)
    upload_id: UUID = foreign_key("upload", index=False)

    @property
    def alt(self) -> Mapping[str, str]:
        """Return no text that describes it: it is shown beside the name."""
        return {}


class PictureFormat(StrEnum):
    AVIF = "AVIF"
    WEBP = "WEBP"
    JPEG = "JPEG"

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self]

    @property
    def extension(self) -> str:
        return SIZE_EXTENSIONS[self.content_type]


CONTENT_TYPES: Mapping[PictureFormat, str] = {
    PictureFormat.AVIF: AVIF,
    PictureFormat.WEBP: WEBP,
    PictureFormat.JPEG: JPEG,
}
SIZE_EXTENSIONS: Mapping[str, str] = {AVIF: ".avif", WEBP: ".webp", JPEG: ".jpg"}


class PictureState(StrEnum):
    """`PENDING → READY / FAILED`."""

    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"


class PictureSize(NamedTuple):
    """A copy of a picture. Its object is named after the upload, the width and the content."""

    upload_id: UUID
    width: int
    height: int
    format: PictureFormat
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        return f"{self.upload_id}-{self.width}-{self.sha256}"

    @property
    def public_path(self) -> str:
        """Return the path of the copy's stable URL. It ends in the content's hash."""
        return f"{PICTURES_PATH}/{self.name}{self.format.extension}"

    def stored(self) -> dict[str, Any]:
        """Return the value in `picture_sizes.sizes`."""
        values = self._asdict()
        del values["upload_id"]
        return values


class PictureSizes(SQLModel, table=True):
    """The sizes of a picture's upload, smallest first, and the hash of a blurred preview.

    `bytes` is the space of all sizes. It counts as held while that of the upload does.
    """

    __tablename__ = "picture_sizes"
    __table_args__ = (
        CheckConstraint(
            "(state = 'READY') = (blurhash IS NOT NULL AND jsonb_array_length(sizes) > 0)",
            name="ready",
        ),
        CheckConstraint(f"jsonb_array_length(sizes) <= {MAX_SIZES}", name="sizes"),
        CheckConstraint("char_length(blurhash) BETWEEN 6 AND 100", name="blurhash"),
        CheckConstraint("bytes >= 0", name="bytes"),
        Index(
            "picture_sizes_pending_idx", "created_at", postgresql_where=text("state = 'PENDING'")
        ),
    )
    __privacy__ = delete_rows(
        of="upload_id",
        unless="""
            upload_id IN (SELECT upload_id FROM vendor_image)
            OR upload_id IN (SELECT upload_id FROM offer_picture)
            OR upload_id IN (SELECT upload_id FROM product_picture)
            OR upload_id IN (SELECT upload_id FROM event_picture)
        """,
        personal="blurhash",
        none="sizes bytes",
        blank={"blurhash": "blurhash"},
    )

    upload_id: UUID = foreign_key("upload", primary_key=True, index=False)
    created_at: datetime = timestamp(default_factory=now)
    state: PictureState = enum_column(PictureState, default=PictureState.PENDING)
    blurhash: str | None = Field(default=None, max_length=100)
    sizes: list[dict[str, Any]] = json(default_factory=list)
    bytes: int = 0

    def record(self, made: "MadeSizes | None") -> None:
        """Set the state: READY with the sizes, or FAILED without them."""
        if made is None:
            self.state = PictureState.FAILED
            return
        self.state, self.blurhash = PictureState.READY, made.blurhash
        self.sizes = [size.stored() for size in made.sizes]
        self.bytes = sum(size.bytes for size in made.sizes)

    def list_sizes(self) -> list[PictureSize]:
        return [
            PictureSize(self.upload_id, **{**size, "format": PictureFormat(size["format"])})
            for size in self.sizes
        ]


class MadeSizes(NamedTuple):
    blurhash: str
    sizes: Sequence[PictureSize]


class Unplaced(NamedTuple):
    """Stands for the place of a picture that has none, and so no text that describes it."""

    alt: Mapping[str, str] = {}


class ShownPicture(NamedTuple):
    """A picture with its upload, which is READY, and its sizes, if they were asked for yet."""

    row: VendorImage | OfferPicture | ProductPicture | EventPicture | Avatar | PetPhoto | Unplaced
    upload: Upload
    sizes: PictureSizes | None = None

    @property
    def kind(self) -> VendorImageKind | None:
        kind: VendorImageKind | None = getattr(self.row, "kind", None)
        return kind

    @property
    def state(self) -> PictureState:
        return self.sizes.state if self.sizes else PictureState.PENDING

    @property
    def blurhash(self) -> str | None:
        return self.sizes.blurhash if self.sizes else None

    def list_sizes(self, format: PictureFormat | None = None) -> list[PictureSize]:
        """Return the sizes, in one format or in all, the smallest first."""
        sizes = self.sizes.list_sizes() if self.sizes else []
        return [size for size in sizes if format in {None, size.format}]

    def path(self, width: int | None = None, format: PictureFormat | None = None) -> str:
        """Return the path of the smallest size that is wide enough, else of the largest.

        Without a width it is that of the largest, and the path of the original without both, or
        without sizes.
        """
        wanted = None if width is None and format is None else format or PictureFormat.JPEG
        sizes = self.list_sizes(wanted) if wanted else []
        if not sizes:
            return self.upload.public_path
        wide = (size for size in sizes if width is not None and size.width >= width)
        return next(wide, sizes[-1]).public_path


class PictureDraft(BaseModel, frozen=True):
    """Validated input of a picture."""

    upload_id: UUID
    alt: AltTexts = {}


class VendorPictures(BaseModel, frozen=True):
    """The pictures of a vendor in the fields of an input."""

    logo: Annotated[list[PictureDraft], Range(max_length=1)] = []
    cover: Annotated[list[PictureDraft], Range(max_length=1)] = []
    gallery: Annotated[list[PictureDraft], Range(max_length=MAX_GALLERY_PICTURES)] = []


class OfferPictures(BaseModel, frozen=True):
    """The pictures of an offer."""

    pictures: Annotated[list[PictureDraft], Range(max_length=MAX_OFFER_PICTURES)] = []


class ProductPictures(BaseModel, frozen=True):
    """The pictures of a product."""

    pictures: Annotated[list[PictureDraft], Range(max_length=MAX_PRODUCT_PICTURES)] = []


class EventPictures(BaseModel, frozen=True):
    """The pictures of an event."""

    pictures: Annotated[list[PictureDraft], Range(max_length=MAX_EVENT_PICTURES)] = []


def size_key(name: str) -> str:
    """Return the key of a size by the name in its URL, without the extension."""
    return f"{SIZES_FOLDER}/{name}"


def sizes_prefix(upload_id: UUID) -> str:
    """Return the prefix of the keys of all sizes of a picture."""
    return size_key(f"{upload_id}-")
