"""Enums of the domain `taxes` in the GraphQL schema."""

from engine.enums import publish
from models.pricing.tax_rules import SellerKind

__all__ = ["SellerKind"]

publish(
    SellerKind,
    "The registration of a vendor for a tax.",
    REGULAR="Charges the tax, and states it on invoices.",
    COMPOSITION="The composition scheme of India: a bill of supply, without tax.",
    NONE="Not registered: no tax is charged.",
)
