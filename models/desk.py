"""What a vendor answers by: canned replies, and the hours somebody is there."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, StringConstraints
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Row, json, reference
from models.errors import ErrorCode, Refusal

MOST_CANNED = 100

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Reply = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class CannedReply(Row, table=True):
    """Text that a vendor's members send often, under a title of its own."""

    __tablename__ = "canned_reply"
    __table_args__ = (
        UniqueConstraint("vendor_id", "title"),
        CheckConstraint("char_length(text) BETWEEN 1 AND 4000", name="text"),
    )

    vendor_id: UUID = reference("vendor", index=False)
    title: str = Field(max_length=80)
    text: str


class Span(BaseModel, frozen=True):
    """Hours of one weekday, Monday being 1; up to midnight if they end at 00:00."""

    weekday: Annotated[int, Range(ge=1, le=7)]
    opens: time
    closes: time

    def holds(self, moment: datetime) -> bool:
        """Whether a moment of the vendor's own wall clock is within."""
        clock = moment.time()
        ends = self.closes == time.min or clock < self.closes
        return moment.isoweekday() == self.weekday and self.opens <= clock and ends


class ChatHours(SQLModel, table=True):
    """When a vendor answers, by its own clock, and what it says at other times; always without."""

    __tablename__ = "chat_hours"
    __table_args__ = (
        CheckConstraint("jsonb_array_length(spans) <= 28", name="spans"),
        CheckConstraint("char_length(auto_reply) <= 1000", name="auto_reply"),
    )

    vendor_id: UUID = reference("vendor", primary_key=True, index=False)
    spans: list[dict[str, object]] = json(default_factory=list)
    auto_reply: str = ""

    def open_at(self, moment: datetime, time_zone: str) -> bool:
        there = moment.astimezone(ZoneInfo(time_zone))
        spans = [Span.model_validate(span) for span in self.spans]
        return not spans or any(span.holds(there) for span in spans)


class TooManyCanned(Refusal):
    code = ErrorCode.TOO_MANY_CANNED_REPLIES
    message = "A vendor keeps a hundred canned replies at most. Delete one first."


class CannedTitleTaken(Refusal):
    code = ErrorCode.CANNED_TITLE_TAKEN
    message = "There is a canned reply of this title already."
    constraint = "canned_reply_vendor_id_title_key"
