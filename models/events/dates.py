"""Dates of events: when and where one takes place, and the figures that the pulse keeps."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlmodel import Field, and_, col, or_

from core.clock import now
from models.base import DEFERRED, Row, enum_column, optional_foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.events.events import InvalidEventState, SaleEnded, SaleNotOpen
from models.personal_data import of_others

MAX_DATES = 5_000  # of an event
MAX_EVENT_SEATS = 1_000_000  # of the coming dates of an event, together
MAX_VENDOR_SEATS = 5_000_000  # of those of all events of a vendor
MAX_DATES_AT_ONCE = 200
MAX_DATE_DAYS = 31  # of one date
ACCESSIBLE_RELEASE_HOURS = 48


class EventDateState(StrEnum):
    """`SCHEDULED ⇄ POSTPONED`, then `ENDED / CANCELLED`. A POSTPONED one has no new time yet."""

    SCHEDULED = "SCHEDULED"
    POSTPONED = "POSTPONED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


OVER = frozenset({EventDateState.ENDED, EventDateState.CANCELLED})


def local_time() -> Any:
    """Return a column of a wall time, without a time zone."""
    return Field(sa_column=Column(DateTime(timezone=False), nullable=False))


class EventDate(Row, table=True):
    """One time at which an event takes place. Its promise is the wall time at its place.

    `starts_at` and `ends_at` are made of it; `fold` is 1 for the second of two equal wall times.
    `revision` counts the moves. Only the pulse writes the columns `stat_…`.
    """

    __tablename__ = "event_date"
    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        ForeignKeyConstraint(
            ["event_id", "vendor_id"], ["event.id", "event.vendor_id"], **DEFERRED
        ),
        ForeignKeyConstraint(["chart_id", "venue_id"], ["chart.id", "chart.venue_id"], **DEFERRED),
        CheckConstraint(
            f"starts_at < ends_at AND ends_at <= starts_at + interval '{MAX_DATE_DAYS} days'",
            name="span",
        ),
        CheckConstraint("doors_at <= starts_at", name="doors_at"),
        CheckConstraint("sale_starts_at < sale_ends_at", name="sale"),
        CheckConstraint("fold IN (0, 1)", name="fold"),
        CheckConstraint("revision >= 0", name="revision"),
        CheckConstraint("chart_id IS NULL OR venue_id IS NOT NULL", name="chart"),
        CheckConstraint("(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint(
            "least(stat_held, stat_sold, stat_checked_in, stat_revenue) >= 0", name="stats"
        ),
        Index(
            "event_date_start_key",
            "event_id",
            "starts_at",
            "venue_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sql("state <> 'CANCELLED'"),
        ),
        Index("event_date_event_id_idx", "event_id", "starts_at", "id"),
        Index("event_date_venue_id_idx", "venue_id", "starts_at"),
        Index("event_date_chart_id_idx", "chart_id"),
        Index("event_date_vendor_id_idx", "vendor_id", "starts_at", "id"),
        Index("event_date_ends_at_idx", "ends_at", postgresql_where=sql("state = 'SCHEDULED'")),
    )
    __privacy__ = of_others(
        none=(
            "time_zone local_start local_end fold revision stat_held stat_sold stat_checked_in"
            " stat_revenue"
        )
    )

    event_id: UUID
    vendor_id: UUID
    venue_id: UUID | None = optional_foreign_key("venue", index=False)
    chart_id: UUID | None = None
    time_zone: str = Field(max_length=64)
    local_start: datetime = local_time()
    local_end: datetime = local_time()
    fold: int = 0
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    doors_at: datetime | None = timestamp(default=None)
    sale_starts_at: datetime | None = timestamp(default=None)
    sale_ends_at: datetime | None = timestamp(default=None)
    state: EventDateState = enum_column(EventDateState, default=EventDateState.SCHEDULED)
    revision: int = 0
    cancelled_at: datetime | None = timestamp(default=None)
    stat_held: int = 0
    stat_sold: int = 0
    stat_checked_in: int = 0
    stat_revenue: int = Field(default=0, sa_type=BigInteger)
    stat_at: datetime | None = timestamp(default=None)

    @property
    def seated(self) -> bool:
        return self.chart_id is not None

    @property
    def sale_end(self) -> datetime:
        """Return the end of the sale: by default that of the date."""
        return self.sale_ends_at or self.ends_at

    @property
    def accessible_release_at(self) -> datetime:
        """Return the time from which accessible seats are sold to anybody."""
        return self.starts_at - timedelta(hours=ACCESSIBLE_RELEASE_HOURS)

    def is_over(self, moment: datetime) -> bool:
        """Return whether the date has ended or is cancelled. One without a new time has not."""
        if self.state is EventDateState.POSTPONED:
            return False
        return self.state in OVER or self.ends_at <= moment

    def answers_until(self, hours: int) -> datetime | None:
        """Return the time until which holders change answers. None without a new time yet."""
        if self.state is EventDateState.POSTPONED:
            return None
        return self.starts_at - timedelta(hours=hours)

    def ensure_not_cancelled(self) -> None:
        """Raise `SaleEnded` for a date of which no ticket may be issued any more."""
        if self.state is EventDateState.CANCELLED:
            raise SaleEnded

    def ensure_on_sale(self, moment: datetime) -> None:
        """Raise `SaleNotOpen` or `SaleEnded` if the date is not sold at a moment."""
        if self.state is EventDateState.POSTPONED:
            raise SaleNotOpen
        if self.state in OVER or self.sale_end <= moment:
            raise SaleEnded
        if self.sale_starts_at is not None and moment < self.sale_starts_at:
            raise SaleNotOpen(self.sale_starts_at)

    def ensure_sold_at_desk(self, moment: datetime) -> None:
        """Raise `SaleEnded` or `SaleNotOpen` if tickets cannot even be had at the desk."""
        if self.is_over(moment):
            raise SaleEnded
        if self.state is EventDateState.POSTPONED:
            raise SaleNotOpen

    def ensure_sale_times(self, field: list[str]) -> None:
        if self.sale_starts_at and self.sale_ends_at and self.sale_ends_at <= self.sale_starts_at:
            raise InvalidInput("A sale must end after it starts.", field=field)

    def ensure_changeable(self, moment: datetime) -> None:
        if self.is_over(moment):
            raise InvalidEventState("A date that is over or cancelled cannot be changed.")


def to_come() -> ColumnElement[bool]:
    """Match dates that are not over. The SQL of `is_over`."""
    return or_(
        col(EventDate.state) == EventDateState.POSTPONED,
        and_(col(EventDate.state) == EventDateState.SCHEDULED, col(EventDate.ends_at) > now()),
    )


class EventDateTaken(Refusal):
    message = "The event has a date at this time and place already. Choose another time."
    meaning = "Another date of the event that is not cancelled starts at the time at the venue."
    remedy = "Let the user change that date, or choose another time."
    constraint = "event_date_start_key"


class EventDateLimitReached(Refusal):
    message = "An event can have at most {most} dates. Create another event for more."
    meaning = "The event has the maximum number of dates."
    remedy = "Let the user create another event."


class SeatLimitReached(Refusal):
    message = (
        "The coming dates of an event can have at most {most} seats together. Add fewer dates."
    )
    meaning = (
        f"The coming dates of the event would have more than {MAX_EVENT_SEATS:,} seats together, or"
        f" those of the vendor more than {MAX_VENDOR_SEATS:,}."
    )
    remedy = "Let the user add fewer dates, or wait until others are over."


class EventDateChanged(Refusal):
    """The date was moved in the meantime. `revision` is the current one."""

    message = "This date was moved in the meantime. Reload it."
    meaning = "The revision in the input is not that of the date."
    remedy = "Refetch the date, show its time, and let the user confirm the change."

    def __init__(self, revision: int) -> None:
        self.revision = revision
        super().__init__()
