"""Files that are sold: each belongs to a variant, and is handed to those who buy it."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.media.file_types import GIF, JPEG, PDF, PNG, TEXT, WEBP
from models.base import Row, enum_column, foreign_key
from models.errors import InvalidInput, Refusal
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint
from models.uploads import MAX_FILE_NAME_LENGTH, PICTURES_PATH

MAX_ASSETS = 20  # of a variant
MAX_DOWNLOADS, MAX_VALID_DAYS = 100, 3_650
DEFAULT_DOWNLOADS = 5
MARKED_IMAGES = frozenset({JPEG, PNG, WEBP})
SHOWN_IMAGES = MARKED_IMAGES | {GIF}


class Watermark(StrEnum):
    """How each buyer's copy of a file is marked: by the kind of the file."""

    NONE = "NONE"
    IMAGE = "IMAGE"
    PDF = "PDF"

    @classmethod
    def of(cls, content_type: str) -> "Watermark":
        """Return how files of a type are marked. NONE if they cannot be."""
        if content_type in MARKED_IMAGES:
            return cls.IMAGE
        return cls.PDF if content_type == PDF else cls.NONE


class AssetState(StrEnum):
    """`CHECKING → READY / FAILED`, and each can be REMOVED.

    A file that is to be marked is CHECKING until a trial mark was made. If that fails, it cannot be
    published, and those who have bought it get it without a mark. Buyers keep a REMOVED one.
    """

    CHECKING = "CHECKING"
    READY = "READY"
    FAILED = "FAILED"
    REMOVED = "REMOVED"


class DigitalAsset(Row, table=True):
    """A file of a variant. Type, size and name are those of its upload.

    `version` counts the files that it had: a replaced one is marked again for each buyer.
    `preview_sha256` is the hash of the public preview, None without one.
    """

    __tablename__ = "digital_asset"
    __table_args__ = (
        one_line_constraint("file_name"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("preview_sha256 ~ '^[0-9a-f]{64}$'", name="preview_sha256"),
        CheckConstraint("size >= 1", name="size"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint(f"max_downloads BETWEEN 1 AND {MAX_DOWNLOADS}", name="max_downloads"),
        CheckConstraint(f"valid_days BETWEEN 1 AND {MAX_VALID_DAYS}", name="valid_days"),
        CheckConstraint("state <> 'CHECKING' OR watermark <> 'NONE'", name="checking"),
        UniqueConstraint("upload_id"),
        Index("digital_asset_variant_id_idx", "variant_id", "position", "id"),
        Index("digital_asset_vendor_id_idx", "vendor_id"),
    )
    __privacy__ = of_others(
        none=(
            "file_name content_type size sha256 object_key preview_sha256 version position"
            " max_downloads valid_days"
        )
    )

    variant_id: UUID = foreign_key("variant", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    upload_id: UUID = foreign_key("upload", index=False)
    state: AssetState = enum_column(AssetState)
    file_name: Annotated[str, OneLine(MAX_FILE_NAME_LENGTH)] = Field(
        max_length=MAX_FILE_NAME_LENGTH
    )
    content_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)
    object_key: str = Field(max_length=200)
    watermark: Watermark = enum_column(Watermark, default=Watermark.NONE)
    has_preview: bool = True
    preview_sha256: str | None = Field(default=None, max_length=64)
    version: int = 1
    position: int = 0
    max_downloads: int = DEFAULT_DOWNLOADS
    valid_days: int | None = None

    @property
    def is_marked(self) -> bool:
        return self.watermark is not Watermark.NONE

    @property
    def can_be_previewed(self) -> bool:
        return self.has_preview and self.content_type in {PDF, *SHOWN_IMAGES}

    @property
    def served_type(self) -> str:
        """Return the served media type. Accepted text is always UTF-8."""
        return f"{TEXT}; charset=utf-8" if self.content_type == TEXT else self.content_type

    @property
    def preview_path(self) -> str | None:
        """Return the path of the preview's stable URL. It ends in the content's hash."""
        if self.preview_sha256 is None:
            return None
        return f"{PICTURES_PATH}/{self.id}-{self.preview_sha256}.jpg"

    def mark(self, *, wanted: bool) -> None:
        """Have the copies of buyers marked. Raises `InvalidInput` if the type does not allow it."""
        self.watermark = Watermark.of(self.content_type) if wanted else Watermark.NONE
        if wanted and not self.is_marked:
            raise InvalidInput(
                "Only JPEG, PNG, WebP and PDF files can have a watermark.", field=["watermark"]
            )
        self.state = AssetState.CHECKING if self.is_marked else AssetState.READY


def preview_prefix(asset_id: UUID) -> str:
    """Return the prefix of the keys of a file's previews, which have stable public URLs."""
    return f"public/{asset_id}-"


class AssetDraft(BaseModel, frozen=True):
    """Validated input of a file that is to be sold."""

    watermark: bool = False
    preview: bool = True
    max_downloads: Annotated[int, Range(ge=1, le=MAX_DOWNLOADS)] = DEFAULT_DOWNLOADS
    valid_days: Annotated[int, Range(ge=1, le=MAX_VALID_DAYS)] | None = None


class AssetLimitReached(Refusal):
    message = "A variant can have at most {most} files. Remove one first."
    meaning = "The variant has the maximum number of digital assets."
    remedy = "List the files, so that the user can remove one."


class DigitalContentMissing(Refusal):
    message = "Each variant of a published digital product needs a file or license keys."
    meaning = (
        "A DIGITAL product is to be published, or of a PUBLISHED one a variant to be restored or a"
        " file to be removed, and one of its active variants would have neither a READY digital"
        " asset nor license keys."
    )
    remedy = "Let the user add a file or keys to each variant, or hide the product first."
