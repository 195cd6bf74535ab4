"""Documents of what the platform itself sells: packs, and top-ups of wallets.

A top-up is a payment in advance, and no supply: it gets a receipt.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from models.base import localized
from models.identity.accounts import User
from models.invoices.content import (
    InvoiceContent,
    InvoiceGroup,
    InvoiceLine,
    InvoiceParty,
    InvoiceSums,
    InvoiceTax,
)
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.packs.packs import Pack
from models.pricing.tax_rules import Jurisdiction, Treatment
from models.purchases import Purchase, PurchaseKind, PurchaseState
from models.vendors import Vendor
from services.i18n import translate
from services.invoices.content.parties import find_vendor_party
from services.invoices.content.platform import Operator
from services.invoices.issuing import InvoiceDraft, find_issued, issue_document

TITLES = {
    PurchaseKind.TOP_UP: UserMessage("Top-up of the wallet"),
    PurchaseKind.PACK: UserMessage("Pack"),
    PurchaseKind.DEBT: UserMessage("Payment of the balance"),
}


async def issue_purchase(
    session: AsyncSession,
    sealer: Sealer,
    operator: Operator,
    purchase_id: UUID,
    moment: datetime | None = None,
) -> Invoice | None:
    """Issue the document of a paid purchase, or return the one that it has."""
    if (known := await find_issued(session, purchase_id)) is not None:
        return known
    purchase = await session.get_one(Purchase, purchase_id)
    if purchase.state is not PurchaseState.PAID:
        return None
    user = await session.get_one(User, purchase.user_id)
    vendor = await session.get(Vendor, purchase.owner_id)
    if vendor is None:
        buyer = InvoiceParty(user.name, operator.party.country)
    else:
        buyer = await find_vendor_party(session, sealer, vendor)
    group = taxed_service(operator, purchase.net, purchase.tax, buyer.place)
    line = service_line(await _title_of(session, purchase, user.locale), group)
    draft = InvoiceDraft(
        source_id=purchase.id,
        kind=InvoiceKind.TAX_INVOICE if group.taxes else InvoiceKind.RECEIPT,
        issuer=operator.issuer,
        currency=purchase.currency,
        locale=user.locale,
        seller=operator.party,
        buyer=buyer,
        content=InvoiceContent(
            lines=[line],
            groups=[group],
            treatment=Treatment.TAXED if group.taxes else Treatment.NOT_TAXED,
            supplied_on=operator.issuer.day(purchase.paid_at or purchase.created_at),
            is_prepayment=purchase.kind is not PurchaseKind.PACK,
        ),
        sums=InvoiceSums.of([group]),
        vendor_id=vendor.id if vendor else None,
        buyer_id=user.id,
    )
    return await issue_document(session, sealer, draft, moment)


async def _title_of(session: AsyncSession, purchase: Purchase, locale: str) -> str:
    """Return the title of the pack in the language of its buyer, if there is one."""
    if purchase.ref_id and (pack := await session.get(Pack, purchase.ref_id)):
        return localized(dict(pack.title), [locale], next(iter(pack.title)))
    return translate(TITLES[purchase.kind], [locale])


def taxed_service(operator: Operator, net: int, tax: int, recipient: Jurisdiction) -> InvoiceGroup:
    """Return the group of a service of the platform, from amounts that are known."""
    parts = operator.split_tax(net, tax, recipient) if tax else []
    return InvoiceGroup([InvoiceTax(rate.component, rate.bps, part) for rate, part in parts], net)


def service_line(title: str, group: InvoiceGroup) -> InvoiceLine:
    return InvoiceLine(
        title=title,
        quantity=1,
        unit=group.taxable,
        discount=0,
        shipping=0,
        taxable=group.taxable,
        tax=group.tax,
        gross=group.gross,
        group=0,
    )
