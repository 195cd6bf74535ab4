"""The rows of a refund, locked in the order of locks."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.orders.orders import Order
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart
from models.purchases import Purchase


@dataclass(frozen=True)
class LockedRefundPart:
    """A part of a refund with its rows. All but the payment are locked.

    The refund is of an `order`, or of a purchase if that is None. `user_id` is the buyer's.
    """

    part: RefundPart
    refund: Refund
    payment: Payment
    order: Order | None
    user_id: UUID


async def lock_refund_part(session: AsyncSession, part_id: UUID) -> LockedRefundPart:
    """Lock the order or the purchase of a part, then its refund, then the part.

    Raises `NotFound`.
    """
    known = select(Refund).join(RefundPart, col(RefundPart.refund_id) == col(Refund.id))
    found = (await session.exec(known.where(RefundPart.id == part_id))).first()
    if found is None:
        raise NotFound
    order, user_id = await _lock_subject(session, found)
    refunds = select(Refund).where(Refund.id == found.id)
    refund = (await session.exec(for_change(refunds))).one()
    parts = select(RefundPart).where(RefundPart.id == part_id)
    part = (await session.exec(for_change(parts))).one()
    payment = await session.get_one(Payment, part.payment_id)
    return LockedRefundPart(part, refund, payment, order, user_id)


async def _lock_subject(session: AsyncSession, refund: Refund) -> tuple[Order | None, UUID]:
    if refund.order_id is not None:
        orders = select(Order).where(Order.id == refund.order_id)
        order = (await session.exec(for_change(orders))).one()
        return order, order.user_id
    purchases = select(Purchase).where(Purchase.id == refund.purchase_id)
    purchase = (await session.exec(for_change(purchases))).one()
    return None, purchase.user_id
