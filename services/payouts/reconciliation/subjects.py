"""Finds the posting that a line of a provider is about, by the provider's reference."""

from collections.abc import Awaitable, Callable, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.entries import Posting, PostingKind
from models.payments.disputes import Dispute, DisputeBooking
from models.payments.payments import Payment
from models.payments.refunds import RefundPart
from models.payouts.accounts import PayoutRail
from models.payouts.payouts import Payout
from models.payouts.reconciliation import ProviderTransaction, TransactionKind
from services.disputes.bookings import posting_of

Find = Callable[[AsyncSession, ProviderTransaction], Awaitable[Posting | None]]


async def find_posting(session: AsyncSession, line: ProviderTransaction) -> Posting | None:
    """Return the key of the posting of a line, None if it is about no row of ours."""
    find = FINDERS.get(line.kind)
    return await find(session, line) if find else None


async def _of_payment(session: AsyncSession, line: ProviderTransaction) -> Posting | None:
    rows = select(Payment.id).where(
        Payment.provider == line.provider, Payment.reference == line.source
    )
    found = (await session.exec(rows)).first()
    return Posting(PostingKind.PAY, found) if found else None


async def _of_refund(session: AsyncSession, line: ProviderTransaction) -> Posting | None:
    """Find a refund. One that failed afterwards comes back, with a posting of its own."""
    rows = select(RefundPart.id).where(
        RefundPart.provider == line.provider, RefundPart.reference == line.source
    )
    found = (await session.exec(rows)).first()
    kind = PostingKind.REFUND if line.amount < 0 else PostingKind.REFUND_FAILED
    return Posting(kind, found) if found else None


async def is_underway(session: AsyncSession, line: ProviderTransaction) -> bool:
    """Return whether a line is of a payout that is on its way: it is posted when it is paid."""
    if line.kind is not TransactionKind.TRANSFER:
        return False
    rows = select(Payout).where(
        Payout.rail == PayoutRail(line.provider.value), Payout.reference == line.source
    )
    payout = (await session.exec(rows)).first()
    return payout is not None and payout.state.is_underway


async def _of_payout(session: AsyncSession, line: ProviderTransaction) -> Posting | None:
    rows = select(Payout.id).where(
        Payout.rail == PayoutRail(line.provider.value), Payout.reference == line.source
    )
    found = (await session.exec(rows)).first()
    kind = PostingKind.PAYOUT_DONE if line.amount < 0 else PostingKind.PAYOUT_BACK
    return Posting(kind, found) if found else None


async def _of_dispute(session: AsyncSession, line: ProviderTransaction) -> Posting | None:
    """Find the line of a dispute, which was posted with the dispute."""
    rows = (
        select(DisputeBooking)
        .join(Dispute, col(Dispute.id) == col(DisputeBooking.dispute_id))
        .where(Dispute.provider == line.provider, DisputeBooking.reference == line.external_id)
    )
    found = (await session.exec(rows)).first()
    return posting_of(found) if found else None


FINDERS: Mapping[TransactionKind, Find] = {
    TransactionKind.PAYMENT: _of_payment,
    TransactionKind.REFUND: _of_refund,
    TransactionKind.TRANSFER: _of_payout,
    TransactionKind.DISPUTE: _of_dispute,
}
