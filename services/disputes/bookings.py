"""Lines of the provider's books about disputes: each is posted once, whenever it is seen.

What the bank has is DISPUTED until it decides. Fees that are taken late, or come back, are in lines
of their own.
"""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import DisputeLine
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.disputes import Dispute, DisputeBooking, Hold
from services.ledger.posting import post_entries


async def find_bookings(session: AsyncSession, dispute: Dispute) -> Sequence[DisputeBooking]:
    """Return the lines that are posted. The dispute is locked."""
    rows = select(DisputeBooking).where(DisputeBooking.dispute_id == dispute.id)
    return (await session.exec(rows.order_by(col(DisputeBooking.number)))).all()


def is_older(known: Sequence[DisputeBooking], lines: Sequence[DisputeLine]) -> bool:
    """Return whether an answer of the provider lacks lines that are known: they only grow."""
    return not {one.reference for one in known} <= {one.reference for one in lines}


async def add_bookings(
    session: AsyncSession,
    dispute: Dispute,
    known: Sequence[DisputeBooking],
    lines: Sequence[DisputeLine],
) -> Sequence[DisputeBooking]:
    """Add the lines that are new, and return them. The dispute is locked."""
    references, number = {one.reference for one in known}, len(known)
    added = []
    for line in lines:
        if line.reference in references or not (line.amount or line.fee):
            continue
        number += 1
        booking = DisputeBooking(
            dispute_id=dispute.id,
            number=number,
            reference=line.reference,
            amount=line.amount,
            fee=line.fee,
        )
        added.append(booking)
    session.add_all(added)
    dispute.fee = max(0, sum(one.fee for one in (*known, *added)))
    await session.flush()
    return added


async def post_bookings(
    session: AsyncSession, dispute: Dispute, added: Sequence[DisputeBooking], *, after: Hold
) -> None:
    """Post new lines.

    Money that moves while a dispute stays lost, such as what was refunded before, is the
    platform's: the vendors have paid their shares.
    """
    stays_lost = dispute.hold is after is Hold.LOST
    for one in added:
        if one.amount:
            legs = [_move(dispute, AccountKind.DISPUTED, AccountKind.PROVIDER, -one.amount)]
            if stays_lost:
                legs.append(_move(dispute, AccountKind.LOSSES, AccountKind.DISPUTED, -one.amount))
                dispute.kept += one.amount
            await post_entries(session, posting_of(one), legs)
        if one.fee:
            fee = _move(dispute, AccountKind.DISPUTE_FEES, AccountKind.PROVIDER, one.fee)
            posting = Posting(PostingKind.DISPUTE_FEE, dispute.id, one.number)
            await post_entries(session, posting, [fee])


def posting_of(booking: DisputeBooking) -> Posting:
    """Return the posting with which a line of the provider agrees."""
    kind = PostingKind.DISPUTE_MONEY if booking.amount else PostingKind.DISPUTE_FEE
    return Posting(kind, booking.dispute_id, booking.number)


def _move(dispute: Dispute, debit: AccountKind, credit: AccountKind, amount: int) -> Leg:
    """Return the leg of an amount, which goes the other way if it is negative."""
    source, target = Account(debit, dispute.currency), Account(credit, dispute.currency)
    return Leg(source, target, amount) if amount > 0 else Leg(target, source, -amount)
