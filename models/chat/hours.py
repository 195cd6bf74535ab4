"""Chat hours: when a vendor answers, and its automatic reply otherwise."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, field_validator, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from models.base import foreign_key, json
from models.chat.canned_replies import MAX_CANNED_REPLIES, CannedReplyLimitReached
from models.errors import InvalidValue
from models.personal_data import of_others
from models.text import Paragraphs

MAX_SPANS = 28
AUTO_REPLY_INTERVAL = timedelta(hours=8)  # minimum time between two automatic replies

AutoReply = Annotated[str, Paragraphs(1_000, min_length=0)]


class OpeningSpan(BaseModel, frozen=True):
    """Opening hours on a weekday (Monday is 1). Closing at 00:00 means midnight."""

    weekday: Annotated[int, Range(ge=1, le=7)]
    opens: time
    closes: time

    @model_validator(mode="after")
    def ensure_positive_duration(self) -> Self:
        if any(end.second or end.microsecond for end in (self.opens, self.closes)):
            raise InvalidValue("Opening hours must be whole minutes, without seconds.")
        if time.min < self.closes <= self.opens:
            raise InvalidValue("Opening hours must end after they start. Use 00:00 for midnight.")
        return self

    def contains(self, moment: datetime) -> bool:
        """Return whether a moment, in the vendor's local time, is in this span."""
        clock = moment.time()
        ends = self.closes == time.min or clock < self.closes
        return moment.isoweekday() == self.weekday and self.opens <= clock and ends

    def overlaps(self, later: "OpeningSpan") -> bool:
        """Return whether this span overlaps one that opens at the same time or later."""
        ends = self.closes == time.min or later.opens < self.closes
        return later.weekday == self.weekday and ends


class WeeklyHours(BaseModel, frozen=True):
    """A vendor's opening spans, sorted by weekday, and its automatic reply."""

    spans: Annotated[list[OpeningSpan], Range(max_length=MAX_SPANS)] = []
    auto_reply: AutoReply = ""

    @field_validator("spans")
    @classmethod
    def sort_spans(cls, spans: list[OpeningSpan]) -> list[OpeningSpan]:
        ordered = sorted(spans, key=lambda span: (span.weekday, span.opens))
        if any(one.overlaps(later) for one, later in pairwise(ordered)):
            raise InvalidValue("Opening hours on the same day must not overlap.")
        return ordered

    def open_at(self, moment: datetime, time_zone: str) -> bool:
        """Return whether the vendor is open, in its time zone. Without spans it always is."""
        local = moment.astimezone(ZoneInfo(time_zone))
        return not self.spans or any(span.contains(local) for span in self.spans)


class ChatHours(SQLModel, table=True):
    """A vendor's hours and automatic reply, and the counter that limits its canned replies."""

    __tablename__ = "chat_hours"
    __table_args__ = (
        CheckConstraint("jsonb_array_length(spans) <= 28", name="spans"),
        CheckConstraint("char_length(auto_reply) <= 1000", name="auto_reply"),
        CheckConstraint("canned_replies BETWEEN 0 AND 100", name="canned_replies"),
    )
    __privacy__ = of_others(none="spans auto_reply canned_replies")

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    spans: list[dict[str, object]] = json(default_factory=list)
    auto_reply: AutoReply = ""
    canned_replies: int = 0

    @property
    def hours(self) -> WeeklyHours:
        """Parse the stored spans.

        A `ValidationError` means the stored row is wrong, and must surface as an internal error.
        """
        return WeeklyHours.model_validate(self, from_attributes=True)

    def count_canned_reply(self) -> None:
        """Increment the counter. Raises `CannedReplyLimitReached` at the limit."""
        if self.canned_replies >= MAX_CANNED_REPLIES:
            raise CannedReplyLimitReached
        self.canned_replies += 1
