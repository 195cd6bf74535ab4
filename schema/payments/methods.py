"""Payment providers, and methods that they keep for users."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.payments import visible_method
from engine.types import Rows, column
from models.payments import methods as rows
from schema.money import Money
from schema.orders.enums import PaymentProvider


@strawberry.type(description="A provider by which payments in a currency can be made.")
class PaymentProviderOffer:
    payment_provider: PaymentProvider = strawberry.field(description="The provider.")
    publishable_key: str | None = strawberry.field(
        description="The key for the provider's form in clients. Null if it has a page instead."
    )
    minimum: Money = strawberry.field(description="The smallest payment.")


@strawberry.type(
    description="A method of payment that the provider keeps for a user, such as a card. Visible to"
    " the user."
)
class PaymentMethod(Rows[rows.PaymentMethod], relay.Node, access=visible_method):
    id: relay.NodeID[UUID]
    payment_provider: PaymentProvider = column("The provider.", of="provider")
    card_brand: str = column("The brand, such as visa.", of="brand")
    last4: str = column("The last four digits.")
    expires_month: int | None = column("The month of its expiry, 1 to 12. Null if it has none.")
    expires_year: int | None = column("The year of its expiry. Null if it has none.")
    created_at: datetime = column("The time at which it was saved.")
