"""Each attempt to reach somebody who isn't looking, on one channel, kept with what came of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, choice, moment, reference
from models.notifications import Channel

MOST_ATTEMPTS = 8


class DeliveryState(StrEnum):
    """`WAITING → SENT / SKIPPED / FAILED`, and from FAILED back to WAITING by an admin."""

    WAITING = "WAITING"
    SENT = "SENT"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class SkipReason(StrEnum):
    """Why something was not sent after all."""

    READ = "READ"
    UNWANTED = "UNWANTED"
    NO_ADDRESS = "NO_ADDRESS"
    NO_PART = "NO_PART"
    SUPERSEDED = "SUPERSEDED"
    DROPPED = "DROPPED"


class Delivery(Row, table=True):
    """A notification on its way to one address: the user's mail, or one device of theirs.

    `due_at` is when it may be tried next, so it is also the lease of who tries it now. The id is
    what providers and recipients can tell a second copy by. A device may go and its
    deliveries stay, so `device_id` is no foreign key.
    """

    __table_args__ = (
        UniqueConstraint(
            "notification_id", "channel", "device_id", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("(channel = 'PUSH') = (device_id IS NOT NULL)", name="device"),
        CheckConstraint("(state = 'WAITING') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(state = 'SKIPPED') = (skipped_for IS NOT NULL)", name="skipped_for"),
        CheckConstraint(f"attempts BETWEEN 0 AND {MOST_ATTEMPTS}", name="attempts"),
        Index(
            "delivery_failed_idx",
            "settled_at",
            "id",
            postgresql_where=text("state = 'FAILED'"),
        ),
    )

    notification_id: UUID = reference("notification", index=False)
    channel: Channel = choice(Channel)
    device_id: UUID | None = None
    state: DeliveryState = choice(DeliveryState, default=DeliveryState.WAITING)
    skipped_for: SkipReason | None = choice(SkipReason, default=None, nullable=True)
    attempts: int = 0
    due_at: datetime = moment(default_factory=now)
    settled_at: datetime | None = moment(default=None)
    error: str | None = Field(default=None, max_length=300)
    provider_id: str | None = Field(default=None, max_length=300)

    def settle(self, state: DeliveryState, *, skipped_for: SkipReason | None = None) -> None:
        self.state, self.skipped_for, self.settled_at = state, skipped_for, now()
