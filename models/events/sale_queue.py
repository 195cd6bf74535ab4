"""The sale queue: who may hold tickets when many want them at once."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import Row, enum_column, foreign_key, timestamp
from models.errors import Refusal
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
        none=("seed seed_hash serving last_number per_minute most_active admission_minutes")
    )

    event_id: UUID = foreign_key("event", index=False)
    state: SaleQueueState = enum_column(SaleQueueState, default=SaleQueueState.OFF)
    prequeue_at: datetime = timestamp()
    opens_at: datetime = timestamp()
    seed: bytes
    seed_hash: bytes
    serving: int = Field(default=0, sa_type=BigInteger)
    last_number: int = Field(default=0, sa_type=BigInteger)
    per_minute: int = 600
    most_active: int = 500
    admission_minutes: int = ADMISSION_MINUTES
    drawn_at: datetime | None = timestamp(default=None)
    served_at: datetime | None = timestamp(default=None)

    @property
    def revealed_seed(self) -> bytes | None:
        return self.seed if self.drawn_at is not None else None

    def to_serve(self, moment: datetime, active: int) -> int:
        """Return how many more may enter at a moment, by the rate and by those who are active."""
        since = (moment - (self.served_at or self.opens_at)).total_seconds()
        by_rate = int(since * self.per_minute / 60)
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
    """A user in a queue. `number` is None until the draw, and then in the order of arrival."""

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
            postgresql_where=text("state = 'ADMITTED'"),
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

    def may_enter(self, serving: int) -> bool:
        return self.number is not None and self.number <= serving

    def is_active(self, moment: datetime) -> bool:
        """Return whether the user was admitted and is not idle."""
        if self.state is not QueueEntryState.ADMITTED:
            return False
        seen = self.seen_at or self.admitted_at
        return seen is not None and moment < seen + timedelta(minutes=IDLE_MINUTES)


class QueueRequired(Refusal):
    message = "So many want these tickets that there is a queue. Join it first."
    meaning = "The event's sale queue is open, and the call has no admission."
    remedy = "Call `joinSaleQueue`, wait for the turn, then `enterSale`, and pass its admission."


class AdmissionEnded(Refusal):
    message = "Your turn is over. Join the queue again."
    meaning = "The admission is not valid for this event and user, or its time is over."
    remedy = "Call `enterSale` again. If it refuses, join the queue again."
