"""Credit notes: one for each refund and each vendor that gives money back.

The units of a line carry their share of its amounts by the cumulative rule, and so does a group of
its rounding. So whatever is refunded in whatever order, all credit notes together are the document
that they correct.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.security.sealed import Sealer
from models.errors import NotFound
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
from models.payments.refunds import Refund, RefundLine
from models.pricing.amounts import part
from services.invoices.issuing import InvoiceDraft, find_issued, issue
from services.invoices.numbering import Issuer
from services.invoices.suborders import SoldPart, read_sold


async def issue_credit_note(
    session: AsyncSession,
    sealer: Sealer,
    refund_id: UUID,
    suborder_id: UUID,
    moment: datetime | None = None,
) -> Invoice | None:
    """Issue the credit note of one vendor's part of a refund, or return the one that it has.

    The document that it corrects is locked, because its earlier credit notes decide on the
    rounding. None for what was free.
    """
    source_id = uuid5(refund_id, suborder_id.hex)
    rows = select(Invoice).where(Invoice.source_id == suborder_id)
    corrected = (await session.exec(for_change(rows))).first()
    if corrected is None:
        raise NotFound
    if (known := await find_issued(session, source_id)) is not None:
        return known
    sold = await read_sold(session, suborder_id)
    refunded = select(RefundLine).where(
        RefundLine.refund_id == refund_id, RefundLine.suborder_id == suborder_id
    )
    units = (await session.exec(refunded.order_by(col(RefundLine.line_id)))).all()
    earlier = await _find_earlier(session, corrected)
    content, discount = credit(sold, corrected.details, units, earlier)
    content = replace(content, corrects=(corrected.number, corrected.issued_on))
    if not any(group.gross for group in content.groups):
        return None
    refund = await session.get_one(Refund, refund_id)
    draft = _draft(sold, corrected, sealer, content, discount, source_id, refund)
    return await issue(session, sealer, draft, moment)


async def _find_earlier(session: AsyncSession, corrected: Invoice) -> list[int]:
    """Return how much of each group was credited before."""
    rows = select(Invoice.content).where(Invoice.corrects_id == corrected.id)
    sums = [0] * len(corrected.details.groups)
    for stored in (await session.exec(rows)).all():
        for place, group in enumerate(InvoiceContent.decode(stored).groups):
            sums[place] += group.gross
    return sums


def credit(
    sold: SoldPart, original: InvoiceContent, units: Sequence[RefundLine], earlier: Sequence[int]
) -> tuple[InvoiceContent, int]:
    """Return the content for units, and the share of the platform's discount that it takes back.

    `earlier` is how much of each group was credited before.
    """
    shares = [_share(sold, original, one) for one in units]
    groups, lines = [], []
    for place, whole in enumerate(original.groups):
        own = [one for one in shares if one.line.group == place]
        gross = sum(one.line.gross for one in own)
        rounding = _share_of_rounding(whole, earlier[place], gross)
        taxes = [
            InvoiceTax(rate.component, rate.bps, sum(one.taxes[number] for one in own))
            for number, rate in enumerate(whole.taxes)
        ]
        tax = sum(one.tax for one in taxes)
        groups.append(InvoiceGroup(taxes, gross - tax - rounding, rounding))
        lines += _rounded([one.line for one in own], rounding)
    content = replace(original, lines=lines, groups=groups)
    return content, sum(one.discount for one in shares)


@dataclass(frozen=True)
class _Share:
    """The share of units in a line: its taxes in the order of the group, and the discount."""

    line: InvoiceLine
    taxes: Sequence[int]
    discount: int


def _share(sold: SoldPart, original: InvoiceContent, units: RefundLine) -> _Share:
    place, line = next(
        (place, line) for place, line in enumerate(sold.lines) if line.id == units.line_id
    )
    known = original.lines[place]
    start, stop = units.units.lower, units.units.upper

    def of(amount: int) -> int:
        return part(amount, line.quantity, start, stop)

    by_component = {one.component: one.tax for one in sold.taxes[line.id]}
    taxes = [of(by_component[one.component]) for one in original.groups[known.group].taxes]
    discount = of(line.platform_discount)
    gross = units.amount + discount
    credited = replace(
        known,
        quantity=stop - start,
        discount=of(line.vendor_discount),
        shipping=of(line.shipping),
        taxable=gross - sum(taxes),
        tax=sum(taxes),
        gross=gross,
    )
    return _Share(credited, taxes, discount)


def _share_of_rounding(whole: InvoiceGroup, earlier: int, gross: int) -> int:
    """Return the rounding of amounts that follow `earlier` ones. Within ±1, as the whole is."""
    return part(whole.rounding, whole.gross, earlier, earlier + gross) if whole.gross else 0


def _rounded(lines: list[InvoiceLine], rounding: int) -> list[InvoiceLine]:
    """Take the rounding of a group out of its first line, so that the lines sum to the group."""
    if not lines or not rounding:
        return lines
    return [replace(lines[0], taxable=lines[0].taxable - rounding), *lines[1:]]


def _draft(
    sold: SoldPart,
    corrected: Invoice,
    sealer: Sealer,
    content: InvoiceContent,
    discount: int,
    source_id: UUID,
    refund: Refund,
) -> InvoiceDraft:
    """Return the credit note, with the parties of the document that it corrects."""
    seller, buyer = corrected.open_seller(sealer), corrected.open_buyer(sealer)
    return InvoiceDraft(
        source_id=source_id,
        kind=InvoiceKind.CREDIT_NOTE,
        issuer=Issuer(corrected.issuer_id, sold.vendor.country, sold.vendor.time_zone),
        currency=corrected.currency,
        locale=corrected.locale,
        seller=seller or InvoiceParty(sold.vendor.name, sold.vendor.country),
        buyer=buyer or InvoiceParty(sold.buyer.name, sold.order.country),
        content=content,
        sums=InvoiceSums.of(content.groups, discount),
        vendor_id=corrected.vendor_id,
        buyer_id=corrected.buyer_id,
        order_id=corrected.order_id,
        suborder_id=corrected.suborder_id,
        refund_id=refund.id,
        corrects_id=corrected.id,
    )
