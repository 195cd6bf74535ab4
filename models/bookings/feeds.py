"""Calendar feeds: bookings for calendars elsewhere, and busy times from them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import delete_rows, of_others
from models.sealed_columns import sealed
from models.text import OneLine

MAX_FEEDS = 10  # of a user
MAX_BUSY_FEEDS = 3  # of a resource
MAX_FEED_ADDRESS = 1_000
SECRET_HASH_BYTES = 32
FeedAddress = Annotated[str, OneLine(MAX_FEED_ADDRESS)]


class FeedScope(StrEnum):
    """MINE are the user's own bookings, RESOURCE those of one resource, VENDOR all of a vendor."""

    MINE = "MINE"
    RESOURCE = "RESOURCE"
    VENDOR = "VENDOR"


class CalendarFeed(Row, table=True):
    """An address at which a calendar reads bookings. Its secret is shown once, and hashed."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint(f"octet_length(secret_hash) = {SECRET_HASH_BYTES}", name="secret_hash"),
        CheckConstraint(
            "CASE scope WHEN 'MINE' THEN num_nonnulls(vendor_id, resource_id) = 0"
            " WHEN 'VENDOR' THEN vendor_id IS NOT NULL AND resource_id IS NULL"
            " ELSE vendor_id IS NOT NULL AND resource_id IS NOT NULL END",
            name="scope_of",
        ),
        Index("calendar_feed_user_id_idx", "user_id", "created_at", "id"),
    )
    __privacy__ = delete_rows(secrets="secret_hash")

    user_id: UUID = foreign_key("user", index=False)
    scope: FeedScope = enum_column(FeedScope)
    vendor_id: UUID | None = optional_foreign_key("vendor")
    resource_id: UUID | None = optional_foreign_key("resource")
    secret_hash: bytes = Field(unique=True)
    read_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)


class BusyFeed(Row, table=True):
    """A calendar elsewhere whose busy times block a resource. Its address is sealed."""

    __tablename__ = "busy_feed"
    __table_args__ = (
        CheckConstraint("failures >= 0", name="failures"),
        Index("busy_feed_resource_id_idx", "resource_id"),
        Index("busy_feed_due_idx", "next_at", postgresql_where=sql("removed_at IS NULL")),
    )
    __privacy__ = of_others(id="added_by_id", none="etag failures problem")

    resource_id: UUID = foreign_key("resource", index=False)
    added_by_id: UUID | None = optional_foreign_key("user")
    address: bytes = sealed()
    etag: str | None = Field(default=None, max_length=200)
    next_at: datetime = timestamp()
    read_at: datetime | None = timestamp(default=None)
    failures: int = 0
    problem: str | None = Field(default=None, max_length=200)
    removed_at: datetime | None = timestamp(default=None)


class CalendarFeedLimitReached(Refusal):
    message = "You can have at most {most} calendar feeds. Revoke one first."
    meaning = "The user has the maximum number of calendar feeds that are not revoked."
    remedy = "Show the feeds, so that the user can revoke one."
