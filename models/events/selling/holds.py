"""Holds: tickets that a user has for a time, before they are paid."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    text,
)
from sqlmodel import Field, SQLModel

from core.ids import global_id
from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.events.selling.waitlist import Together
from models.events.ticket_types import MAX_PER_HOLD, MAX_TICKET_PRICE, ids_column
from models.personal_data import keep_rows, of_others
from models.text import Identifier

HOLD_MINUTES = 10
MAX_HOLD_MINUTES = 30  # a hold that is changed again and again ends then
MAX_WAITLIST_HOLD_HOURS = 24
MAX_HOLD_LINES = 60
MAX_TYPES_OF_HOLD = 10
MAX_CODE_LENGTH = 32
MAX_ADMISSION_LENGTH = 500


class HoldState(StrEnum):
    """`OPEN → CHECKOUT → SOLD`, or `→ RELEASED / EXPIRED`.

    From CHECKOUT on it follows its order: only the order's end frees its tickets.
    """

    OPEN = "OPEN"
    CHECKOUT = "CHECKOUT"
    SOLD = "SOLD"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


LIVE = frozenset({HoldState.OPEN, HoldState.CHECKOUT})


class HoldSource(StrEnum):
    PUBLIC = "PUBLIC"
    WAITLIST = "WAITLIST"
    DESK = "DESK"


class TicketHold(Row, table=True):
    """Tickets of one date that a user holds. Of each source a user has at most one that is OPEN.

    It ends at `expires_at`, which changes move, but never past `hard_until`.
    """

    __tablename__ = "ticket_hold"
    __table_args__ = (
        ForeignKeyConstraint(
            ["event_date_id", "vendor_id"], ["event_date.id", "event_date.vendor_id"], **DEFERRED
        ),
        CheckConstraint("expires_at <= hard_until", name="expires_at"),
        CheckConstraint(
            f"hard_until <= created_at + CASE source WHEN 'WAITLIST'"
            f" THEN interval '{MAX_WAITLIST_HOLD_HOURS} hours'"
            f" ELSE interval '{MAX_HOLD_MINUTES} minutes' END + interval '1 minute'",
            name="hard_until",
        ),
        CheckConstraint("(state IN ('OPEN', 'CHECKOUT')) = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("(source = 'WAITLIST') = (entry_id IS NOT NULL)", name="entry_id"),
        CheckConstraint("state <> 'OPEN' OR order_id IS NULL", name="order_id"),
        CheckConstraint("revision >= 0", name="revision"),
        Index(
            "ticket_hold_open_key",
            "event_date_id",
            "user_id",
            "source",
            unique=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index(
            "ticket_hold_expires_at_idx",
            "event_date_id",
            "expires_at",
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("ticket_hold_due_idx", "expires_at", postgresql_where=text("state = 'OPEN'")),
        Index("ticket_hold_user_id_idx", "user_id", "created_at", "id"),
        Index("ticket_hold_order_id_idx", "order_id"),
        Index("ticket_hold_entry_id_idx", "entry_id"),
    )
    __privacy__ = keep_rows(none="currency revision")

    event_date_id: UUID
    vendor_id: UUID
    user_id: UUID = foreign_key("user", index=False)
    state: HoldState = enum_column(HoldState, default=HoldState.OPEN)
    source: HoldSource = enum_column(HoldSource, default=HoldSource.PUBLIC)
    currency: str = Field(max_length=3)
    revision: int = 0
    promo_code_id: UUID | None = optional_foreign_key("promo_code")  # that unlocked a type
    entry_id: UUID | None = optional_foreign_key("waitlist_entry", index=False)
    order_id: UUID | None = optional_foreign_key("order", index=False)
    expires_at: datetime = timestamp()
    hard_until: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None)

    def is_open(self, moment: datetime) -> bool:
        return self.state is HoldState.OPEN and moment < self.expires_at

    def ensure_open(self, moment: datetime) -> None:
        if not self.is_open(moment):
            raise HoldExpired

    def extended_until(self, moment: datetime) -> datetime:
        """Return the end of the hold if it is changed at a moment: never an earlier one."""
        wanted = min(moment + timedelta(minutes=HOLD_MINUTES), self.hard_until)
        return max(self.expires_at, wanted)

    def end(self, state: HoldState, moment: datetime) -> None:
        self.state, self.ended_at = state, moment


class HoldLine(Row, table=True):
    """So many units of a ticket type at a price. Each seat is a line of its own.

    `quota_ids` are the quotas that each ticket of the line counts in, as they were when it was
    held: what is released gives back to these. A ticket that another user resells counts in them
    already, and has its seat, until it is sold: its line has none.
    """

    __tablename__ = "hold_line"
    __table_args__ = (
        CheckConstraint(f"quantity BETWEEN 1 AND {MAX_PER_HOLD}", name="quantity"),
        CheckConstraint("admits BETWEEN 1 AND 20", name="admits"),
        CheckConstraint("seat_id IS NULL OR quantity * admits = 1", name="seat"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_TICKET_PRICE}", name="price"),
        CheckConstraint("cardinality(quota_ids) <= 20", name="quota_ids"),
        CheckConstraint(
            "resale_id IS NULL OR quantity * admits = 1 AND cardinality(quota_ids) = 0",
            name="resale_id",
        ),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_HOLD_LINES - 1}", name="position"),
        Index("hold_line_hold_id_key", "hold_id", "position", unique=True),
        Index(
            "hold_line_seat_key",
            "hold_id",
            "seat_id",
            unique=True,
            postgresql_where=text("seat_id IS NOT NULL"),
        ),
        Index("hold_line_seat_id_idx", "seat_id"),
    )
    __privacy__ = of_others(id="tier_id", none="position quantity admits price quota_ids")

    hold_id: UUID = foreign_key("ticket_hold", index=False)
    position: int
    ticket_type_id: UUID = foreign_key("ticket_type")
    tier_id: UUID | None = None
    seat_id: UUID | None = optional_foreign_key("seat", index=False)
    quantity: int
    admits: int = 1
    price: int = Field(sa_type=BigInteger)  # of a unit
    quota_ids: list[UUID] = Field(default_factory=list, sa_column=ids_column())
    resale_id: UUID | None = optional_foreign_key("resale_listing")

    @property
    def tickets(self) -> int:
        return self.quantity * self.admits

    @property
    def total(self) -> int:
        return self.quantity * self.price

    def units(self) -> Mapping[UUID, int]:
        """Return the tickets that the line takes of each quota."""
        return dict.fromkeys(self.quota_ids, self.tickets)


class TicketBuyer(SQLModel, table=True):
    """The tickets of a date that a user holds or has bought, also those transferred on."""

    __tablename__ = "ticket_buyer"
    __table_args__ = (
        CheckConstraint("tickets >= 0", name="tickets"),
        Index("ticket_buyer_user_id_idx", "user_id"),
    )
    __privacy__ = keep_rows(none="tickets")

    event_date_id: UUID = foreign_key("event_date", primary_key=True, index=False)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    tickets: int


class WantedTickets(BaseModel, frozen=True):
    """So many units of a ticket type that a user wants to hold."""

    ticket_type_id: UUID
    quantity: Annotated[int, Range(ge=1, le=MAX_PER_HOLD)]
    amount_minor: Annotated[int, Range(ge=0, le=MAX_TICKET_PRICE)] | None = None  # of a donation


class BestSeats(BaseModel, frozen=True):
    """The best seats that are available. With `accessible` places, their companions are beside."""

    together: Together = Together.ROW
    accessible: Annotated[int, Range(ge=0, le=10)] = 0
    section_id: UUID | None = None


class HoldDraft(BaseModel, frozen=True):
    """Validated input of a hold. Without `seat_ids`, seats are chosen by `best`."""

    lines: Annotated[list[WantedTickets], Range(min_length=1, max_length=MAX_TYPES_OF_HOLD)]
    code: Annotated[str, Identifier(MAX_CODE_LENGTH)] | None = None
    seat_ids: Annotated[list[UUID], Range(min_length=1, max_length=MAX_PER_HOLD)] | None = None
    best: BestSeats | None = None
    admission: Annotated[str, Identifier(MAX_ADMISSION_LENGTH)] | None = None

    @model_validator(mode="after")
    def ensure_one_way(self) -> Self:
        if self.seat_ids is not None and self.best is not None:
            raise InvalidInput("Choose seats, or have them chosen.", field=["seatIds"])
        if self.seat_ids is not None and len(set(self.seat_ids)) != len(self.seat_ids):
            raise InvalidInput("Give each seat once.", field=["seatIds"])
        return self

    @model_validator(mode="after")
    def ensure_types(self) -> Self:
        if len({one.ticket_type_id for one in self.lines}) != len(self.lines):
            raise InvalidInput("Give each ticket type once.", field=["lines"])
        if sum(one.quantity for one in self.lines) > MAX_PER_HOLD:
            message = "Choose at most {most} things at once."
            raise InvalidInput(message, field=["lines"], most=MAX_PER_HOLD)
        return self


class HoldExists(Refusal):
    """The user has an open hold of the date. `hold_id` is its global id, if it is known."""

    message = "You hold tickets of this date already. Change those, or give them back first."
    meaning = "A user has at most one OPEN hold of a date."
    remedy = "Show the hold `holdId`, and offer `changeHold` and `releaseHold`."
    constraint = "ticket_hold_open_key"

    def __init__(self, hold_id: UUID | None = None) -> None:
        self.hold_id = hold_id and global_id("TicketHold", hold_id)
        super().__init__()


class HoldExpired(Refusal):
    message = "The time for these tickets is over. Choose them again."
    meaning = "The hold is not OPEN any more: it expired, was released, or is part of an order."
    remedy = "Refetch the hold. If it expired, let the user hold tickets again."


class HeldTicketsChanged(Refusal):
    message = "These tickets were changed while you ordered them. Check the order, and try again."
    meaning = "`changeHold` has changed the hold of a checkout while the order was placed."
    remedy = "Refetch the checkout, and let the user confirm it."


class TicketLimit(Refusal):
    """The user would have more tickets of the date than one may. `left` are still allowed."""

    message = "You can get {left} more tickets of this date. Choose fewer."
    meaning = "Held and bought, the user would have more tickets than `maxPerUser` of the event."
    remedy = "Show `left`, and let the user choose fewer."

    def __init__(self, *, left: int) -> None:
        self.left = left
        super().__init__(left=left)
