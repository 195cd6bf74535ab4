"""Events: states, policies, and what is denormalized on them for lists."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import (
    DEFERRED,
    LONG,
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    json,
    position_column,
    timestamp,
)
from models.errors import Refusal
from models.personal_data import of_others
from models.pricing.amounts import BPS
from models.search import similarity_index, terms_index
from models.slugs import slug_constraints
from models.text import OneLine, Paragraphs

MAX_EVENTS = 2_000  # of a vendor, without archived ones
MAX_PER_USER = 100  # tickets of a date
MAX_POLICY_HOURS = 24 * 365
MAX_EVENT_SLUGS = 10  # of an event, with former ones
EventTitle = Annotated[str, OneLine(120, min_length=3)]
EventText = Annotated[str, Paragraphs(8_000)]


class EventState(StrEnum):
    """`DRAFT → PUBLISHED ⇄ PAUSED → ENDED / CANCELLED → ARCHIVED`.

    An ENDED one can be published again with new dates. A DRAFT one can be archived too.
    """

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    ARCHIVED = "ARCHIVED"

    def ensure_can_become(self, state: "EventState") -> None:
        if state not in TRANSITIONS[self]:
            raise InvalidEventState(
                "An event that is {state} cannot become {wanted}.", state=self, wanted=state
            )


TRANSITIONS = {
    EventState.DRAFT: {EventState.PUBLISHED, EventState.ARCHIVED},
    EventState.PUBLISHED: {EventState.PAUSED, EventState.ENDED, EventState.CANCELLED},
    EventState.PAUSED: {EventState.PUBLISHED, EventState.ENDED, EventState.CANCELLED},
    EventState.ENDED: {EventState.PUBLISHED, EventState.ARCHIVED},
    EventState.CANCELLED: {EventState.ARCHIVED},
    EventState.ARCHIVED: set[EventState](),
}


class EventVisibility(StrEnum):
    """An UNLISTED event is found by its address alone."""

    PUBLIC = "PUBLIC"
    UNLISTED = "UNLISTED"


class TransferPolicy(StrEnum):
    FREE = "FREE"
    UNTIL = "UNTIL"
    NONE = "NONE"


class ResalePolicy(StrEnum):
    NONE = "NONE"
    FACE_VALUE = "FACE_VALUE"


class OrphanRule(StrEnum):
    OFF = "OFF"
    LENIENT = "LENIENT"
    STRICT = "STRICT"


class WaitlistRule(StrEnum):
    """FIRST_FIT passes those who want more than is free, STRICT passes none."""

    OFF = "OFF"
    FIRST_FIT = "FIRST_FIT"
    STRICT = "STRICT"


class Event(Row, table=True):
    """An occasion that a vendor sells tickets for, on one or more dates.

    `next_date_at` is the start of the next date that is SCHEDULED, `min_price` the lowest price of
    its ticket types, and the place that of the next date's venue, or the vendor's. `popularity` are
    the valid tickets that were sold in the last days, as a job has counted them.
    """

    __table_args__ = (
        UniqueConstraint("id", "vendor_id"),
        ForeignKeyConstraint(
            ["vendor_id", "currency"], ["vendor.id", "vendor.currency"], **DEFERRED
        ),
        CheckConstraint(f"max_per_user BETWEEN 1 AND {MAX_PER_USER}", name="max_per_user"),
        CheckConstraint(
            f"CASE transfer WHEN 'UNTIL' THEN transfer_hours BETWEEN 0 AND {MAX_POLICY_HOURS}"
            " ELSE transfer_hours IS NULL END IS TRUE",
            name="transfer_hours",
        ),
        CheckConstraint(f"refund_hours BETWEEN 0 AND {MAX_POLICY_HOURS}", name="refund_hours"),
        CheckConstraint(
            f"answer_until_hours BETWEEN 0 AND {MAX_POLICY_HOURS}", name="answer_until_hours"
        ),
        CheckConstraint(f"refund_bps BETWEEN 0 AND {BPS}", name="refund_bps"),
        CheckConstraint("min_price >= 0", name="min_price"),
        CheckConstraint("popularity >= 0", name="popularity"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name="pin_code"),
        CheckConstraint(
            "state IN ('DRAFT', 'ARCHIVED') OR published_at IS NOT NULL", name="published_at"
        ),
        CheckConstraint("state <> 'CANCELLED' OR cancelled_at IS NOT NULL", name="cancelled_at"),
        terms_index("event"),
        similarity_index("event"),
        Index("event_position_idx", "position", postgresql_using="gist"),
        Index("event_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("event_category_id_idx", "category_id", "next_date_at", "id"),
        Index("event_created_at_idx", "created_at", "id"),
        Index("event_country_idx", "country", "pin_code", "next_date_at", "id"),
        Index(
            "event_listed_idx",
            "next_date_at",
            "id",
            postgresql_where=sql("state = 'PUBLISHED' AND visibility = 'PUBLIC'"),
        ),
        Index(
            "event_popular_idx",
            "popularity",
            "id",
            postgresql_where=sql("state = 'PUBLISHED' AND visibility = 'PUBLIC'"),
        ),
        Index("event_free_idx", "next_date_at", "id", postgresql_where=sql("min_price = 0")),
    )
    __privacy__ = of_others(
        none=(
            "locale title description currency max_per_user transfer_hours refund_hours refund_bps"
            " answer_until_hours min_price popularity country pin_code city latitude longitude"
            " position search_text"
        )
    )

    vendor_id: UUID
    category_id: UUID = foreign_key("category", index=False)
    state: EventState = enum_column(EventState, default=EventState.DRAFT)
    visibility: EventVisibility = enum_column(EventVisibility, default=EventVisibility.PUBLIC)
    locale: str = Field(max_length=16)
    title: dict[str, EventTitle] = json()
    description: dict[str, EventText] = json(default_factory=dict, sa_column_kwargs={"info": LONG})
    currency: str = Field(max_length=3)
    max_per_user: int = 10
    transfer: TransferPolicy = enum_column(TransferPolicy, default=TransferPolicy.FREE)
    transfer_hours: int | None = None  # before the start
    resale: ResalePolicy = enum_column(ResalePolicy, default=ResalePolicy.NONE)
    refund_hours: int | None = None  # before the start; None: tickets are not refunded
    refund_bps: int = BPS
    answer_until_hours: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    orphan_rule: OrphanRule = enum_column(OrphanRule, default=OrphanRule.LENIENT)
    waitlist: WaitlistRule = enum_column(WaitlistRule, default=WaitlistRule.FIRST_FIT)
    published_at: datetime | None = timestamp(default=None)
    cancelled_at: datetime | None = timestamp(default=None)

    next_date_at: datetime | None = timestamp(default=None)
    min_price: int | None = Field(default=None, sa_type=BigInteger)
    popularity: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    country: str = Field(max_length=2)
    pin_code: str = Field(max_length=12)
    city: str = Field(max_length=80)
    latitude: float
    longitude: float
    position: str | None = position_column()
    search_text: str = Field(default="", sa_column_kwargs={"info": UNREAD})

    def ensure_editable(self) -> None:
        if self.state in {EventState.CANCELLED, EventState.ARCHIVED}:
            raise InvalidEventState("An event that is {state} cannot be changed.", state=self.state)

    def ensure_on_sale(self) -> None:
        """Raise `SaleNotOpen` or `SaleEnded` if the event's state allows no sale."""
        if self.state in {EventState.ENDED, EventState.CANCELLED, EventState.ARCHIVED}:
            raise SaleEnded
        if self.state is not EventState.PUBLISHED:
            raise SaleNotOpen


