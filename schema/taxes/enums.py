"""Enums of the domain `taxes` in the GraphQL schema."""

from engine.enums import publish
from models.pricing.tax_rules import SellerKind
from models.pricing.taxes import TaxComponent
from models.taxes.rates import TaxLevy

__all__ = ["SellerKind", "TaxLevy"]

__all__ = ["SellerKind", "TaxComponent"]

publish(
    SellerKind,
    "The registration of a vendor for a tax.",
    REGULAR="Charges the tax, and states it on invoices.",
    COMPOSITION="The composition scheme of India: a bill of supply, without tax.",
    NONE="Not registered: no tax is charged.",
)
publish(
    TaxLevy,
    "A tax that the platform takes from what the vendors of a country get.",
    COMMISSION="GST or another tax on the commission of the platform.",
    TCS="Tax collected at source, of the taxable supplies: section 52 of the CGST Act of India.",
    TDS="Tax deducted at source, of all sales: section 194-O of the Income-tax Act of India.",
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
