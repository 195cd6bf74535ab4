"""Uploads: announced, sent to the storage, checked, then attached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ValidationInfo, field_validator
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.clock import now
from core.errors import UserMessage
from core.media.announced_types import normalize_type
from core.media.file_types import (
    DOCX,
    GIF,
    JPEG,
    PDF,
    PNG,
    TEXT,
    WEBP,
    XLSX,
    FileInfo,
    UploadRejectionReason,
)
from core.sizes import MEGABYTE
from core.text.cleaning import clean_line
from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.errors import InvalidInput, InvalidValue, NotFound, Refusal
from models.personal_data import delete_rows
from models.text import OneLine, one_line_constraint

MAX_OPEN_UPLOADS = 20
MAX_HELD_BYTES = 100 * MEGABYTE
MAX_BYTES_PER_DAY = 500 * MEGABYTE
FINISH_WINDOW = timedelta(hours=1)
ATTACH_WINDOW = timedelta(days=1)
MAX_FILE_NAME_LENGTH = 200
PICTURES_PATH = "/pictures"
IMAGE_TYPES = frozenset({JPEG, PNG, WEBP, GIF})
FILE_EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    JPEG: (".jpg", ".jpeg", ".jfif"),
    PNG: (".png",),
    WEBP: (".webp",),
    GIF: (".gif",),
    PDF: (".pdf",),
    TEXT: (".txt", ".csv", ".md", ".log", ".text"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
}
NOT_ACCEPTED = (
    "The content of this file is not of an accepted type. Upload a JPEG, PNG, WebP or GIF picture,"
    " a PDF, a Word (.docx) or Excel (.xlsx) document, or plain text saved as UTF-8. Save HEIC and"
    " AVIF photos as JPEG first."
)


ONLY_PICTURES = (
    "This file is not an accepted picture. Upload a JPEG, PNG, WebP or GIF picture. Save HEIC and"
    " AVIF photos as JPEG first."
)


class UploadState(StrEnum):
    """`PENDING → READY / REFUSED`."""

    PENDING = "PENDING"
    READY = "READY"
    REFUSED = "REFUSED"


class UploadPurpose(StrEnum):
    CHAT = "CHAT"
    PICTURE = "PICTURE"
    DOCUMENT = "DOCUMENT"
    DIGITAL = "DIGITAL"


class StoredFile(NamedTuple):
    key: str
    content: FileInfo
    size: int


class Upload(Row, table=True):
    """A user's file. Type and size are as announced, and as detected once READY.

    It is deleted at `expires_at` unless attached. Until it is attached, or its objects are removed,
    its size counts as held.
    """

    __table_args__ = (
        one_line_constraint("file_name"),
        CheckConstraint("size BETWEEN 1 AND 26214400", name="size"),
        CheckConstraint("(state = 'READY') = (key IS NOT NULL)", name="key"),
        CheckConstraint(
            "(state = 'REFUSED') = (rejection_reason IS NOT NULL)", name="rejection_reason"
        ),
        CheckConstraint("attached_at IS NULL OR state = 'READY'", name="attached_at"),
        CheckConstraint("freed_at IS NULL OR state = 'REFUSED'", name="freed_at"),
        CheckConstraint("received_at IS NULL OR transfer_ends_at IS NULL", name="transfer"),
        CheckConstraint("num_nonnulls(width, height) IN (0, 2)", name="picture"),
        CheckConstraint("width > 0 AND height > 0", name="pixels"),
        Index(
            "upload_unattached_idx",
            "user_id",
            postgresql_where=text("attached_at IS NULL"),
        ),
    )
    __privacy__ = delete_rows(
        unless="""
            id IN (SELECT upload_id FROM vendor_image)
            OR id IN (SELECT upload_id FROM offer_picture)
            OR id IN (SELECT upload_id FROM product_picture)
            OR id IN (SELECT upload_id FROM event_picture)
            OR id IN (SELECT upload_id FROM vendor_document)
            OR id IN (SELECT upload_id FROM digital_asset)
            OR id IN (SELECT upload_id FROM dispute_file)
        """,
        personal="file_name",
        none="content_type size width height key",
        blank={"file_name": "'file'"},
    )

    user_id: UUID = foreign_key("user", index=False)
    purpose: UploadPurpose = open_enum_column(UploadPurpose)
    state: UploadState = enum_column(UploadState, default=UploadState.PENDING)
    file_name: Annotated[str, OneLine(MAX_FILE_NAME_LENGTH)] = Field(
        max_length=MAX_FILE_NAME_LENGTH
    )
    content_type: str = Field(max_length=100)
    size: int
    width: int | None = None
    height: int | None = None
    key: str | None = Field(default=None, max_length=200)
    rejection_reason: UploadRejectionReason | None = enum_column(
        UploadRejectionReason, default=None, nullable=True
    )
    expires_at: datetime = timestamp(default_factory=lambda: now() + FINISH_WINDOW)
    attached_at: datetime | None = timestamp(default=None)
    transfer_ends_at: datetime | None = timestamp(default=None)
    received_at: datetime | None = timestamp(default=None)
    freed_at: datetime | None = timestamp(default=None)

    @property
    def expired(self) -> bool:
        return self.attached_at is None and self.expires_at <= now()

    @property
    def pending(self) -> bool:
        return self.state is UploadState.PENDING

    @property
    def is_image(self) -> bool:
        """Return whether browsers may show it inline; others are served as downloads."""
        return self.content_type in IMAGE_TYPES

    @property
    def is_public(self) -> bool:
        """Return whether it has a stable URL, for all who know it."""
        return self.purpose is UploadPurpose.PICTURE

    @property
    def public_path(self) -> str:
        """Return the path of a public upload's stable URL. It ends in the content's hash."""
        name = (self.key or "").rpartition("/")[2]
        return f"{PICTURES_PATH}/{name}{FILE_EXTENSIONS[self.content_type][0]}"

    def accepts(self, content: FileInfo) -> bool:
        return not self.is_public or content.type in IMAGE_TYPES

    def ensure_picture(self) -> None:
        self.ensure_attachable()
        if not self.is_public:
            raise InvalidInput(ONLY_PICTURES, field=["uploadId"])

    def release(self) -> None:
        """Detach the upload, so that it expires now. Its objects are removed by the job."""
        self.attached_at, self.expires_at = None, now()

    @property
    def served_type(self) -> str:
        """Return the served media type. Accepted text is always UTF-8."""
        return f"{TEXT}; charset=utf-8" if self.content_type == TEXT else self.content_type

    def record_result(self, found: StoredFile | UploadRejectionReason) -> None:
        """Set the state: READY with the detected values, or REFUSED with the reason."""
        if isinstance(found, UploadRejectionReason):
            self.state, self.rejection_reason = UploadState.REFUSED, found
            return
        self.state, self.key, self.size = UploadState.READY, found.key, found.size
        self.content_type = found.content.type
        self.width, self.height = found.content.width, found.content.height
        self.file_name = with_extension(self.file_name, self.content_type)
        self.expires_at = now() + ATTACH_WINDOW

    def ensure_current(self) -> None:
        if self.expired:
            raise NotFound

    def ensure_attachable(self) -> None:
        self.ensure_current()
        if self.state is not UploadState.READY or self.attached_at is not None:
            raise InvalidInput(
                "This file is not ready, or it is already in use. Upload it again.",
                field=["uploadId"],
            )


class UploadQuota(SQLModel, table=True):
    """The bytes of the files that a user announced on a day (UTC). Lock it to reserve space."""

    __tablename__ = "upload_quota"
    __table_args__ = (CheckConstraint("bytes BETWEEN 1 AND 524288000", name="bytes"),)
    __privacy__ = delete_rows(none="day bytes")

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    day: date
    bytes: int = Field(sa_type=BigInteger)


def incoming_key(upload_id: UUID) -> str:
    """Return the key that clients upload to. Never served: its URL outlives the check."""
    return f"incoming/{upload_id}"


def stored_key(upload_id: UUID, sha256: str = "", *, public: bool = False) -> str:
    """Return the key of the accepted content; without a hash, the prefix of such keys.

    Public content has keys of its own: a stable URL of a private file must not exist.
    """
    return f"{'public' if public else 'kept'}/{upload_id}-{sha256}"


def public_key(name: str) -> str:
    """Return the key of a picture by the name in its URL, without the extension."""
    return f"public/{name}"


def max_bytes(content_type: str) -> int:
    return (10 if content_type in IMAGE_TYPES else 25) * MEGABYTE


def clean_file_name(name: str) -> str:
    """Return the base name on one line, without invisible and bidirectional characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return clean_line(clean_line(last).strip(" .")) or "file"


