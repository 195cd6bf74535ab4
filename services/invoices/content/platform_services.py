"""Lines and credit notes of what the platform itself sells: services, each with one amount."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.errors import NotFound
from models.invoices.content import (
    InvoiceGroup,
    InvoiceLine,
    InvoiceSums,
)
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from services.invoices.issuing import (
    InvoiceDraft,
    find_credited,
    find_issued,
    issue_document,
)
from services.invoices.numbering import Issuer


class Credited(NamedTuple):
    """Amounts that go back of a group of a document, which has a `place`, in minor units."""

    place: int
    net: int
    tax: int


def service_line(title: str, group: InvoiceGroup, place: int = 0) -> InvoiceLine:
    return InvoiceLine(
        title=title,
        quantity=1,
        unit=group.taxable,
        discount=0,
        shipping=0,
        taxable=group.taxable,
        tax=group.tax,
        gross=group.gross,
        group=place,
    )


async def issue_service_credit(
    session: AsyncSession,
    sealer: Sealer,
    issuer: Issuer,
    corrected: Invoice,
    credited: Sequence[Credited],
    *,
    source_id: UUID,
    title: str,
    supplied_on: date,
    refund_id: UUID | None = None,
) -> Invoice:
    """Issue a credit note of a locked document, or return the one that it has.

    The parties are those of the document. Raises `NotFound` after its term of bookkeeping.
    """
    if (known := await find_issued(session, source_id)) is not None:
        return known
    seller, buyer = corrected.open_seller(sealer), corrected.open_buyer(sealer)
    if seller is None or buyer is None:
        raise NotFound
    credited_before = await find_credited(session, corrected)
    earlier = [sum(one.tax + one.rounding for one in groups) for groups in credited_before]
    amounts = {one.place: one for one in credited}
    groups = [
        credit_group(whole, one.net, one.tax, earlier[place])
        for place, whole in enumerate(corrected.details.groups)
        for one in [amounts.get(place, Credited(place, 0, 0))]
    ]
    content = replace(
        corrected.details,
        lines=[service_line(title, groups[one.place], one.place) for one in credited],
        groups=groups,
        corrects=(corrected.number, corrected.issued_on),
        supplied_on=supplied_on,
    )
    draft = InvoiceDraft(
        source_id=source_id,
        kind=InvoiceKind.CREDIT_NOTE,
        issuer=issuer,
        currency=corrected.currency,
        locale=corrected.locale,
        seller=seller,
        buyer=buyer,
        content=content,
        sums=InvoiceSums.of(groups),
        vendor_id=corrected.vendor_id,
        buyer_id=corrected.buyer_id,
        refund_id=refund_id,
        corrects_id=corrected.id,
    )
    return await issue_document(session, sealer, draft)


def credit_group(whole: InvoiceGroup, net: int, tax: int, earlier: int) -> InvoiceGroup:
    """Return what goes back of a group, after an `earlier` amount of its taxes.

    The components stay equal, and all credit notes together have the taxes of the document.
    """
    count = max(1, len(whole.taxes))
    each = (earlier + tax) // count - earlier // count
    taxes = [replace(one, tax=each) for one in whole.taxes]
    return InvoiceGroup(taxes, net, tax - each * len(taxes))
