"""The expiry of orders that were not paid: by a job at its time, and by a sweep for lost jobs."""

from uuid import UUID

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.orders.orders import Order
from models.orders.states import OrderState
from services.orders.access import lock_order
from services.orders.rows import read_rows
from services.orders.unpaid import expire
from services.transaction import OpenTransaction

BATCH_SIZE = 100

log = structlog.get_logger(__name__)


async def expire_order(transaction: OpenTransaction, order_id: UUID) -> bool:
    """Let an order expire if its time is over. Returns whether it did.

    Each order has a transaction: the rows that several lock are not in the order of locks.
    """
    async with transaction() as session:
        order = await lock_order(session, order_id)
        if order is None or not order.is_overdue:
            return False
        await expire(session, await read_rows(session, order))
        return True


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
    rows = select(Order.id).where(Order.state == OrderState.PENDING, col(Order.hold_until) <= now())
    return list((await session.exec(rows.order_by(col(Order.hold_until)).limit(BATCH_SIZE))).all())
