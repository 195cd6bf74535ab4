"""Series of bookings: the same wall time on several days."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from models.base import DEFERRED, Row, enum_column, foreign_key, json
from models.bookings.bookings import BookingNote, BookingReason
from models.errors import InvalidInput, Refusal
from models.events.series import DateRule
from models.personal_data import keep_rows

MIN_OCCURRENCES, MAX_OCCURRENCES = 2, 52


class OnConflict(StrEnum):
    """The treatment of times that cannot be booked: REFUSE books none, SKIP leaves those out, and
    NEAREST proposes the nearest time of the same day for each.
    """

    REFUSE = "REFUSE"
    SKIP = "SKIP"
    NEAREST = "NEAREST"


@dataclass(frozen=True)
class Occurrence:
    """A time of a series when it was booked. `problem` is the code of why it could not be.

    `local` is the wall time as ISO 8601. `starts_at` is None if clocks skip it. `nearest` is the
    time that was proposed. Whether its booking still stands is another question.
    """

    number: int
    local: str
    starts_at: datetime | None
    problem: str | None = None
    nearest: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        times = {"starts_at": _iso(self.starts_at), "nearest": _iso(self.nearest)}
        return asdict(self) | times

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        times = {name: _moment(stored[name]) for name in ("starts_at", "nearest")}
        return cls(**stored | times)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)


class BookingSeries(Row, table=True):
    """A rule by which bookings were made. Each is a booking of its own afterwards.

    `occurrences` are the times as they were when the series was made.
    """

    __tablename__ = "booking_series"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service_id", "vendor_id"], ["service.id", "service.vendor_id"], **DEFERRED
        ),
        CheckConstraint(
            f"count BETWEEN {MIN_OCCURRENCES} AND {MAX_OCCURRENCES}"
            " AND jsonb_array_length(occurrences) = count",
            name="count",
        ),
        Index("booking_series_user_id_idx", "user_id", "created_at"),
    )
    __privacy__ = keep_rows(none="rule count occurrences")

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID = Field(index=True)
    service_id: UUID
    rule: dict[str, Any] = json()
    count: int
    on_conflict: OnConflict = enum_column(OnConflict, default=OnConflict.REFUSE)
    occurrences: list[dict[str, Any]] = json()

    @property
    def times(self) -> list[Occurrence]:
        return [Occurrence.of(stored) for stored in self.occurrences]


class SeriesDraft(BaseModel, frozen=True):
    """Validated input of a series. The rule has wall times at the vendor's place."""

    service_id: UUID
    rule: DateRule
    on_conflict: OnConflict
    staff_id: UUID | None = None
    pet_id: UUID | None = None
    note: BookingNote | None = None

    @model_validator(mode="after")
    def ensure_count(self) -> Self:
        if not MIN_OCCURRENCES <= self.rule.count <= MAX_OCCURRENCES:
            raise InvalidInput(
                "A series has from {least} to {most} times.",
                field=["rule", "count"],
                least=MIN_OCCURRENCES,
                most=MAX_OCCURRENCES,
            )
        return self


class OccurrenceDraft(BaseModel, frozen=True):
    """A time for an occurrence of a series that has no booking."""

    number: Annotated[int, Range(ge=0, lt=MAX_OCCURRENCES)]
    starts_at: datetime


class SeriesCancelDraft(BaseModel, frozen=True):
    """From which occurrence on a series is cancelled, and why."""

    from_number: Annotated[int, Range(ge=0, lt=MAX_OCCURRENCES)] = 0
    reason: BookingReason | None = None


class SeriesConflicts(Refusal):
    """Some times of a series cannot be booked. `starts` are their wall times."""

    message = "{count} of these times cannot be booked, so none was. Choose others, or skip those."
    meaning = "Times of the series are taken or not offered, and `onConflict` is REFUSE."
    remedy = "Show the times in `starts`, and offer to skip them."

    def __init__(self, starts: Sequence[datetime]) -> None:
        self.starts = list(starts)
        super().__init__(count=len(starts))


class OccurrenceBooked(Refusal):
    message = "This time of the series is booked already. Move that booking instead."
    meaning = "The occurrence has a booking that was not cancelled."
    remedy = "Show the booking, and offer `rescheduleBooking`."