def with_extension(name: str, content_type: str) -> str:
    """Return the name with its type's extension: a text named run.bat becomes run.bat.txt."""
    extensions = FILE_EXTENSIONS[content_type]
    if PurePosixPath(name.lower()).suffix in extensions:
        return name
    return name[: MAX_FILE_NAME_LENGTH - len(extensions[0])] + extensions[0]


@dataclass(frozen=True)
class FileName(OneLine):
    """A file name, cleaned by `clean_file_name`."""

    def clean(self, text: str) -> str:
        return clean_file_name(text) if text else ""


class UploadDraft(BaseModel, frozen=True):
    """Validated announcement of a file. `size` is in bytes."""

    file_name: Annotated[str, FileName(MAX_FILE_NAME_LENGTH)]
    content_type: str
    size: Annotated[int, Range(ge=1)]

    @field_validator("content_type")
    @classmethod
    def normalize_content_type(cls, announced: str) -> str:
        return normalize_type(announced)

    @field_validator("size")
    @classmethod
    def ensure_max_size(cls, size: int, given: ValidationInfo) -> int:
        most = max_bytes(given.data.get("content_type", ""))
        if size > most:
            raise InvalidValue(
                "Files of this type can have at most {most} MB.", most=most // MEGABYTE
            )
        return size


