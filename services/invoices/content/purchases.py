"""Documents of what the platform itself sells: packs, and top-ups of wallets.

A top-up is a payment in advance, and a debt is no supply: these get receipts.
"""

from collections import Counter
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from models.base import localized
from models.identity.accounts import User
from models.invoices.content import InvoiceContent, InvoiceGroup, InvoiceParty, InvoiceSums
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.ledger.accounts import AccountKind
from models.ledger.entries import Posting, PostingKind
from models.packs.packs import Pack
from models.payments.refunds import Refund
from models.pricing.tax_rules import INDIA
from models.purchases import Purchase, PurchaseKind
from models.vendors import Vendor
from services.i18n import translate
from services.invoices.content.parties import find_vendor_party
from services.invoices.content.platform import Operator
from services.invoices.content.platform_services import (
    Credited,
    issue_service_credit,
    service_line,
)
from services.invoices.content.suborders import place_of_supply
from services.invoices.issuing import InvoiceDraft, find_issued, issue_document, lock_issued
from services.ledger.posting import find_legs

TITLES = {
    PurchaseKind.TOP_UP: UserMessage("Top-up of the wallet"),
    PurchaseKind.PACK: UserMessage("Pack"),
    PurchaseKind.DEBT: UserMessage("Payment of the balance"),
}


async def issue_purchase(
    session: AsyncSession, sealer: Sealer, operator: Operator, purchase_id: UUID
) -> Invoice | None:
    """Issue the document of a purchase that was paid, or return the one that it has.

    That of a vendor is for its present members: the one who paid may have left.
    """
    if (known := await find_issued(session, purchase_id)) is not None:
        return known
    purchase = await session.get_one(Purchase, purchase_id)
    if purchase.paid_at is None:
        return None
    user = await session.get_one(User, purchase.user_id)
    vendor = await session.get(Vendor, purchase.owner_id)
    if vendor is None:
        buyer = InvoiceParty(user.name, operator.party.country)
    else:
        buyer = await find_vendor_party(session, sealer, vendor)
    group = operator.group(purchase.net, purchase.tax, buyer.place)
    line = service_line(await _title_of(session, purchase, user.locale), group)
    is_prepayment = purchase.kind is not PurchaseKind.PACK
    origin = operator.party.country
    draft = InvoiceDraft(
        source_id=purchase.id,
        kind=_choose_kind(operator, group, is_prepayment=is_prepayment),
        issuer=operator.issuer,
        currency=purchase.currency,
        locale=user.locale,
        seller=operator.party,
        buyer=buyer,
        content=InvoiceContent(
            lines=[line],
            groups=[group],
            treatment=operator.treat([group], buyer),
            place_of_supply=None if is_prepayment else place_of_supply(origin, buyer.place),
            supplied_on=operator.issuer.day(purchase.paid_at),
            is_prepayment=is_prepayment,
            is_service=True,
        ),
        sums=InvoiceSums.of([group]),
        vendor_id=vendor.id if vendor else None,
        buyer_id=None if vendor else user.id,
    )
    return await issue_document(session, sealer, draft)


def _choose_kind(operator: Operator, group: InvoiceGroup, *, is_prepayment: bool) -> InvoiceKind:
    """Return the kind of a document, by the taxes and by whether the operator is registered."""
    if group.taxes:
        return InvoiceKind.TAX_INVOICE
    if is_prepayment or not operator.party.tax_id:
        return InvoiceKind.RECEIPT
    is_indian = operator.party.country == INDIA
    return InvoiceKind.BILL_OF_SUPPLY if is_indian else InvoiceKind.TAX_INVOICE


async def _title_of(session: AsyncSession, purchase: Purchase, locale: str) -> str:
    """Return the title of the pack in the language of its buyer, if there is one."""
    if purchase.ref_id and (pack := await session.get(Pack, purchase.ref_id)):
        return localized(dict(pack.title), [locale], next(iter(pack.title)))
    return translate(TITLES[purchase.kind], [locale])


async def issue_purchase_credit(
    session: AsyncSession, sealer: Sealer, operator: Operator, refund: Refund, purchase_id: UUID
) -> Invoice | None:
    """Issue the credit note of a refunded purchase, or return the one that it has.

    None without the document of the purchase, and for a payment that went back because it came too
    late or twice. The ledger knows the amounts.
    """
    corrected = await lock_issued(session, purchase_id)
    if corrected is None:
        return None
    posting = Posting(PostingKind.GRANT, refund.id)
    amounts: Counter[bool] = Counter()
    for leg in (await find_legs(session, posting))[posting]:
        amounts[leg.debit.kind is AccountKind.GST_OUT] += leg.amount
    if not amounts.total():
        return None
    return await issue_service_credit(
        session,
        sealer,
        operator.issuer,
        corrected,
        [Credited(0, net=amounts[False], tax=amounts[True])],
        source_id=uuid5(refund.id, purchase_id.hex),
        title=corrected.details.lines[0].title,
        supplied_on=operator.issuer.day(refund.created_at),
        refund_id=refund.id,
    )
