"""Credit notes: one for each refund and each vendor that gives money back.

The platform's goodwill is no reduction of a vendor's price, so it has none. The vendor's is.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.errors import NotFound
from models.invoices.content import InvoiceContent, InvoiceParty, InvoiceSums
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.ledger.accounts import AccountKind
from models.ledger.entries import Posting, PostingKind
from models.payments.refunds import Refund, RefundAmount, RefundLine
from models.pricing.discounts import FundedBy
from services.invoices.content.crediting import GivenBack, credit
from services.invoices.content.suborders import SoldPart, read_sold
from services.invoices.issuing import (
    InvoiceDraft,
    find_credited,
    find_issued,
    issue_document,
    lock_issued,
)
from services.invoices.numbering import Issuer
from services.ledger.posting import find_legs


async def issue_credit_note(
    session: AsyncSession,
    sealer: Sealer,
    refund_id: UUID,
    suborder_id: UUID,
    moment: datetime | None = None,
) -> Invoice | None:
    """Issue the credit note of one vendor's part of a refund, or return the one that it has.

    The document that it corrects is locked. None for what was free, and for what the platform
    bears.
    """
    source_id = uuid5(refund_id, suborder_id.hex)
    corrected = await lock_issued(session, suborder_id)
    if corrected is None:
        raise NotFound
    if (known := await find_issued(session, source_id)) is not None:
        return known
    sold = await read_sold(session, suborder_id)
    given = await _find_given(session, refund_id, suborder_id)
    credited = await find_credited(session, corrected)
    earlier = [sum(one.gross for one in groups) for groups in credited]
    content, discount = credit(sold, corrected.details, given, earlier)
    content = replace(content, corrects=(corrected.number, corrected.issued_on))
    if not any(group.gross for group in content.groups):
        return None
    refund = await session.get_one(Refund, refund_id)
    draft = _draft(sold, corrected, sealer, content, discount, source_id, refund)
    return await issue_document(session, sealer, draft, moment)


async def _find_given(session: AsyncSession, refund_id: UUID, suborder_id: UUID) -> GivenBack:
    """Return what the vendor gives back. The ledger knows what of it the platform gets."""
    lines = select(RefundLine).where(
        RefundLine.refund_id == refund_id, RefundLine.suborder_id == suborder_id
    )
    extras = select(RefundAmount).where(
        RefundAmount.refund_id == refund_id,
        RefundAmount.suborder_id == suborder_id,
        RefundAmount.borne_by == FundedBy.VENDOR,
    )
    posting = Posting(PostingKind.GRANT, refund_id)
    legs = (await find_legs(session, posting))[posting]
    return GivenBack(
        (await session.exec(lines.order_by(col(RefundLine.line_id)))).all(),
        (await session.exec(extras.order_by(col(RefundAmount.id)))).all(),
        sum(
            leg.amount
            for leg in legs
            if leg.source_id == suborder_id and leg.credit.kind is AccountKind.LOSSES
        ),
    )


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
