"""Listings of tickets for resale, and their input."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from dataloaders.events import currency_of_ticket
from engine.ids import id_field, id_of
from engine.types import Rows, column, field, loaded
from models.events.selling import resale as rows
from models.validation import parse
from schema.events.enums import ResaleState, TicketRefundState
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.money import Money, MoneyInput, money_of

ListedTicketId = Annotated[UUID, id_of("Ticket", "The ticket's id.")]


@strawberry.type(description="A ticket that its holder resells to a user of the waitlist.")
class ResaleListing(Rows[rows.ResaleListing]):
    state: ResaleState = column("The state.")
    refund: TicketRefundState | None = column(
        "The refund to who had paid for the ticket. Null unless it is SOLD."
    )
    created_at: datetime = column("The time at which it was listed.")
    ended_at: datetime | None = column("The time of its end. Null while it is LISTED.")

    @loaded(
        currency_of_ticket,
        by="ticket_id",
        description="The price, without taxes that are added.",
        needs=("ticket_id", "price"),
    )
    def price(root: strawberry.Parent[rows.ResaleListing], currency: str) -> Money:
        return money_of(root.price, currency)

    @field(
        "Whether it is held for a user who waits, so that it cannot be taken off the list.",
        needs=("state", "hold_id"),
    )
    def held(root: strawberry.Parent[rows.ResaleListing]) -> bool:
        return root.held


@strawberry.input(description="A ticket that its holder resells.")
class ListTicketInput:
    ticket_id: UUID = id_field("Ticket", "The ticket's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    price: MoneyInput | None = strawberry.field(
        default=None,
        description="The price. Without it, and at most, what was paid for the ticket after"
        " discounts, without taxes that were added.",
    )

    def draft(self) -> rows.ResaleDraft:
        if self.price is None:
            return rows.ResaleDraft()
        given = {"price": int(self.price.amount_minor), "currency": self.price.currency}
        return parse(rows.ResaleDraft, **given)
