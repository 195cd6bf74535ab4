"""Claims: the times at which resources are taken.

A time is taken if and only if there is a claim, which is deleted when the time is freed. So the
constraint needs no state, and a booking that moves deletes its claims and inserts others.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlmodel import Field

from models.base import (
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    optional_foreign_key,
    timestamp,
)
from models.bookings.setting_up.resources import MAX_LANES
from models.errors import Refusal
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_CLAIM_HOURS = 24
MAX_BLOCK_DAYS = 366
MAX_BLOCKS = 500  # of a resource, that are not over, without those of busy feeds
BlockReason = Annotated[str, OneLine(120)]


class Claim(Row, table=True):
    """A lane of a resource that is taken from a time until another, buffers included.

    Those of a hold expire: until they are deleted, nothing else can take the time. `during` is
    made of both times. It is stored, because no constraint can use a virtual column.
    """

    __table_args__ = (
        CheckConstraint(
            "blocked_from < blocked_until"
            f" AND blocked_until <= blocked_from + interval '{MAX_CLAIM_HOURS} hours'",
            name="span",
        ),
        CheckConstraint(
            "date_trunc('minute', blocked_from, 'UTC') = blocked_from"
            " AND date_trunc('minute', blocked_until, 'UTC') = blocked_until",
            name="minutes",
        ),
        CheckConstraint(f"lane BETWEEN 0 AND {MAX_LANES - 1}", name="lane"),
        CheckConstraint("num_nonnulls(booking_id, meeting_id, block_id) = 1", name="owner"),
        CheckConstraint("expires_at IS NULL OR booking_id IS NOT NULL", name="expires_at"),
        ExcludeConstraint(
            ("resource_id", "="),
            ("lane", "="),
            ("during", "&&"),
            using="gist",
            name="claim_during_excl",
        ),
        Index(
            "claim_resource_id_idx",
            "resource_id",
            "blocked_from",
            postgresql_include=["blocked_until", "lane", "expires_at"],
        ),
        Index("claim_booking_id_idx", "booking_id"),
        Index("claim_meeting_id_idx", "meeting_id"),
        Index("claim_block_id_idx", "block_id"),
        Index(
            "claim_expires_at_idx", "expires_at", postgresql_where=text("expires_at IS NOT NULL")
        ),
    )
    __privacy__ = of_others(none="lane during")

    resource_id: UUID = foreign_key("resource", index=False)
    lane: int = Field(default=0, sa_type=SmallInteger)
    booking_id: UUID | None = optional_foreign_key("booking", index=False)
    meeting_id: UUID | None = optional_foreign_key("class_meeting", index=False)
    block_id: UUID | None = optional_foreign_key("time_block", index=False)
    blocked_from: datetime = timestamp()
    blocked_until: datetime = timestamp()
    expires_at: datetime | None = timestamp(default=None)
    during: str | None = Field(
        default=None,
        sa_column=Column(
            TSTZRANGE,
            Computed("tstzrange(blocked_from, blocked_until, '[)')", persisted=True),
            info=UNREAD,
        ),
    )


class BlockSource(StrEnum):
    """TIME_OFF is entered by members, BUSY_FEED comes from a calendar elsewhere."""

    TIME_OFF = "TIME_OFF"
    BUSY_FEED = "BUSY_FEED"


class TimeBlock(Row, table=True):
    """A time at which a resource takes no bookings. It has a claim for each day and lane.

    Where a booking has the lane already, there is none: blocks show the bookings in their way.
    """

    __tablename__ = "time_block"
    __table_args__ = (
        one_line_constraint("reason"),
        CheckConstraint(
            f"starts_at < ends_at AND ends_at <= starts_at + interval '{MAX_BLOCK_DAYS} days'",
            name="span",
        ),
        CheckConstraint("(source = 'BUSY_FEED') = (feed_id IS NOT NULL)", name="feed_id"),
        Index("time_block_resource_id_idx", "resource_id", "ends_at", "starts_at"),
        Index("time_block_feed_id_idx", "feed_id"),
    )
    __privacy__ = of_others(none="reason", id="created_by_id")

    resource_id: UUID = foreign_key("resource", index=False)
    created_by_id: UUID | None = optional_foreign_key("user")
    source: BlockSource = enum_column(BlockSource, default=BlockSource.TIME_OFF)
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    reason: BlockReason | None = Field(default=None, max_length=120)
    feed_id: UUID | None = optional_foreign_key("busy_feed", index=False)


class BlockLimitReached(Refusal):
    message = "At most {most} times to come can be blocked here. Remove one first."
    meaning = "The resource has the maximum number of time blocks that are not over."
    remedy = "Let the user remove blocks, or change the schedule for times of each week."


class SlotTaken(Refusal):
    message = "This time was just taken. Choose another one."
    meaning = "Another booking, class or block has the time of a resource that is needed."
    remedy = "Refetch `slots`, and let the user choose another time."
    constraint = "claim_during_excl"
