"""Calendar feeds: bookings for calendars elsewhere, and busy times from them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel
from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from models.base import (
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import InvalidValue, Refusal
from models.personal_data import blank_values, delete_rows
from models.sealed_columns import sealed
from models.text import OneLine

MAX_FEEDS = 10  # of a user
MAX_BUSY_FEEDS = 3  # of a resource
MAX_FEED_ADDRESS = 1_000
MAX_FEED_ENTRIES = 1_000
CANCELLED_DAYS = 30  # for which a feed has cancelled bookings
PAST_DAYS = 30
SECRET_HASH_BYTES = 32
BUSY_DAYS = 365  # the longest horizon of a service
MAX_BUSY_TIMES = 2_000  # of a busy feed, once times that touch are joined
READ_EVERY = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(hours=24)
READING_TIME = timedelta(minutes=10)  # in which no other worker reads the feed
CALENDAR_SCHEMES = {"https", "webcal", "webcals"}  # apps link to calendars with the latter


def _calendar_address(address: str) -> str:
    """Return the address with `https`. Names that lead to private addresses are refused later."""
    try:
        parts = urlsplit(address)
        is_public = parts.port in {None, 443}
    except ValueError:
        is_public = False
    if not is_public or not _is_web_address(parts):
        raise InvalidValue("Enter the address of a calendar, such as https://example.com/my.ics.")
    if parts.username is not None or parts.password is not None:
        raise InvalidValue("The address must not contain a user name or a password.")
    return parts._replace(scheme="https", fragment="").geturl()


def _is_web_address(parts: SplitResult) -> bool:
    return (
        parts.scheme.lower() in CALENDAR_SCHEMES
        and bool(parts.hostname)
        and parts.geturl().isascii()
        and " " not in parts.geturl()
    )


FeedAddress = Annotated[str, OneLine(MAX_FEED_ADDRESS), AfterValidator(_calendar_address)]


class FeedScope(StrEnum):
    """MINE are the user's own bookings, RESOURCE those of one resource, VENDOR all of a vendor."""

    MINE = "MINE"
    RESOURCE = "RESOURCE"
    VENDOR = "VENDOR"


class BusyFeedProblem(StrEnum):
    """Why a busy feed could not be read at the last attempt."""

    UNREACHABLE = "UNREACHABLE"
    PRIVATE_ADDRESS = "PRIVATE_ADDRESS"
    NOT_FOUND = "NOT_FOUND"
    TOO_LARGE = "TOO_LARGE"
    TOO_COMPLEX = "TOO_COMPLEX"
    NO_CALENDAR = "NO_CALENDAR"


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
    # Without the member whose calendar it may be, it is not read any more.
    __privacy__ = blank_values(
        of="added_by_id",
        none="host etag failures problem",
        blank={"address": "''", "removed_at": "coalesce(removed_at, now())"},
    )

    resource_id: UUID = foreign_key("resource", index=False)
    added_by_id: UUID | None = optional_foreign_key("user")
    address: bytes = sealed()
    host: str = Field(max_length=255)  # of the address, to recognize the feed by
    etag: str | None = Field(default=None, max_length=200)
    next_at: datetime = timestamp()
    read_at: datetime | None = timestamp(default=None)
    failures: int = 0
    problem: BusyFeedProblem | None = open_enum_column(BusyFeedProblem, default=None, nullable=True)
    removed_at: datetime | None = timestamp(default=None)

    def note_reading(self, moment: datetime, etag: str | None) -> None:
        self.read_at, self.etag = moment, etag
        self.failures, self.problem = 0, None
        self.next_at = moment + READ_EVERY

    def note_failure(self, moment: datetime, problem: BusyFeedProblem) -> None:
        """Read it later again: the more it fails, the later. What it blocks stays blocked."""
        self.failures, self.problem = self.failures + 1, problem
        self.next_at = moment + min(READ_EVERY * 2 ** min(self.failures, 10), LONGEST_PAUSE)


class BusyFeedDraft(BaseModel, frozen=True):
    """Validated input of a new busy feed."""

    address: FeedAddress

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""


class CalendarFeedLimitReached(Refusal):
    message = "You can have at most {most} calendar feeds. Revoke one first."
    meaning = "The user has the maximum number of calendar feeds that are not revoked."
    remedy = "Show the feeds, so that the user can revoke one."


class BusyFeedLimitReached(Refusal):
    message = "At most {most} calendars can block one agenda. Remove one first."
    meaning = "The resource has the maximum number of busy feeds."
    remedy = "Show the busy feeds of the resource, so that the user can remove one."
