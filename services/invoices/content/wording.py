"""The words of documents that laws ask for, by kind, country and treatment."""

from collections.abc import Iterator, Mapping

from core.errors import UserMessage
from models.invoices.content import InvoiceContent, InvoiceParty
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import EUROPEAN_UNION, INDIA, UNITED_STATES, Treatment
from models.pricing.taxes import TaxComponent

TITLES: Mapping[InvoiceKind, UserMessage] = {
    InvoiceKind.TAX_INVOICE: UserMessage("Invoice"),
    InvoiceKind.BILL_OF_SUPPLY: UserMessage("Bill of supply"),
    InvoiceKind.CREDIT_NOTE: UserMessage("Credit note"),
    InvoiceKind.COMMISSION: UserMessage("Invoice for commission"),
    InvoiceKind.RECEIPT: UserMessage("Receipt"),
}
TAX_INVOICE = UserMessage("Tax invoice")  # rule 46 of the CGST Rules
VAT, SALES_TAX = UserMessage("VAT"), UserMessage("Sales tax")
COMPOSITION = UserMessage(
    "Composition taxable person, not eligible to collect tax on supplies."
)  # rule 5(1)(f) of the CGST Rules
EXEMPT = UserMessage("These supplies are exempt from tax.")
UNREGISTERED = UserMessage("The seller is not registered for tax. No tax is charged.")
REVERSE_CHARGE = UserMessage("Intra-Community supply, reverse charge: the recipient owes the tax.")
REVERSE_CHARGE_OF_SERVICES = UserMessage("Reverse charge: the recipient owes the tax.")
EXPORT = UserMessage("Export: this supply is zero-rated.")
# The endorsement of rule 46 of the CGST Rules, which no other language may replace.
EXPORT_FROM_INDIA = (
    "Supply meant for export under bond or letter of undertaking without payment of integrated tax."
)
NO_SUPPLY = UserMessage("This payment is for no supply, and no tax is due on it.")


def title_of(kind: InvoiceKind, seller: InvoiceParty) -> UserMessage:
    if kind is InvoiceKind.TAX_INVOICE and seller.country == INDIA:
        return TAX_INVOICE
    return TITLES[kind]


def name_of(component: TaxComponent, country: str) -> UserMessage | str:
    """Return the name of a tax. Those of India have one in all languages."""
    if component is not TaxComponent.VAT:
        return component.value
    return SALES_TAX if country == UNITED_STATES else VAT


def tax_id_label(country: str) -> UserMessage | str:
    """Return the label of a tax number in a country."""
    if country == INDIA:
        return "GSTIN"
    return UserMessage("VAT number") if country in EUROPEAN_UNION else UserMessage("Tax number")


def reverse_charge_of(content: InvoiceContent) -> UserMessage:
    """Return the note of the reverse charge: of goods that move, or of services."""
    return REVERSE_CHARGE_OF_SERVICES if content.is_service else REVERSE_CHARGE


def notes_of(
    kind: InvoiceKind, seller: InvoiceParty, content: InvoiceContent
) -> Iterator[UserMessage | str]:
    """Yield the notes that laws require about the tax of a document, or about its absence.

    A prepayment is for no supply: a top-up of a wallet, or a debt that was paid.
    """
    if content.is_prepayment:
        yield NO_SUPPLY
    elif kind is InvoiceKind.RECEIPT:
        yield UNREGISTERED
    elif content.treatment is Treatment.REVERSE_CHARGE:
        yield reverse_charge_of(content)
    elif content.treatment is Treatment.EXPORT:
        yield EXPORT_FROM_INDIA if seller.country == INDIA else EXPORT
    elif content.treatment is Treatment.NOT_TAXED:
        yield _not_taxed(kind, seller)
    elif not content.components:
        yield EXEMPT


def _not_taxed(kind: InvoiceKind, seller: InvoiceParty) -> UserMessage:
    """Return why a seller charges no tax on anything. A credit note has the seller's number too."""
    if kind is InvoiceKind.BILL_OF_SUPPLY or seller.tax_id:
        return COMPOSITION
    return UNREGISTERED
