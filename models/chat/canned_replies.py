"""Canned replies: text that a vendor's members reuse."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Row, foreign_key
from models.errors import Refusal
from models.personal_data import of_others
from models.text import OneLine, Paragraphs, one_line_constraint

MAX_CANNED_REPLIES = 100
MAX_TITLE_LENGTH = 80

CannedReplyTitle = Annotated[str, OneLine(MAX_TITLE_LENGTH)]
CannedReplyText = Annotated[str, Paragraphs(4_000)]


class CannedReply(Row, table=True):
    """A vendor's reusable text, with a unique title."""

    __tablename__ = "canned_reply"
    __table_args__ = (
        UniqueConstraint("vendor_id", "title"),
        one_line_constraint("title"),
        CheckConstraint("char_length(text) BETWEEN 1 AND 4000", name="text"),
    )
    __privacy__ = of_others(none="title text")

    vendor_id: UUID = foreign_key("vendor", index=False)
    title: CannedReplyTitle = Field(max_length=MAX_TITLE_LENGTH)
    text: CannedReplyText


class CannedReplyDraft(BaseModel, frozen=True):
    title: CannedReplyTitle
    text: CannedReplyText


class CannedReplyLimitReached(Refusal):
    message = "This vendor already has 100 canned replies. Delete one first."
    meaning = "The vendor has the maximum of 100 canned replies."
    remedy = "List the existing ones, so that the user can delete one."
    constraint = "chat_hours_canned_replies_check"


class CannedReplyTitleTaken(Refusal):
    message = "A canned reply with this title already exists. Choose another title."
    meaning = "The vendor has another canned reply with this title."
    remedy = "Show `message` next to the title and ask for another one."
    constraint = "canned_reply_vendor_id_title_key"
