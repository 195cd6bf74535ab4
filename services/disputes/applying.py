"""Applies disputes as their providers have them: one function for webhooks and the poller.

A dispute changes no order, no part and no stock. It moves money in the ledger, and holds it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.text import clean_line
from gateways.payments.gateway import ProviderDispute
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.disputes import (
    MAX_DISPUTE_REASON,
    Dispute,
    DisputeShare,
    DisputeState,
)
from models.payments.payments import Payment, PaymentProvider
from services.disputes.answering import answer_with_refunds
from services.disputes.changes import publish_dispute
from services.disputes.holding import find_held_back
from services.disputes.losing import end_quota, settle_failed
from services.disputes.notices import find_ended, find_opened
from services.disputes.postings import post_fee, post_lost, post_taken, post_won
from services.disputes.rows import DisputedPayment, find_shares, lock_dispute, lock_payment
from services.disputes.sharing import share_out
from services.notifications.inbox import Notice, notify_all
from services.orders.timeline import record_step

STEPS = {
    DisputeState.WON: OrderStepKind.DISPUTE_WON,
    DisputeState.LOST: OrderStepKind.DISPUTE_LOST,
}


async def apply_dispute(
    session: AsyncSession, provider: PaymentProvider, found: ProviderDispute
) -> bool:
    """Apply a dispute. Returns whether it is of one of our payments.

    Its state comes from the object, never from the name of a webhook event, and only a newer one
    counts: what was fetched first can be applied last. A second call changes nothing.
    """
    payments = select(Payment.id).where(
        Payment.provider == provider, Payment.reference == found.payment_reference
    )
    payment_id = (await session.exec(payments)).first()
    if payment_id is None:
        return False
    disputed = await lock_payment(session, payment_id)
    known = await lock_dispute(session, provider, found.reference)
    dispute = known or await _open(session, disputed, found)
    notices = await _follow(session, disputed, dispute, found, is_new=known is None)
    await notify_all(session, notices)  # inboxes are locked after wallets
    if known is None and not dispute.dispute_state.is_final:
        await answer_with_refunds(session, dispute)
    return True


async def _open(
    session: AsyncSession, disputed: DisputedPayment, found: ProviderDispute
) -> Dispute:
    dispute = Dispute(
        payment_id=disputed.payment.id,
        provider=disputed.payment.provider,
        reference=found.reference,
        dispute_state=DisputeState.WARNING,
        reason=clean_line(found.reason)[:MAX_DISPUTE_REASON].strip() or "unknown",
        amount=found.amount,
        currency=found.currency,
        due_at=found.due_at,
    )
    session.add(dispute)
    await session.flush()
    shares = await share_out(session, dispute, disputed)
    await session.flush()
    _record(session, disputed, shares, OrderStepKind.DISPUTED)
    return dispute


async def _follow(
    session: AsyncSession,
    disputed: DisputedPayment,
    dispute: Dispute,
    found: ProviderDispute,
    *,
    is_new: bool,
) -> Sequence[Notice]:
    """Follow the provider's state, and return the notices, one to each user of a kind."""
    wanted, before = DisputeState(found.status.value), dispute.dispute_state
    notices: list[Notice] = []
    dispute.checked_at = now()
    dispute.refundable, dispute.due_at = found.is_refundable, found.due_at or dispute.due_at
    if found.fee and not dispute.fee:
        dispute.fee = found.fee
        await post_fee(session, dispute)
    if found.funds_taken and dispute.taken_at is None:
        await _take(session, disputed, dispute)
    shares = await find_shares(session, dispute.id)
    vendor_ids = _vendors_of(disputed, shares)
    if wanted is not before and before.can_become(wanted):
        dispute.dispute_state = wanted
        if wanted.is_final:
            notices += await _end(session, disputed, dispute, shares)
            notices += await find_ended(session, dispute, vendor_ids)
        elif not is_new and wanted is DisputeState.NEEDS_RESPONSE:
            dispute.ask_again()
    if is_new or (dispute.was_warning and before is DisputeState.WARNING):
        notices += await find_opened(session, dispute, vendor_ids)
    publish_dispute(session, dispute, vendor_ids)
    return notices


async def _take(session: AsyncSession, disputed: DisputedPayment, dispute: Dispute) -> None:
    """Note that the bank has the money, and hold what was not refunded before."""
    shares = await share_out(session, dispute, disputed)
    payment = disputed.payment
    held = min(dispute.amount, payment.refundable)
    dispute.taken_at, dispute.held = now(), held
    payment.disputed += held
    for share in shares:
        disputed.splits[share.suborder_id].disputed += share.amount
    await session.flush()
    held_back = await find_held_back(session, dispute, disputed.subject.purchase)
    await post_taken(session, dispute, shares, disputed.parts, held_back)


async def _end(
    session: AsyncSession,
    disputed: DisputedPayment,
    dispute: Dispute,
    shares: Sequence[DisputeShare],
) -> Sequence[Notice]:
    """Post how it ended, and return notices about refunds that it has settled."""
    dispute.ended_at = now()
    notices: Sequence[Notice] = []
    if dispute.taken_at is not None:
        if dispute.dispute_state is DisputeState.WON:
            disputed.payment.disputed -= dispute.held
            for share in shares:
                disputed.splits[share.suborder_id].disputed -= share.amount
            await session.flush()
            await post_won(session, dispute, shares, disputed.parts)
        else:
            due, notices = await settle_failed(session, disputed, dispute)
            await end_quota(session, disputed.subject.purchase)
            await session.flush()
            await post_lost(session, dispute, shares, disputed.parts, due=due)
    _record(session, disputed, shares, STEPS[dispute.dispute_state])
    return notices


def _record(
    session: AsyncSession,
    disputed: DisputedPayment,
    shares: Sequence[DisputeShare],
    kind: OrderStepKind,
) -> None:
    """Record a step of the order, for each part that has a share."""
    if disputed.subject.order is None:
        return
    ids = {share.suborder_id for share in shares}
    for part in disputed.parts:
        if part.id in ids:
            record_step(session, disputed.subject.order, kind, OrderActor.PLATFORM, suborder=part)
    if not ids:
        record_step(session, disputed.subject.order, kind, OrderActor.PLATFORM)


def _vendors_of(disputed: DisputedPayment, shares: Sequence[DisputeShare]) -> list[UUID]:
    ids = {share.suborder_id for share in shares}
    return sorted({part.vendor_id for part in disputed.parts if part.id in ids})