class EventSlug(SQLModel, table=True):
    """A slug that an event has or had. No other event can take it over."""

    __tablename__ = "event_slug"
    __table_args__ = slug_constraints("event")
    __privacy__ = of_others(none="slug")

    slug: str = Field(primary_key=True)
    event_id: UUID = foreign_key("event", index=False)
    is_current: bool = True
    created_at: datetime = timestamp(default_factory=now)


class InvalidEventState(Refusal):
    code = "EVENT_STATE"
    message = "The event's state does not allow this. Reload the event."
    meaning = "The event, or its date, is in a state that does not allow this action."
    remedy = "Refetch the event's `state` and those of its dates."


class EventIncomplete(Refusal):
    message = (
        "A published event needs a coming date, and a ticket type with a quota or seats of it."
    )
    meaning = "On no date that is still to come, a ticket type is sold out of a quota or of seats."
    remedy = "Let the user add a date, a ticket type and a quota, then publish the event."


class EventLimitReached(Refusal):
    message = "A business can have at most {most} events. Archive some first."
    meaning = "The vendor has the maximum number of events that are not archived."
    remedy = "Let the user archive events that are over."


class EventSlugTaken(Refusal):
    message = "“{slug}” belongs to another event. Choose another name for the address."
    meaning = "Another event has the slug, or had it before."
    remedy = "Show `message` next to the field, so that the user can choose another slug."


class EventSlugLimitReached(Refusal):
    message = "An event can use at most {most} addresses. Choose one that it had before."
    meaning = "The event has had the maximum number of slugs, which all keep leading to it."
    remedy = "Offer the slugs that the event had before."


class SaleNotOpen(Refusal):
    """Tickets are not sold yet. `opens_at` is None if that is not known."""

    message = "Tickets are not on sale yet. Try again when the sale has opened."
    meaning = "The sale of the event, the date or the ticket type has not begun, or is paused."
    remedy = "Show `opensAt`, if it is known, and offer the tickets again at that time."

    def __init__(self, opens_at: datetime | None = None) -> None:
        self.opens_at = opens_at
        super().__init__()


class SaleEnded(Refusal):
    message = "Tickets are not sold any more."
    meaning = "The sale has ended, or the event or its date is over or cancelled."
    remedy = "Refetch the event, and offer its other dates."
