"""Imports of offers from files, with a result for each row."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.media.file_types import TEXT
from core.sizes import MEGABYTE
from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.catalog.imports import (
    MAX_CODE_LENGTH,
    MAX_MESSAGE_LENGTH,
    RESULTS,
    ImportOutcome,
    ImportState,
)
from models.errors import InvalidInput, Refusal
from models.offers.offers import MAX_EXTERNAL_ID_LENGTH, ExternalId
from models.personal_data import keep_rows, of_others
from models.text import Identifier, OneLine, one_line_constraint
from models.uploads import Upload, UploadPurpose

MAX_FILE_BYTES = 5 * MEGABYTE
MAX_ROWS = 5_000


class OfferImportFailure(StrEnum):
    """The reason why a file was not read, or not to its end."""

    FILE_MISSING = "FILE_MISSING"
    NOT_CSV = "NOT_CSV"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    REPEATED_COLUMN = "REPEATED_COLUMN"
    ID_COLUMN_MISSING = "ID_COLUMN_MISSING"
    NO_ROWS = "NO_ROWS"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    NOT_PERMITTED = "NOT_PERMITTED"
    INTERRUPTED = "INTERRUPTED"


class OfferColumn(StrEnum):
    """A column of the file, by its name in the header."""

    ID = "ID"
    TITLE = "TITLE"
    DESCRIPTION = "DESCRIPTION"
    TERMS = "TERMS"
    CATEGORY = "CATEGORY"
    PERCENT = "PERCENT"
    AMOUNT = "AMOUNT"
    BUY = "BUY"
    GET = "GET"
    FREE_ITEM = "FREE_ITEM"
    CAPACITY = "CAPACITY"
    PER_USER_LIMIT = "PER_USER_LIMIT"
    STARTS_AT = "STARTS_AT"
    ENDS_AT = "ENDS_AT"
    PUBLISH_AT = "PUBLISH_AT"
    PIN_CODES = "PIN_CODES"


class OfferImport(Row, table=True):
    """A file of offers that a job reads. A dry run checks its rows and changes nothing.

    `upload_id` is no foreign key: the file is deleted when it has been read.
    """

    __tablename__ = "offer_import"
    __table_args__ = (
        Index("offer_import_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("offer_import_upload_id_idx", "upload_id"),
        CheckConstraint("(state = 'FAILED') = (failure IS NOT NULL)", name="failure"),
        CheckConstraint(
            "(state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)", name="finished_at"
        ),
        CheckConstraint(
            f"row_count BETWEEN 0 AND {MAX_ROWS}"
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
    failure: OfferImportFailure | None = open_enum_column(
        OfferImportFailure, default=None, nullable=True
    )
    row_count: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    finished_at: datetime | None = timestamp(default=None)

    @property
    def over(self) -> bool:
        return self.finished_at is not None

    @property
    def done_rows(self) -> int:
        """Return the number of rows with a result, which are the first ones of the file."""
        return self.created + self.updated + self.unchanged + self.refused

    def count(self, outcome: ImportOutcome) -> None:
        name = outcome.lower()
        setattr(self, name, getattr(self, name) + 1)


class OfferImportRow(Row, table=True):
    """The result of a row of a file. `number` counts from 1, without the header."""

    __tablename__ = "offer_import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("offer_import_row_outcome_idx", "import_id", "outcome", "number", "id"),
        one_line_constraint("external_id"),
        one_line_constraint("code"),
        one_line_constraint("message"),
        CheckConstraint(f"number BETWEEN 1 AND {MAX_ROWS}", name="number"),
        CheckConstraint(
            "num_nonnulls(code, message) = CASE outcome WHEN 'REFUSED' THEN 2 ELSE 0 END",
            name="refusal",
        ),
    )
    __privacy__ = of_others(id="offer_id", none="number external_id code message")

    import_id: UUID = foreign_key("offer_import", index=False)
    number: int
    external_id: ExternalId | None = Field(default=None, max_length=MAX_EXTERNAL_ID_LENGTH)
    offer_id: UUID | None = None
    outcome: ImportOutcome = enum_column(ImportOutcome)
    column_name: OfferColumn | None = open_enum_column(OfferColumn, default=None, nullable=True)
    code: Annotated[str, Identifier(MAX_CODE_LENGTH)] | None = Field(
        default=None, max_length=MAX_CODE_LENGTH
    )
    message: Annotated[str, OneLine(MAX_MESSAGE_LENGTH)] | None = Field(
        default=None, max_length=MAX_MESSAGE_LENGTH
    )


class ImportNotChecked(Refusal):
    message = "Check this file with a dry run first, and wait for its end."
    meaning = "No dry run of this upload is DONE."
    remedy = "Call `importOffers` with `dryRun`, and show its results before the import."


def ensure_file_of_offers(upload: Upload) -> None:
    """Raise `InvalidInput` unless an upload can be a file of offers."""
    upload.ensure_attachable()
    if (
        upload.purpose is not UploadPurpose.DOCUMENT
        or upload.content_type != TEXT
        or upload.size > MAX_FILE_BYTES
    ):
        raise InvalidInput(
            "This is not a file of offers. Upload a CSV file in UTF-8 of at most {most} MB.",
            most=MAX_FILE_BYTES // MEGABYTE,
            field=["uploadId"],
        )
