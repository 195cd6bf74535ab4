"""Deliveries of notifications by push or email."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, timestamp
from models.notifications.inbox import Channel
from models.personal_data import delete_rows

MAX_DELIVERY_ATTEMPTS = 8


class DeliveryState(StrEnum):
    """`WAITING → SENT / SKIPPED / FAILED`. An admin can move FAILED back to WAITING."""

    WAITING = "WAITING"
    SENT = "SENT"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class SkipReason(StrEnum):
    READ = "READ"
    UNWANTED = "UNWANTED"
    NO_ADDRESS = "NO_ADDRESS"
    NO_PART = "NO_PART"
    SUPERSEDED = "SUPERSEDED"
    DROPPED = "DROPPED"


class Delivery(Row, table=True):
    """A delivery of a notification to the user's email or one of their devices.

    `due_at` is the time of the next attempt, and so the lease of the current one. Providers and
    recipients deduplicate by the id. `device_id` is no foreign key: deliveries outlive removed
    devices.
    """

    __table_args__ = (
        UniqueConstraint(
            "notification_id", "channel", "device_id", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("(channel = 'PUSH') = (device_id IS NOT NULL)", name="device"),
        CheckConstraint("(state = 'WAITING') = (completed_at IS NULL)", name="settled"),
        CheckConstraint("(state = 'SKIPPED') = (skip_reason IS NOT NULL)", name="skip_reason"),
        CheckConstraint(f"attempts BETWEEN 0 AND {MAX_DELIVERY_ATTEMPTS}", name="attempts"),
        Index(
            "delivery_failed_idx",
            "completed_at",
            "id",
            postgresql_where=text("state = 'FAILED'"),
        ),
    )
    __privacy__ = delete_rows(
        of="notification_id", id="device_id", personal="error provider_id", none="attempts"
    )

    notification_id: UUID = foreign_key("notification", index=False)
    channel: Channel = enum_column(Channel)
    device_id: UUID | None = None
    state: DeliveryState = enum_column(DeliveryState, default=DeliveryState.WAITING)
    skip_reason: SkipReason | None = enum_column(SkipReason, default=None, nullable=True)
    attempts: int = 0
    due_at: datetime = timestamp(default_factory=now)
    completed_at: datetime | None = timestamp(default=None)
    error: str | None = Field(default=None, max_length=300)
    provider_id: str | None = Field(default=None, max_length=300)

    def complete(self, state: DeliveryState, *, skip_reason: SkipReason | None = None) -> None:
        self.state, self.skip_reason, self.completed_at = state, skip_reason, now()
