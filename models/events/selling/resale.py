"""Resale of tickets: at most at the price that was paid, to users on the waitlist."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from core.money import Amount
from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.events.date_changes import MAX_REFUSAL_CODE_LENGTH, TicketRefundState
from models.events.ticket_types import MAX_TICKET_PRICE
from models.personal_data import keep_rows

MAX_LISTINGS = 20  # of a ticket


class ResaleState(StrEnum):
    """`LISTED → SOLD / WITHDRAWN`."""

    LISTED = "LISTED"
    SOLD = "SOLD"
    WITHDRAWN = "WITHDRAWN"


class ResaleListing(Row, table=True):
    """A ticket that its holder gives back if a user who waits buys it, at most at its price.

    While it is LISTED, `hold_id` is the waitlist hold that has it, if any. Who buys it gets a new
    ticket, and this one is cancelled. Once it is SOLD, `refund` is the state of the refund to who
    had paid for it, and `code` why that was refused.
    """

    __tablename__ = "resale_listing"
    __table_args__ = (
        CheckConstraint(f"price BETWEEN 0 AND {MAX_TICKET_PRICE}", name="price"),
        CheckConstraint("(state = 'LISTED') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("state <> 'SOLD' OR hold_id IS NOT NULL", name="hold_id"),
        CheckConstraint("(state = 'SOLD') = (refund IS NOT NULL)", name="refund"),
        CheckConstraint("coalesce(refund = 'REFUSED', false) = (code IS NOT NULL)", name="code"),
        CheckConstraint(f"code ~ '^[A-Z_]{{1,{MAX_REFUSAL_CODE_LENGTH}}}$'", name="code_format"),
        Index(
            "resale_listing_listed_key",
            "ticket_id",
            unique=True,
            postgresql_where=text("state = 'LISTED'"),
        ),
        Index("resale_listing_event_date_id_idx", "event_date_id", "created_at", "id"),
        Index("resale_listing_ticket_id_idx", "ticket_id"),
        Index(
            "resale_listing_owed_idx",
            "ended_at",
            postgresql_where=text("refund IN ('DUE', 'REFUSED')"),
        ),
    )
    __privacy__ = keep_rows(none="price code")

    event_date_id: UUID = foreign_key("event_date", index=False)
    ticket_id: UUID = foreign_key("ticket", index=False)
    user_id: UUID = foreign_key("user")
    price: int = Field(sa_type=BigInteger)
    state: ResaleState = enum_column(ResaleState, default=ResaleState.LISTED)
    hold_id: UUID | None = optional_foreign_key("ticket_hold")
    refund: TicketRefundState | None = enum_column(TicketRefundState, default=None, nullable=True)
    code: str | None = Field(default=None, max_length=MAX_REFUSAL_CODE_LENGTH)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def held(self) -> bool:
        return self.state is ResaleState.LISTED and self.hold_id is not None

    def withdraw(self, moment: datetime) -> None:
        """End the listing, and keep the ticket. Raises `ResaleHeld`."""
        if self.held:
            raise ResaleHeld
        self.state, self.ended_at = ResaleState.WITHDRAWN, moment


class ResaleDraft(BaseModel, frozen=True):
    """Validated input of a listing. Without a price, it is the highest that is allowed."""

    price: Annotated[int, Range(ge=0, le=MAX_TICKET_PRICE)] | None = None
    currency: str | None = None


class ResaleRefused(Refusal):
    message = "This ticket cannot be resold, or not any more."
    meaning = (
        "The event allows no resale or has no waitlist, the sale of the date is not open, no user"
        " can wait for the ticket type, or nothing was paid for the ticket that can be refunded."
    )
    remedy = "Show `message`. Refetch `resale` of the ticket's event."


class ResalePriceTooHigh(Refusal):
    """The price is more than what was paid. `most` minor units are allowed."""

    message = "Choose a price of at most what was paid for the ticket."
    meaning = "The price is higher than what was paid for the ticket, after discounts."
    remedy = "Show `highest` as the highest price."

    def __init__(self, *, most: int, currency: str) -> None:
        self.highest = Amount(most, currency)
        super().__init__(field=["price"])


class ResaleHeld(Refusal):
    message = "Another user is about to buy this ticket. If not, you keep it."
    meaning = "The listed ticket is held for a user of the waitlist, or is part of their order."
    remedy = "Refetch `resale` of the ticket later."
