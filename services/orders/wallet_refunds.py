"""Refunds into wallets, which are settled in the transaction that grants them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.orders.orders import Order
from models.payments.payments import Payment
from models.payments.refunds import RefundPart
from services.ledger.wallets import find_held, refund_to_wallet


async def pay_into_wallet(
    session: AsyncSession, order: Order, payment: Payment, part: RefundPart
) -> None:
    """Pay a part of a refund into the wallet of the buyer, where it came from.

    The balance gets back its own first, and then promotional money, so that any refunds together
    give back as much of each as was paid.
    """
    held = await find_held(session, order.id)
    before = payment.refunded - part.amount
    promo = max(0, payment.refunded - held.balance) - max(0, before - held.balance)
    await refund_to_wallet(
        session,
        user_id=order.user_id,
        currency=order.currency,
        refund_id=part.refund_id,
        amount=part.amount,
        promo=min(promo, held.promo),
    )
    part.settled_at = now()
