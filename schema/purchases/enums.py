"""Enums of the domain `purchases` in the GraphQL schema."""

from engine.enums import publish
from models.purchases import PurchaseKind, PurchaseState

__all__ = ["PurchaseKind", "PurchaseState"]

publish(
    PurchaseKind,
    "The kind of a purchase from the platform.",
    TOP_UP="Money for a wallet.",
    PACK="A pack of quota for a vendor.",
    DEBT="The debt of a vendor, whose balance is below zero.",
)

publish(
    PurchaseState,
    "The state of a purchase.",
    PENDING="It waits for its payment.",
    PAID="It was paid, and what was bought was given.",
    EXPIRED="It was not paid in time. A payment that comes later still counts.",
    CANCELLED="It was cancelled before it was paid.",
    REFUNDED="Its money has gone back, or that of its unused units.",
)
