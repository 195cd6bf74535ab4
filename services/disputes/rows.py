"""The rows of a dispute, locked in the order of locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.orders.orders import Order, SubOrder
from models.payments.disputes import Dispute, DisputeShare
from models.payments.payments import Payment, PaymentProvider, PaymentSplit
from models.purchases import Purchase
from services.orders.parts import lock_parts


@dataclass(frozen=True)
class DisputedPayment:
    """A payment, locked with the `order` or the `purchase` that it is for.

    Its `splits` are by the id of the vendor's part. `user_id` is the buyer's.
    """

    payment: Payment
    order: Order | None
    purchase: Purchase | None
    parts: Sequence[SubOrder]
    splits: dict[UUID, PaymentSplit]
    user_id: UUID


async def lock_payment(session: AsyncSession, payment_id: UUID) -> DisputedPayment:
    """Lock a payment after the order with its parts, or the purchase."""
    known = await session.get_one(Payment, payment_id)
    order, purchase, parts, user_id = await _lock_subject(session, known)
    payments = select(Payment).where(Payment.id == payment_id)
    payment = (await session.exec(for_change(payments))).one()
    splits = select(PaymentSplit).where(PaymentSplit.payment_id == payment_id)
    found = (await session.exec(for_change(splits.order_by(col(PaymentSplit.suborder_id))))).all()
    splits_by_part = {one.suborder_id: one for one in found}
    return DisputedPayment(payment, order, purchase, parts, splits_by_part, user_id)


async def _lock_subject(
    session: AsyncSession, payment: Payment
) -> tuple[Order | None, Purchase | None, Sequence[SubOrder], UUID]:
    if payment.order_id is not None:
        orders = select(Order).where(Order.id == payment.order_id)
        order = (await session.exec(for_change(orders))).one()
        return order, None, await lock_parts(session, order), order.user_id
    purchases = select(Purchase).where(Purchase.id == payment.purchase_id)
    purchase = (await session.exec(for_change(purchases))).one()
    return None, purchase, [], purchase.user_id


async def lock_dispute(
    session: AsyncSession, provider: PaymentProvider, reference: str
) -> Dispute | None:
    rows = select(Dispute).where(Dispute.provider == provider, Dispute.reference == reference)
    return (await session.exec(for_change(rows))).first()


async def lock_known(session: AsyncSession, dispute_id: UUID) -> tuple[DisputedPayment, Dispute]:
    """Lock a dispute after its payment. Raises `NotFound`."""
    known = await session.get(Dispute, dispute_id)
    if known is None:
        raise NotFound
    disputed = await lock_payment(session, known.payment_id)
    rows = select(Dispute).where(Dispute.id == dispute_id)
    return disputed, (await session.exec(for_change(rows))).one()


async def find_shares(session: AsyncSession, dispute_id: UUID) -> Sequence[DisputeShare]:
    rows = select(DisputeShare).where(DisputeShare.dispute_id == dispute_id)
    return (await session.exec(rows.order_by(col(DisputeShare.suborder_id)))).all()
