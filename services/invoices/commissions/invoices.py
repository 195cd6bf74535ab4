"""Invoices for commission: one for each vendor, month and currency, with a line for each rate."""

from uuid import UUID, uuid5

from babel.dates import format_skeleton
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from models.invoices.content import InvoiceContent, InvoiceSums
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.vendors import Vendor
from services.i18n import language_of, translate
from services.invoices.commissions.earnings import Earned
from services.invoices.commissions.months import Month
from services.invoices.content.parties import find_vendor_party
from services.invoices.content.platform import Operator
from services.invoices.content.platform_services import service_line
from services.invoices.content.suborders import place_of_supply
from services.invoices.issuing import InvoiceDraft, find_issued, issue_document


def source_of(vendor_id: UUID, currency: str, month: Month) -> UUID:
    """Return the id of what an invoice is for."""
    return uuid5(vendor_id, f"commission {month} {currency}")


async def issue_commission(
    session: AsyncSession, sealer: Sealer, operator: Operator, earned: Earned
) -> Invoice:
    """Issue the invoice for a vendor's commission of a month, or return the one that it has."""
    month = earned.released
    source_id = source_of(earned.vendor_id, earned.currency, month)
    if (known := await find_issued(session, source_id)) is not None:
        return known
    vendor = await session.get_one(Vendor, earned.vendor_id)
    buyer = await find_vendor_party(session, sealer, vendor)
    groups = [operator.group(one.commission, one.tax, buyer.place, one.bps) for one in earned.rates]
    lines = [
        service_line(_title(vendor, one.count, month), group, place)
        for place, (one, group) in enumerate(zip(earned.rates, groups, strict=True))
    ]
    content = InvoiceContent(
        lines=lines,
        groups=groups,
        treatment=operator.treat(groups, buyer),
        place_of_supply=place_of_supply(operator.party.country, buyer.place),
        supplied_on=month.last,
        is_service=True,
    )
    draft = InvoiceDraft(
        source_id=source_id,
        kind=InvoiceKind.COMMISSION,
        issuer=operator.issuer,
        currency=earned.currency,
        locale=vendor.locale,
        seller=operator.party,
        buyer=buyer,
        content=content,
        sums=InvoiceSums.of(groups),
        vendor_id=vendor.id,
    )
    return await issue_document(session, sealer, draft)


def _title(vendor: Vendor, count: int, month: Month) -> str:
    title = UserMessage(
        "Commission of {month}, orders: {count}",
        count=count,
        month=format_skeleton("yMMMM", month.first, locale=language_of([vendor.locale])),
    )
    return translate(title, [vendor.locale])
