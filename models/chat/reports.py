"""Reports of abusive messages."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import blank_values
from models.text import Paragraphs

ReportNote = Annotated[str, Paragraphs(1_000, min_length=0)]


class ReportReason(StrEnum):
    SPAM = "SPAM"
    ABUSE = "ABUSE"
    FRAUD = "FRAUD"
    OTHER = "OTHER"


class MessageReport(Row, table=True):
    """A participant's report of a message, to be resolved by an admin."""

    __tablename__ = "message_report"
    __table_args__ = (
        UniqueConstraint("message_id", "reporter_id"),
        CheckConstraint("char_length(note) <= 1000", name="note"),
        CheckConstraint("(resolved_at IS NULL) = (resolver_id IS NULL)", name="resolved"),
        Index("message_report_created_at_idx", "created_at", "id"),
        Index(
            "message_report_open_idx",
            "created_at",
            "id",
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )
    __privacy__ = blank_values(of="reporter_id", personal="note", blank={"note": "''"})

    message_id: UUID = foreign_key("message", index=False)
    conversation_id: UUID = foreign_key("conversation")
    reporter_id: UUID = foreign_key("user")
    reason: ReportReason = enum_column(ReportReason)
    note: ReportNote = ""
    resolved_at: datetime | None = timestamp(default=None)
    resolver_id: UUID | None = optional_foreign_key("user")


class ReportDraft(BaseModel, frozen=True):
    reason: ReportReason
    note: ReportNote = ""


class AlreadyReported(Refusal):
    message = "You have already reported this message."
    meaning = "The viewer has already reported this message."
    remedy = "Inform the user that an admin will review it."
    constraint = "message_report_message_id_reporter_id_key"
