"""Enums of the domain `taxes` in the GraphQL schema."""

from engine.enums import publish
from models.pricing.tax_rules import SellerKind
from models.pricing.taxes import TaxComponent

__all__ = ["SellerKind", "TaxComponent"]

publish(
    SellerKind,
    "The registration of a vendor for a tax.",
    REGULAR="Charges the tax, and states it on invoices.",
    COMPOSITION="The composition scheme of India: a bill of supply, without tax.",
    NONE="Not registered: no tax is charged.",
)
publish(
    TaxComponent,
    "A tax on an invoice.",
    CGST="The central half of GST, in India.",
    SGST="The half of GST of a state.",
    UTGST="The half of GST of a union territory.",
    IGST="GST between states of India, and on imports.",
    CESS="The compensation cess on GST.",
    VAT="The value added tax, or the sales tax of the country.",
)
