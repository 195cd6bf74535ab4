"""Notices about payments, by jobs."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order
from models.orders.states import OrderState
from models.payments.payments import Payment
from models.purchases import Purchase, PurchaseState
from services.notifications import inbox
from services.payments.customers import find_payer


async def announce_failed(session: AsyncSession, payment_id: UUID) -> None:
    """Notify the payer of a payment that failed, if it can still be made in another way."""
    payment = await session.get_one(Payment, payment_id)
    if payment.off_session:  # its subscription is tried again, and has notices of its own
        return
    if payment.order_id is not None:
        order = await session.get_one(Order, payment.order_id)
        is_open = order.state is OrderState.PENDING
    else:
        purchase = await session.get_one(Purchase, payment.purchase_id)
        is_open = purchase.state is PurchaseState.PENDING
    payer = await session.get_one(User, await find_payer(session, payment))
    if is_open and not payer.is_erased:
        await inbox.notify(session, payer.id, NotificationKind.PAYMENT_FAILED, payment.id)
