"""The losses of a dispute: stuck refunds of the same payment, and quota of packs."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from models.packs.grants import PackGrant
from models.payments.disputes import Dispute, DisputeState
from models.payments.refunds import Refund, RefundPart, RefundPartState
from models.purchases import Purchase
from services.disputes.rows import DisputedPayment
from services.notifications.inbox import Notice
from services.packs.entries import publish_balance
from services.packs.granting import end_grant
from services.refunds.outcomes import follow_refund, stick_part
from services.refunds.rows import LockedRefundPart


async def settle_failed(
    session: AsyncSession, disputed: DisputedPayment, dispute: Dispute
) -> tuple[int, Sequence[Notice]]:
    """Settle refunds of the payment that were granted, and have failed, by the dispute.

    The buyer has that money from the bank now, and must not get it a second time. Returns their
    amount, of what is not held, and the notices. The order or the purchase is locked.
    """
    left, due = dispute.amount - dispute.held, 0
    replaced = select(RefundPart.replaces_id).where(col(RefundPart.replaces_id).is_not(None))
    failed = select(RefundPart).where(
        RefundPart.payment_id == disputed.payment.id,
        RefundPart.part_state == RefundPartState.FAILED,
        col(RefundPart.id).not_in(replaced),
    )
    notices: list[Notice] = []
    for locked in await _lock_parts(session, disputed, failed):
        part = locked.part
        if part.amount > left:
            continue
        other = RefundPart(
            refund_id=part.refund_id,
            payment_id=part.payment_id,
            replaces_id=part.id,
            provider=part.provider,
            dispute_id=dispute.id,
            amount=part.amount,
        )
        other.settle()
        session.add(other)
        left, due = left - part.amount, due + part.amount
        notices += await follow_refund(session, locked)
    return due, notices


async def owe_again(
    session: AsyncSession, disputed: DisputedPayment, dispute: Dispute
) -> Sequence[Notice]:
    """Let refunds be stuck again that the dispute had settled, and return the notices.

    The bank has taken that money from the buyer after all. It is due, and goes another way.
    """
    settled = select(RefundPart).where(
        RefundPart.dispute_id == dispute.id, RefundPart.part_state == RefundPartState.SETTLED
    )
    notices: list[Notice] = []
    for locked in await _lock_parts(session, disputed, settled):
        notices += await stick_part(session, locked, "dispute_won")
    return notices


async def _lock_parts(
    session: AsyncSession, disputed: DisputedPayment, parts: SelectOfScalar[RefundPart]
) -> Sequence[LockedRefundPart]:
    """Lock the refunds of parts, then the parts, as all do who settle them."""
    ids = [one.refund_id for one in (await session.exec(parts)).all()]
    rows = select(Refund).where(col(Refund.id).in_(ids)).order_by(col(Refund.id))
    refunds = {one.id: one for one in (await session.exec(for_change(rows))).all()}
    locked = (await session.exec(for_change(parts.order_by(col(RefundPart.id))))).all()
    return [
        LockedRefundPart(one, refunds[one.refund_id], disputed.payment, disputed.subject)
        for one in locked
    ]


async def end_quota(session: AsyncSession, purchase: Purchase | None) -> None:
    """End the quota of a pack that was not paid after all. The purchase is locked."""
    grant = await _lock_grant(session, purchase)
    if grant is not None:
        await end_grant(session, grant, now())


async def give_quota_back(
    session: AsyncSession, dispute: Dispute, purchase: Purchase | None
) -> None:
    """Give back the quota of a pack that the loss of the dispute has ended: it was paid."""
    grant = await _lock_grant(session, purchase)
    lost_at = dispute.ended_at if dispute.dispute_state is DisputeState.LOST else None
    if grant is None or grant.ended_at is None or dispute.taken_at is None or lost_at is None:
        return
    if dispute.taken_at <= grant.ended_at <= lost_at:
        grant.reopen(now())
        publish_balance(session, grant.vendor_id)


async def _lock_grant(session: AsyncSession, purchase: Purchase | None) -> PackGrant | None:
    if purchase is None:
        return None
    rows = select(PackGrant).where(PackGrant.purchase_id == purchase.id)
    return (await session.exec(for_change(rows))).first()
