"""The ways by which a refund goes back: those of the payments, by the shares of the parts."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.orders.orders import Order, SubOrder
from models.payments.disputes import OPEN_STATES, Dispute, PaymentDisputed
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.payments.refunds import Refund, RefundPart, RefundTooLarge


async def split_over_payments(
    session: AsyncSession, order: Order, refund: Refund, amounts: Mapping[UUID, int]
) -> Sequence[tuple[Payment, RefundPart]]:
    """Split a refund over the payments by the shares of the parts, which are never recomputed.

    Money goes back to cards and accounts first, and then into the wallet. Raises `PaymentDisputed`
    and `RefundTooLarge`.
    """
    rows = select(Payment).where(
        Payment.order_id == order.id, Payment.status == PaymentStatus.SUCCEEDED
    )
    payments = (await session.exec(for_change(rows.order_by(col(Payment.id))))).all()
    by_payment = await _lock_splits(session, payments, amounts)
    left, ways = Counter(amounts), []
    for payment in sorted(payments, key=lambda one: one.provider is PaymentProvider.WALLET):
        taken = 0
        for split in by_payment[payment.id]:
            share = min(left[split.suborder_id], split.refundable)
            split.refunded += share
            left[split.suborder_id] -= share
            taken += share
        if taken:
            payment.refunded += taken
            part = RefundPart(
                refund_id=refund.id,
                payment_id=payment.id,
                provider=payment.provider,
                amount=taken,
            )
            session.add(part)
            ways.append((payment, part))
    if left.total():
        raise PaymentDisputed if any(one.disputed for one in payments) else RefundTooLarge
    await ensure_refundable(session, [one for one, _ in ways if one.provider.is_online])
    return ways


async def _lock_splits(
    session: AsyncSession, payments: Sequence[Payment], amounts: Mapping[UUID, int]
) -> Mapping[UUID, Sequence[PaymentSplit]]:
    rows = select(PaymentSplit).where(
        col(PaymentSplit.payment_id).in_([one.id for one in payments]),
        col(PaymentSplit.suborder_id).in_(amounts),
    )
    rows = rows.order_by(col(PaymentSplit.payment_id), col(PaymentSplit.suborder_id))
    by_payment: defaultdict[UUID, list[PaymentSplit]] = defaultdict(list)
    for split in (await session.exec(for_change(rows))).all():
        by_payment[split.payment_id].append(split)
    return by_payment


async def find_taken_back(session: AsyncSession, suborder: SubOrder) -> int:
    """Return what banks have taken back of a part for good: disputes that were lost."""
    open_dispute = exists_in(
        Dispute,
        col(Dispute.payment_id) == col(PaymentSplit.payment_id),
        col(Dispute.dispute_state).in_(OPEN_STATES),
    )
    rows = select(func.coalesce(func.sum(PaymentSplit.disputed), 0)).where(
        PaymentSplit.suborder_id == suborder.id, ~open_dispute
    )
    return int((await session.exec(rows)).one())


async def ensure_refundable(session: AsyncSession, payments: Sequence[Payment]) -> None:
    """Raise `PaymentDisputed` while a bank that disputes a payment allows no refund of it."""
    if not payments:
        return
    disputed = select(Dispute.id).where(
        col(Dispute.payment_id).in_([one.id for one in payments]),
        col(Dispute.dispute_state).in_(OPEN_STATES),
        col(Dispute.refundable).is_(False),
    )
    if (await session.exec(disputed.limit(1))).first() is not None:
        raise PaymentDisputed
