"""The sale queue: who may hold tickets when many want them at once."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import Row, enum_column, foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.personal_data import keep_rows, of_others

SEED_BYTES = SEED_HASH_BYTES = 32
MAX_PER_MINUTE = 100_000
MAX_ACTIVE = 100_000
ADMISSION_MINUTES = 10
IDLE_MINUTES = 5


class SaleQueueState(StrEnum):
    """`OFF → PREQUEUE → OPEN → ENDED`. The draw is made between PREQUEUE and OPEN."""

    OFF = "OFF"
    PREQUEUE = "PREQUEUE"
    OPEN = "OPEN"
    ENDED = "ENDED"


class SaleQueue(Row, table=True):
    """The queue of an event's sale. Entries with a number up to `serving` may enter.

    `seed_hash` is public before the draw and `seed` after it, so that anybody can check the draw.
    """

    __tablename__ = "sale_queue"
    __table_args__ = (
        CheckConstraint("prequeue_at <= opens_at", name="times"),
        Index("sale_queue_event_id_key", "event_id", unique=True),
        CheckConstraint(f"octet_length(seed) = {SEED_BYTES}", name="seed"),
        CheckConstraint(f"octet_length(seed_hash) = {SEED_HASH_BYTES}", name="seed_hash"),
        CheckConstraint("0 <= serving AND 0 <= last_number", name="serving"),
        CheckConstraint(
            "drawn_count = 0 OR drawn_count BETWEEN 1 AND last_number", name="drawn_count"
        ),
        CheckConstraint(f"pace BETWEEN 1 AND {MAX_PER_MINUTE}", name="pace"),
        CheckConstraint(f"per_minute BETWEEN 1 AND {MAX_PER_MINUTE}", name="per_minute"),
        CheckConstraint(f"most_active BETWEEN 1 AND {MAX_ACTIVE}", name="most_active"),
        CheckConstraint("admission_minutes BETWEEN 1 AND 60", name="admission_minutes"),
        CheckConstraint("(drawn_at IS NOT NULL) = (state IN ('OPEN', 'ENDED'))", name="drawn_at"),
        Index(
            "sale_queue_due_idx",
            "opens_at",
            postgresql_where=text("state IN ('OFF', 'PREQUEUE', 'OPEN')"),
        ),
    )
    __privacy__ = of_others(
        none=(
            "seed seed_hash serving last_number drawn_count per_minute pace most_active"
            " admission_minutes"
        )
    )

    event_id: UUID = foreign_key("event", index=False)
    state: SaleQueueState = enum_column(SaleQueueState, default=SaleQueueState.OFF)
    prequeue_at: datetime = timestamp()
    opens_at: datetime = timestamp()
    seed: bytes
    seed_hash: bytes
    serving: int = Field(default=0, sa_type=BigInteger)
    last_number: int = Field(default=0, sa_type=BigInteger)
    drawn_count: int = Field(default=0, sa_type=BigInteger)  # numbers of the draw: the first ones
    per_minute: int = 600
    pace: int = 600  # per minute now: lower while the database is under pressure
    most_active: int = 500
    admission_minutes: int = ADMISSION_MINUTES
    drawn_at: datetime | None = timestamp(default=None)
    served_at: datetime | None = timestamp(default=None)
    paused_at: datetime | None = timestamp(default=None)

    @property
    def waiting(self) -> int:
        """Return how many have a number and were not called yet."""
        return max(0, self.last_number - self.serving)

    @property
    def paused(self) -> bool:
        return self.paused_at is not None

    @property
    def seed_hash_hex(self) -> str:
        return self.seed_hash.hex()

    @property
    def revealed_seed_hex(self) -> str | None:
        return self.revealed_seed.hex() if self.revealed_seed is not None else None

    def is_joinable(self, moment: datetime) -> bool:
        return self.state is not SaleQueueState.ENDED and self.prequeue_at <= moment

    def draw(self, entries: int, moment: datetime) -> None:
        """Open the queue with the entries that the draw has numbered."""
        self.state, self.drawn_at, self.served_at = SaleQueueState.OPEN, moment, moment
        self.drawn_count = self.last_number = entries

    def serve(self, moment: datetime, active: int) -> None:
        """Call as many as the pace and those who are active allow.

        Time counts only up to the next second in which none could be called, so that a full sale
        does not call all at once afterwards.
        """
        since = self.served_at or moment
        more = self.to_serve(moment, active)
        by_pace = int((moment - since).total_seconds() * self.pace / 60)
        self.serving += more
        if by_pace > more:
            self.served_at = moment
        elif more:
            self.served_at = since + timedelta(minutes=more / self.pace)

    def adjust_pace(self, *, slow: bool) -> None:
        """Halve the pace while the database is slow, then raise it by tenths."""
        least, step = max(1, self.per_minute // 10), max(1, self.per_minute // 10)
        wanted = max(least, self.pace // 2) if slow else self.pace + step
        self.pace = min(self.per_minute, wanted)

    @property
    def revealed_seed(self) -> bytes | None:
        return self.seed if self.drawn_at is not None else None

    def to_serve(self, moment: datetime, active: int) -> int:
        """Return how many more may enter at a moment, by the rate and by those who are active."""
        since = (moment - (self.served_at or self.opens_at)).total_seconds()
        by_rate = int(since * self.pace / 60)
        return max(0, min(by_rate, self.most_active - active, self.last_number - self.serving))


def draw_key(seed: bytes, user_id: UUID) -> bytes:
    """Return the key by which the draw orders users: the lowest is the first."""
    return hashlib.sha256(seed + user_id.bytes).digest()


class QueueEntryState(StrEnum):
    """`WAITING → ADMITTED → DONE / LAPSED`."""

    WAITING = "WAITING"
    ADMITTED = "ADMITTED"
    DONE = "DONE"
    LAPSED = "LAPSED"


class SaleQueueEntry(SQLModel, table=True):
    """A user in a queue. `number` is None until the draw, and then in the order of arrival.

    `seen_at` is when the user was called, or last held tickets.
    """

    __tablename__ = "sale_queue_entry"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(state = 'WAITING') = (admitted_at IS NULL)", name="admitted_at"),
        CheckConstraint("state = 'WAITING' OR number IS NOT NULL", name="admitted"),
        Index(
            "sale_queue_entry_number_key",
            "queue_id",
            "number",
            unique=True,
            postgresql_where=text("number IS NOT NULL"),
        ),
        Index(
            "sale_queue_entry_unnumbered_idx",
            "queue_id",
            "joined_at",
            "user_id",
            postgresql_where=text("number IS NULL"),
        ),
        Index(
            "sale_queue_entry_active_idx",
            "queue_id",
            "seen_at",
            postgresql_where=text("seen_at IS NOT NULL AND state IN ('WAITING', 'ADMITTED')"),
        ),
        Index("sale_queue_entry_user_id_idx", "user_id"),
    )
    __privacy__ = keep_rows(none="number")

    queue_id: UUID = foreign_key("sale_queue", primary_key=True, index=False)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    number: int | None = Field(default=None, sa_type=BigInteger)
    state: QueueEntryState = enum_column(QueueEntryState, default=QueueEntryState.WAITING)
    joined_at: datetime = timestamp(default_factory=now)
    admitted_at: datetime | None = timestamp(default=None)
    seen_at: datetime | None = timestamp(default=None)

    def ensure_turn(self, queue: SaleQueue, moment: datetime) -> None:
        """Raise `NotYourTurn` before the turn, and `AdmissionEnded` after it."""
        if self.state in {QueueEntryState.DONE, QueueEntryState.LAPSED}:
            raise AdmissionEnded
        if self.seen_at is None:
            raise NotYourTurn(ahead=self.ahead(queue.serving))
        if moment >= self.turn_ends_at(queue):
            raise AdmissionEnded

    def turn_ends_at(self, queue: SaleQueue) -> datetime:
        """Return when the admission ends, or by when the user must enter."""
        if self.admitted_at is not None:
            return self.admitted_at + timedelta(minutes=queue.admission_minutes)
        return (self.seen_at or self.joined_at) + timedelta(minutes=IDLE_MINUTES)

    def ahead(self, serving: int) -> int | None:
        """Return how many come before the user, None before the draw."""
        return None if self.number is None else max(0, self.number - serving - 1)


class SaleQueueDraft(BaseModel, frozen=True):
    """Validated input of a queue."""

    prequeue_at: datetime
    opens_at: datetime
    per_minute: Annotated[int, Range(ge=1, le=MAX_PER_MINUTE)] = 600
    most_active: Annotated[int, Range(ge=1, le=MAX_ACTIVE)] = 500
    admission_minutes: Annotated[int, Range(ge=1, le=60)] = ADMISSION_MINUTES

    @model_validator(mode="after")
    def ensure_order(self) -> Self:
        if self.prequeue_at > self.opens_at:
            raise InvalidInput(
                "Choose an earlier time than that of the sale.", field=["prequeueAt"]
            )
        return self


class SaleQueueExists(Refusal):
    message = "This event has a queue already. Change that one."
    meaning = "An event has at most one sale queue."
    remedy = "Show the event's queue."
    constraint = "sale_queue_event_id_key"


class InvalidQueueState(Refusal):
    code = "SALE_QUEUE_STATE"
    message = "The queue's state does not allow this. Reload the queue."
    meaning = "The queue has not begun, or has ended."
    remedy = "Refetch the queue's `state`, `prequeueAt` and `opensAt`."


class NotYourTurn(Refusal):
    """The user was not called yet. `ahead` is how many come before, None before the draw."""

    message = "It is not your turn yet. Keep this page open."
    meaning = "The user's number is higher than `serving` of the queue, or not drawn yet."
    remedy = "Follow `saleQueueChanges`, and call again when `serving` reaches the number."

    def __init__(self, ahead: int | None = None) -> None:
        self.ahead = ahead
        super().__init__()


class QueueRequired(Refusal):
    message = "So many want these tickets that there is a queue. Join it first."
    meaning = "The event's sale queue is open, and the call has no admission."
    remedy = "Call `joinSaleQueue`, wait for the turn, then `enterSale`, and pass its admission."


class AdmissionEnded(Refusal):
    message = "Your turn is over. Join the queue again."
    meaning = "The admission is not valid for this event and user, or its time is over."
    remedy = "Call `enterSale` again. If it refuses, join the queue again."
