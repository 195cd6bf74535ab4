"""Applies disputes as their providers have them: one function for webhooks and the poller.

A dispute changes no order, no part and no stock. It moves money in the ledger, and holds it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.text.cleaning import clean_line
from gateways.payments.gateway import ProviderDispute
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.disputes import (
    MAX_DISPUTE_REASON,
    Dispute,
    DisputeBooking,
    DisputeShare,
    DisputeState,
    Hold,
)
from models.payments.payments import Payment, PaymentProvider
from services.disputes.answering import answer_with_refunds
from services.disputes.bookings import add_bookings, find_bookings, is_older, post_bookings
from services.disputes.changes import publish_dispute
from services.disputes.moving import move_shares
from services.disputes.notices import find_ended, find_opened
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

    Its state and its money come from the object, never from the name of a webhook event, and only
    newer ones count: what was fetched first can be applied last. A second call changes nothing.
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
    dispute.checked_at = now()
    known = await find_bookings(session, dispute)
    if is_older(known, found.bookings):
        return []
    added = await add_bookings(session, dispute, known, found.bookings)
    before, wanted = dispute.dispute_state, _state_of(found)
    if not before.can_become(wanted, moved=bool(added)):
        wanted = before
    dispute.refundable, dispute.due_at = found.is_refundable, found.due_at or dispute.due_at
    notices = [*await _move(session, disputed, dispute, found, added, wanted)]
    shares = await find_shares(session, dispute.id)
    vendor_ids = _vendors_of(disputed, shares)
    asks = wanted is DisputeState.NEEDS_RESPONSE
    if wanted is not before:
        if wanted.is_final:
            _record(session, disputed, shares, STEPS[wanted])
            notices += await find_ended(session, dispute, vendor_ids, again=before.is_final)
        elif asks and not is_new:
            dispute.ask_again()
    if is_new or (asks and wanted is not before):
        notices += await find_opened(session, dispute, vendor_ids)
    publish_dispute(session, dispute, vendor_ids)
    return notices


def _state_of(found: ProviderDispute) -> DisputeState:
    """Return the state of a dispute. One whose money is all back is won, whatever it is called.

    Banks give the money of lost ones back, and the name of the state can stay.
    """
    state = DisputeState(found.status.value)
    is_back = bool(found.bookings) and found.taken <= 0
    return DisputeState.WON if state is DisputeState.LOST and is_back else state


async def _move(
    session: AsyncSession,
    disputed: DisputedPayment,
    dispute: Dispute,
    found: ProviderDispute,
    added: Sequence[DisputeBooking],
    state: DisputeState,
) -> Sequence[Notice]:
    """Post what has moved, bring the dispute into a state, and return notices about refunds."""
    hold = Hold.FREE
    if found.taken > 0 and state is not DisputeState.WON:
        hold = Hold.LOST if state is DisputeState.LOST else Hold.HELD
    await post_bookings(session, dispute, added, after=hold)
    notices = await move_shares(session, disputed, dispute, to=hold, taken=found.taken)
    if hold is Hold.FREE and state is not DisputeState.WON:
        dispute.taken_at, dispute.held = None, 0
    if state is not dispute.dispute_state:
        dispute.dispute_state = state
        dispute.ended_at = now() if state.is_final else None
    await session.flush()
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
