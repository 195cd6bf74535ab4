"""The waitlist: users who get a hold of tickets that become free, before the public sale."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.events.selling.availability import SoldType
from models.events.ticket_types import TicketQuota, ids_column
from models.notifications.preferences import QuietHours
from models.personal_data import keep_rows

MAX_WAITLIST_TICKETS = 10
MAX_ACCEPTED_TYPES = 20
MAX_PRIORITY = 100
MAX_SKIPS = 3  # then an entry blocks smaller ones
BLOCK_HOURS = 24
MAX_UNANSWERED = 2  # waitlist holds; then the entry lapses
MIN_WAITLIST_HOLD = timedelta(minutes=30)
MAX_WAITLIST_HOLD = timedelta(hours=24)


class Together(StrEnum):
    """How close seats must be: in one ROW, in NEARBY rows, or ANY."""

    ROW = "ROW"
    NEARBY = "NEARBY"
    ANY = "ANY"


class WaitlistState(StrEnum):
    """`WAITING → HOLDING → SERVED`, or `→ LEFT / LAPSED`. HOLDING has a hold of its own."""

    WAITING = "WAITING"
    HOLDING = "HOLDING"
    SERVED = "SERVED"
    LEFT = "LEFT"
    LAPSED = "LAPSED"


class WaitlistEntry(Row, table=True):
    """A user who waits for tickets of a date: `least` to `most` of the types, by preference.

    `skips` counts how often a smaller entry was served before it; `blocks_until` is the time until
    which it lets no smaller one pass.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        CheckConstraint(
            f"1 <= least AND least <= most AND most <= {MAX_WAITLIST_TICKETS}", name="tickets"
        ),
        CheckConstraint("accessible BETWEEN 0 AND most", name="accessible"),
        CheckConstraint(f"cardinality(type_ids) <= {MAX_ACCEPTED_TYPES}", name="type_ids"),
        CheckConstraint(f"priority BETWEEN 0 AND {MAX_PRIORITY}", name="priority"),
        CheckConstraint("least(skips, unanswered) >= 0", name="counters"),
        CheckConstraint("(state IN ('WAITING', 'HOLDING')) = (ended_at IS NULL)", name="ended_at"),
        Index(
            "waitlist_entry_live_key",
            "event_date_id",
            "user_id",
            unique=True,
            postgresql_where=text("state IN ('WAITING', 'HOLDING')"),
        ),
        Index(
            "waitlist_entry_waiting_idx",
            "event_date_id",
            "priority",
            "created_at",
            "id",
            postgresql_where=text("state = 'WAITING'"),
        ),
        Index("waitlist_entry_event_date_id_idx", "event_date_id", "created_at", "id"),
        Index("waitlist_entry_user_id_idx", "user_id", "created_at", "id"),
    )
    __privacy__ = keep_rows(none="type_ids least most accessible priority skips unanswered")

    event_date_id: UUID = foreign_key("event_date", index=False)
    user_id: UUID = foreign_key("user", index=False)
    type_ids: list[UUID] = Field(default_factory=list, sa_column=ids_column())
    least: int = 1
    most: int
    together: Together = enum_column(Together, default=Together.ANY)
    accessible: int = 0
    priority: int = 0  # the lowest is first
    state: WaitlistState = enum_column(WaitlistState, default=WaitlistState.WAITING)
    skips: int = 0
    unanswered: int = 0
    blocks_until: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    def preferred(self, type_ids: Collection[UUID]) -> list[UUID]:
        """Return those of the types that are accepted, the preferred one first."""
        if not self.type_ids:
            return list(type_ids)
        return [one for one in self.type_ids if one in type_ids]

    def blocks(self, moment: datetime) -> bool:
        return self.blocks_until is not None and moment < self.blocks_until

    def blocking(self, sold: Sequence[SoldType]) -> list[TicketQuota]:
        """Return the quotas with too little room for the entry, as far as the viewer sees them."""
        if self.state is not WaitlistState.WAITING:
            return []
        seen = {one.id: one for one in sold if one.shows_number}
        found = {
            quota.id: quota
            for id in self.preferred(seen)
            for quota in seen[id].quotas
            if quota.left < max(self.least, seen[id].row.admits)
        }
        return list(found.values())

    @property
    def live(self) -> bool:
        return self.state in {WaitlistState.WAITING, WaitlistState.HOLDING}

    def end(self, state: WaitlistState, moment: datetime) -> None:
        self.state, self.ended_at = state, moment

    def skip(self, moment: datetime) -> None:
        """Count that a smaller entry was served before this one."""
        self.skips += 1
        if self.skips >= MAX_SKIPS and self.blocks_until is None:
            self.blocks_until = moment + timedelta(hours=BLOCK_HOURS)


def waitlist_hold_length(moment: datetime, sale_end: datetime) -> timedelta:
    """Return how long a waitlist hold lives: at most a quarter of the time left to the sale."""
    return max(MIN_WAITLIST_HOLD, min(MAX_WAITLIST_HOLD, (sale_end - moment) / 4))


def waitlist_hold_end(moment: datetime, sale_end: datetime, quiet: QuietHours | None) -> datetime:
    """Return when a waitlist hold expires. Its time does not run in the user's quiet hours.

    They lengthen it only until the end of the sale, and to 24 hours at most.
    """
    length = waitlist_hold_length(moment, sale_end)
    if quiet is None:
        return moment + length
    awake = quiet.end_after(quiet.end_after(moment) + length)
    return max(moment + length, min(awake, moment + MAX_WAITLIST_HOLD, sale_end))


class WaitlistDraft(BaseModel, frozen=True):
    """Validated input of an entry. Without types, it accepts any that needs no code."""

    type_ids: Annotated[list[UUID], Range(max_length=MAX_ACCEPTED_TYPES)] = []
    least: Annotated[int, Range(ge=1, le=MAX_WAITLIST_TICKETS)] = 1
    most: Annotated[int, Range(ge=1, le=MAX_WAITLIST_TICKETS)]
    together: Together = Together.ANY
    accessible: Annotated[int, Range(ge=0, le=MAX_WAITLIST_TICKETS)] = 0

    @model_validator(mode="after")
    def ensure_consistent(self) -> Self:
        if self.least > self.most:
            raise InvalidInput("Choose at least as many as the fewest.", field=["most"])
        if self.accessible > self.most:
            raise InvalidInput("Choose at most as many as all tickets.", field=["accessible"])
        if len(set(self.type_ids)) != len(self.type_ids):
            raise InvalidInput("Give each ticket type once.", field=["ticketTypeIds"])
        return self


class TicketsLeft(Refusal):
    message = "There are tickets left. You can get them without waiting."
    meaning = "A type that the user would accept is not sold out, so there is nothing to wait for."
    remedy = "Refetch what remains, and offer `holdTickets`."


class AlreadyWaiting(Refusal):
    message = "You are on the waitlist of this date already. Leave it first to change your wish."
    meaning = "The user has an entry of the date's waitlist that is WAITING or HOLDING."
    remedy = "Show the user's entry."
    constraint = "waitlist_entry_live_key"


class WaitlistClosed(Refusal):
    message = "This date has no waitlist, or not any more."
    meaning = "The event has no waitlist, or the date's sale has ended."
    remedy = "Hide the waitlist."


class InvalidWaitlistState(Refusal):
    code = "WAITLIST_STATE"
    message = "This entry of the waitlist has ended."
    meaning = "The entry was served, left, or lapsed."
    remedy = "Refetch the entry's `state`."
