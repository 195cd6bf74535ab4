"""The shares of a dispute: frozen when the bank takes the money, then lost, or given back.

A bank can decide again. What was lost comes back then by the postings that took it, each once.
"""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.payments.disputes import Dispute, Hold
from services.disputes.holding import find_held_back
from services.disputes.losing import end_quota, give_quota_back, owe_again, settle_failed
from services.disputes.postings import post_back, post_lost, post_taken
from services.disputes.rows import DisputedPayment, find_shares
from services.disputes.sharing import share_out
from services.notifications.inbox import Notice


async def move_shares(
    session: AsyncSession, disputed: DisputedPayment, dispute: Dispute, *, to: Hold, taken: int
) -> Sequence[Notice]:
    """Move the shares of a dispute, of which the bank has `taken` an amount.

    Returns notices about refunds. The state of the dispute is still the old one. All rows are
    locked.
    """
    notices: Sequence[Notice] = []
    hold = dispute.hold
    if hold is Hold.LOST and to is not Hold.LOST:
        notices = await owe_again(session, disputed, dispute)
        await _give_back(session, disputed, dispute)
        hold = Hold.FREE
    elif hold is Hold.HELD and to is Hold.FREE:
        await _give_back(session, disputed, dispute)
        hold = Hold.FREE
    if hold is Hold.FREE and to is not Hold.FREE:
        await _take(session, disputed, dispute)
        hold = Hold.HELD
    if hold is Hold.HELD and to is Hold.LOST:
        notices = [*notices, *await _lose(session, disputed, dispute, taken)]
    return notices


async def _take(session: AsyncSession, disputed: DisputedPayment, dispute: Dispute) -> None:
    """Note that the bank has the money, and hold what was not refunded before."""
    shares = await share_out(session, dispute, disputed)
    payment = disputed.payment
    dispute.held = min(dispute.amount, payment.refundable)
    dispute.taken_at, dispute.turns = now(), dispute.turns + 1
    payment.disputed += dispute.held
    for share in shares:
        disputed.splits[share.suborder_id].disputed += share.amount
    await session.flush()
    held_back = await find_held_back(session, dispute, disputed.subject.purchase)
    await post_taken(session, dispute, shares, disputed.parts, held_back)


async def _lose(
    session: AsyncSession, disputed: DisputedPayment, dispute: Dispute, taken: int
) -> Sequence[Notice]:
    due, notices = await settle_failed(session, disputed, dispute)
    await end_quota(session, disputed.subject.purchase)
    shares = await find_shares(session, dispute.id)
    await session.flush()
    await post_lost(session, dispute, shares, disputed.parts, taken=taken, due=due)
    return notices


async def _give_back(session: AsyncSession, disputed: DisputedPayment, dispute: Dispute) -> None:
    shares = await find_shares(session, dispute.id)
    disputed.payment.disputed -= dispute.held
    for share in shares:
        disputed.splits[share.suborder_id].disputed -= share.amount
    await give_quota_back(session, dispute, disputed.subject.purchase)
    await session.flush()
    await post_back(session, dispute, disputed.parts)
    dispute.kept = 0
