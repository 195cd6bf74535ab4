"""The end of the term of bookkeeping, after which orders lose their addresses and notes."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.orders.orders import Order, SubOrder
from models.orders.returns import ReturnRequest

BATCH_SIZE = 100
DAYS_OF_YEAR = 366
BLANK_NOTES = text("SELECT * FROM blank_old_step_notes(:before, :batch)")
BLANKED = "–"  # noqa: RUF001 - a dash


async def blank_old_orders(session: AsyncSession, years: int) -> bool:
    """Blank a batch of orders that ended so many years ago. Returns whether there may be more.

    Their amounts stay, and the notes of their steps end with `blank_old_notes`.
    """
    ended = col(Order.ended_at) < now() - timedelta(days=years * DAYS_OF_YEAR)
    private = or_(
        *(col(column).is_not(None) for column in (Order.ship_to, Order.bill_to, Order.buyer_tax_id))
    )
    old = select(Order.id).where(ended, private).order_by(col(Order.ended_at)).limit(BATCH_SIZE)
    found = await session.exec(
        update(Order)
        .where(col(Order.id).in_(old))
        .values(ship_to=None, bill_to=None, buyer_tax_id=None)
        .returning(col(Order.id))
        .execution_options(synchronize_session=False)
    )
    ids = found.scalars().all()
    parts = select(SubOrder.id).where(col(SubOrder.order_id).in_(ids))
    await session.exec(
        update(ReturnRequest)
        .where(col(ReturnRequest.suborder_id).in_(parts))
        .values(reason=BLANKED, answer=None)
        .execution_options(synchronize_session=False)
    )
    return len(ids) == BATCH_SIZE


async def blank_old_notes(session: AsyncSession, years: int) -> bool:
    """Blank the notes of a batch of steps so many years old. Returns whether there may be more.

    The function runs with the rights of its owner: steps never change otherwise.
    """
    before = now() - timedelta(days=years * DAYS_OF_YEAR)
    blanked = await session.execute(BLANK_NOTES, {"before": before, "batch": BATCH_SIZE})
    return len(blanked.all()) == BATCH_SIZE
