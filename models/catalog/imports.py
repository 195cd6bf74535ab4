"""Imports of products from files, with a result for each row."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.media.file_types import TEXT
from core.sizes import MEGABYTE
from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.catalog.variants import MAX_SKU_LENGTH, Sku
from models.errors import InvalidInput
from models.personal_data import keep_rows, of_others
from models.text import Identifier, OneLine, one_line_constraint
from models.uploads import Upload, UploadPurpose

MAX_IMPORT_BYTES = 2 * MEGABYTE
MAX_IMPORT_ROWS = 2_000
MAX_MESSAGE_LENGTH = 500
MAX_CODE_LENGTH = 60
IMPORT_DAYS = 30  # that imports and their results are kept
RESULTS = "created + updated + unchanged + refused"


class ImportState(StrEnum):
    """`QUEUED → RUNNING → DONE / FAILED`."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class ImportFailure(StrEnum):
    """The reason why a file was not read, or not to its end."""

    FILE_MISSING = "FILE_MISSING"
    NOT_CSV = "NOT_CSV"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    REPEATED_COLUMN = "REPEATED_COLUMN"
    SKU_COLUMN_MISSING = "SKU_COLUMN_MISSING"
    NO_ROWS = "NO_ROWS"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    NOT_PERMITTED = "NOT_PERMITTED"
    INTERRUPTED = "INTERRUPTED"


class ImportOutcome(StrEnum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


class ImportColumn(StrEnum):
    """A column of the file, by its name in the header."""

    SKU = "SKU"
    TITLE = "TITLE"
    DESCRIPTION = "DESCRIPTION"
    TAX_CLASS = "TAX_CLASS"
    HSN_CODE = "HSN_CODE"
    PRICE = "PRICE"
    COMPARE_AT = "COMPARE_AT"
    WEIGHT_G = "WEIGHT_G"
    PER_ORDER_MAX = "PER_ORDER_MAX"
    TRACKS_STOCK = "TRACKS_STOCK"
    ON_HAND = "ON_HAND"


class ProductImport(Row, table=True):
    """A file of products that a job reads. A dry run checks its rows and changes nothing.

    `upload_id` is no foreign key: the file is deleted when it has been read.
    """

    __tablename__ = "product_import"
    __table_args__ = (
        Index("product_import_vendor_id_idx", "vendor_id", "created_at", "id"),
        CheckConstraint("(state = 'FAILED') = (failure IS NOT NULL)", name="failure"),
        CheckConstraint(
            "(state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)", name="finished_at"
        ),
        CheckConstraint(
            f"row_count BETWEEN 0 AND {MAX_IMPORT_ROWS}"
            " AND least(created, updated, unchanged, refused) >= 0"
            f" AND {RESULTS} <= row_count",
            name="counts",
        ),
    )
    __privacy__ = keep_rows(id="upload_id", none="row_count created updated unchanged refused")

    vendor_id: UUID = foreign_key("vendor", index=False)
    user_id: UUID = foreign_key("user")
    upload_id: UUID
    dry_run: bool
    state: ImportState = enum_column(ImportState, default=ImportState.QUEUED)
    failure: ImportFailure | None = open_enum_column(ImportFailure, default=None, nullable=True)
    row_count: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    finished_at: datetime | None = timestamp(default=None)

    @property
    def over(self) -> bool:
        return self.finished_at is not None

    def count(self, outcome: ImportOutcome) -> None:
        name = outcome.lower()
        setattr(self, name, getattr(self, name) + 1)


class ProductImportRow(Row, table=True):
    """The result of a row of a file. `number` counts from 1, without the header."""

    __tablename__ = "product_import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        one_line_constraint("sku"),
        one_line_constraint("code"),
        one_line_constraint("message"),
        CheckConstraint(f"number BETWEEN 1 AND {MAX_IMPORT_ROWS}", name="number"),
        CheckConstraint(
            "num_nonnulls(code, message) = CASE outcome WHEN 'REFUSED' THEN 2 ELSE 0 END",
            name="refusal",
        ),
    )
    __privacy__ = of_others(none="number sku code message")

    import_id: UUID = foreign_key("product_import", index=False)
    number: int
    sku: Sku | None = Field(default=None, max_length=MAX_SKU_LENGTH)
    outcome: ImportOutcome = enum_column(ImportOutcome)
    column_name: ImportColumn | None = open_enum_column(ImportColumn, default=None, nullable=True)
    code: Annotated[str, Identifier(MAX_CODE_LENGTH)] | None = Field(
        default=None, max_length=MAX_CODE_LENGTH
    )
    message: Annotated[str, OneLine(MAX_MESSAGE_LENGTH)] | None = Field(
        default=None, max_length=MAX_MESSAGE_LENGTH
    )


def ensure_importable(upload: Upload) -> None:
    """Raise `InvalidInput` unless an upload can be a file of products."""
    upload.ensure_attachable()
    if (
        upload.purpose is not UploadPurpose.DOCUMENT
        or upload.content_type != TEXT
        or upload.size > MAX_IMPORT_BYTES
    ):
        raise InvalidInput(
            "This is not a file of products. Upload a CSV file in UTF-8 of at most {most} MB.",
            most=MAX_IMPORT_BYTES // MEGABYTE,
            field=["uploadId"],
        )
