"""The expiry of orders that were not paid: by a job at its time, and by a sweep for lost jobs."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from models.orders.orders import Order
from models.orders.states import OrderState
from models.payments.payments import SILENT_MINUTES, CancelReason, Payment, PaymentStatus
from services import jobs
from services.orders.access import lock_order
from services.orders.placing.unpaid import expire
from services.orders.rows import WholeOrder, publish, read_rows
from services.payments.ending import begin_to_cancel
from services.transaction import OpenTransaction

BATCH_SIZE = 100

log = structlog.get_logger(__name__)


async def expire_order(transaction: OpenTransaction, order_id: UUID) -> bool:
    """Let an order expire if its time is over. Returns whether it did.

    One whose buyer confirms the payment with the bank gets more time, once. What a provider could
    still collect is cancelled there first: the order expires with the answer, or without one after
    some minutes. Each order has a transaction: the rows that several lock are not in the order of
    locks.
    """
    async with transaction() as session:
        order = await lock_order(session, order_id)
        if order is None or not order.is_overdue:
            return False
        rows = await read_rows(session, order)
        if await _wait_for_providers(session, rows):
            return False
        await expire(session, rows)
        return True


async def _wait_for_providers(session: AsyncSession, rows: WholeOrder) -> bool:
    """Return whether a provider can still collect a payment of an order, which it is to cancel."""
    order = rows.order
    live = [one for one in rows.payments if one.is_with_provider]
    if any(one.is_awaited for one in live) and order.extend_hold():
        await jobs.defer(session, "expire_order", at=order.hold_until, order_id=order.id)
        publish(session, rows)
        return True
    for payment in live:
        if payment.status is not PaymentStatus.CANCELLING:
            await begin_to_cancel(session, payment, CancelReason.EXPIRED)
            publish(session, rows)
    return any(one.is_with_provider for one in rows.payments)


async def expire_overdue(transaction: OpenTransaction) -> bool:
    """Let a batch of orders expire. Returns whether there may be more.

    An order that cannot expire is logged and skipped: it is the first of each batch from then on,
    and must not keep others from the units that they hold.
    """
    async with transaction() as session:
        ids = await _find_overdue(session)
    ended = [await try_to_expire(transaction, id) for id in ids]
    return len(ids) == BATCH_SIZE and any(ended)


async def try_to_expire(transaction: OpenTransaction, order_id: UUID) -> bool:
    """Let an order expire if its time is over. A failure is logged, and not raised."""
    try:
        return await expire_order(transaction, order_id)
    except Exception:
        log.exception("order.not_expired", order_id=str(order_id))
        return False


async def _find_overdue(session: AsyncSession) -> list[UUID]:
    """Return overdue orders, without those whose provider may still answer."""
    silent = now() - timedelta(minutes=SILENT_MINUTES)
    waiting = exists_in(
        Payment,
        col(Payment.order_id) == col(Order.id),
        col(Payment.status) == PaymentStatus.CANCELLING,
        col(Payment.cancelling_at) > silent,
    )
    rows = select(Order.id).where(
        Order.state == OrderState.PENDING, col(Order.hold_until) <= now(), ~waiting
    )
    return list((await session.exec(rows.order_by(col(Order.hold_until)).limit(BATCH_SIZE))).all())
