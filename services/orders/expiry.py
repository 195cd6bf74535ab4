"""The expiry of orders that were not paid: by a job at its time, and by a sweep for lost jobs."""

from uuid import UUID

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
    """Let a batch of orders expire. Returns whether there may be more."""
    async with transaction() as session:
        ids = await _find_overdue(session)
    ended = [await expire_order(transaction, id) for id in ids]
    return len(ids) == BATCH_SIZE and any(ended)


async def _find_overdue(session: AsyncSession) -> list[UUID]:
    rows = select(Order.id).where(Order.state == OrderState.PENDING, col(Order.hold_until) <= now())
    return list((await session.exec(rows.order_by(col(Order.hold_until)).limit(BATCH_SIZE))).all())
