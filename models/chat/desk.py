"""What a vendor answers by: canned replies, and the hours somebody is there."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, StringConstraints, field_validator, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Row, foreign_key, json
from models.errors import ErrorCode, Refusal, Unsound

MOST_CANNED = 100
LONGEST_TITLE = 80
MOST_SPANS = 28
PATIENCE = timedelta(hours=8)  # for so long a conversation is not told again that nobody is there

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE)
]
Reply = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]
AutoReply = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]


class CannedReply(Row, table=True):
    """Text that a vendor's members send often, under a title of its own."""

    __tablename__ = "canned_reply"
    __table_args__ = (
        UniqueConstraint("vendor_id", "title"),
        CheckConstraint("char_length(text) BETWEEN 1 AND 4000", name="text"),
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    title: str = Field(max_length=LONGEST_TITLE)
    text: str


class CannedDraft(BaseModel, frozen=True):
    """What a canned reply shall say."""

    title: Title
    text: Reply


class Span(BaseModel, frozen=True):
    """Hours of one weekday, Monday being 1; up to midnight if they end at 00:00."""

    weekday: Annotated[int, Range(ge=1, le=7)]
    opens: time
    closes: time

    @model_validator(mode="after")
    def ensure_some_time(self) -> Self:
        if any(end.second or end.microsecond for end in (self.opens, self.closes)):
            raise Unsound("Hours are given to the minute.")
        if time.min < self.closes <= self.opens:
            raise Unsound("Hours end after they begin, at 00:00 if they last until midnight.")
        return self

    def holds(self, moment: datetime) -> bool:
        """Whether a moment of the vendor's own wall clock is within."""
        clock = moment.time()
        ends = self.closes == time.min or clock < self.closes
        return moment.isoweekday() == self.weekday and self.opens <= clock and ends

    def runs_into(self, later: "Span") -> bool:
        """Whether it isn't over yet when one that opens later, or as early, does."""
        ends = self.closes == time.min or later.opens < self.closes
        return later.weekday == self.weekday and ends


class Hours(BaseModel, frozen=True):
    """When somebody is there, in the order of the week, and what is said at other times."""

    spans: Annotated[list[Span], Range(max_length=MOST_SPANS)] = []
    auto_reply: AutoReply = ""

    @field_validator("spans")
    @classmethod
    def in_order(cls, spans: list[Span]) -> list[Span]:
        ordered = sorted(spans, key=lambda span: (span.weekday, span.opens))
        if any(one.runs_into(later) for one, later in pairwise(ordered)):
            raise Unsound("Hours of one day must not overlap.")
        return ordered

    def open_at(self, moment: datetime, time_zone: str) -> bool:
        """Whether somebody is there at a moment, by the vendor's clock; always without spans."""
        there = moment.astimezone(ZoneInfo(time_zone))
        return not self.spans or any(span.holds(there) for span in self.spans)


class ChatHours(SQLModel, table=True):
    """How a vendor's desk is kept: its hours, its auto-reply, and the number of canned replies."""

    __tablename__ = "chat_hours"
    __table_args__ = (
        CheckConstraint("jsonb_array_length(spans) <= 28", name="spans"),
        CheckConstraint("char_length(auto_reply) <= 1000", name="auto_reply"),
        CheckConstraint("canned_replies BETWEEN 0 AND 100", name="canned_replies"),
    )

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    spans: list[dict[str, object]] = json(default_factory=list)
    auto_reply: str = ""
    canned_replies: int = 0

    @property
    def hours(self) -> Hours:
        return Hours.model_validate(self, from_attributes=True)

    def count_canned(self) -> None:
        """One more canned reply, if there is room."""
        if self.canned_replies >= MOST_CANNED:
            raise TooManyCanned
        self.canned_replies += 1


class TooManyCanned(Refusal):
    code = ErrorCode.TOO_MANY_CANNED_REPLIES
    message = "A vendor keeps a hundred canned replies at most. Delete one first."
    constraint = "chat_hours_canned_replies_check"


class CannedTitleTaken(Refusal):
    code = ErrorCode.CANNED_TITLE_TAKEN
    message = "There is a canned reply of this title already."
    constraint = "canned_reply_vendor_id_title_key"