class UploadLimitReached(Refusal):
    message = "You have too many files that are not used yet. Use those first, or wait a day."
    meaning = (
        "The viewer has 20 uploads, or 100 MB, that are unfinished or not attached to anything."
    )
    remedy = (
        "Attach those first. Uploads are deleted if not finished within an hour or attached"
        " within a day."
    )


class DailyUploadLimitReached(Refusal):
    message = "You can upload at most {most} MB a day. Try again tomorrow."
    meaning = "The viewer announced files of 500 MB today (UTC), rejected and unfinished ones too."
    remedy = "Show `message`. The limit starts again at midnight UTC."


class UploadNotReceived(Refusal):
    message = "The file has not been received. Upload it again."
    meaning = "`finishUpload` was called before the file was uploaded to its URL."
    remedy = "Upload the file, and call `finishUpload` after the response 200."


class StorageUnavailable(Refusal):
    message = "File storage is temporarily unavailable. Try again in a moment."
    meaning = "The server cannot reach the file storage."
    remedy = "Try again in a moment. Nothing has changed."


class StorageFull(Refusal):
    message = "File storage is full. Try again later."
    meaning = "The server has too little disk space left for the file."
    remedy = "Try again later. Nothing has changed."


class UploadRefused(Refusal):
    """Returned next to the upload, not raised: a raise would roll its state back."""

    message = "This file was rejected. Upload another one."
    meaning = "The uploaded file was rejected for good; `upload.rejectionReason` is the reason."
    remedy = "Show `message`. A different file needs a new `createUpload`."

    def __init__(
        self,
        rejection_reason: UploadRejectionReason,
        purpose: UploadPurpose = UploadPurpose.CHAT,
    ) -> None:
        is_type = rejection_reason is UploadRejectionReason.TYPE
        if is_type and purpose is UploadPurpose.PICTURE:
            super().__init__(ONLY_PICTURES)
        else:
            super().__init__(REJECTION_MESSAGES[rejection_reason].template)


REJECTION_MESSAGES: Mapping[UploadRejectionReason, UserMessage] = {
    UploadRejectionReason.SIZE: UserMessage("The file was not received as it is. Upload it again."),
    UploadRejectionReason.TOO_LARGE: UserMessage(
        "This file is too large for its type. Upload a smaller one."
    ),
    UploadRejectionReason.TYPE: UserMessage(NOT_ACCEPTED),
    UploadRejectionReason.AMBIGUOUS: UserMessage(
        "This file can be read as more than one type. Upload another one."
    ),
    UploadRejectionReason.DAMAGED: UserMessage("This file is damaged. Upload an intact copy."),
    UploadRejectionReason.PIXELS: UserMessage(
        "This image has too many pixels. Upload a smaller one."
    ),
    UploadRejectionReason.ACTIVE_CONTENT: UserMessage(
        "This file contains scripts, macros or remote content, or needs a password. Upload a copy"
        " without them."
    ),
}
