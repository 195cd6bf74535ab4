"""Access to one vendor's part of an order, locked to change it.

The order is locked first, and all that belongs to it changes under that lock: a buyer who cancels
and a vendor who accepts act one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.selections import UnitsOfLine
from services.vendors.access import access_vendor
from services.viewer import Viewer


@dataclass(frozen=True)
class LockedPart:
    """A part with its order. The rows are locked."""

    order: Order
    suborder: SubOrder


async def access_vendor_part(
    session: AsyncSession, viewer: Viewer, suborder_id: UUID
) -> LockedPart:
    """Return a part of a confirmed order for a member who may change it. Raises `NotFound`."""
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    rows = select(SubOrder).where(SubOrder.id == suborder_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await access_vendor(session, viewer, found.vendor_id, Permission.EDIT_ORDERS)
    part = await lock_part(session, found.id)
    if part.suborder.confirmed_at is None:
        raise NotFound
    return part


async def access_own_part(session: AsyncSession, viewer: Viewer, suborder_id: UUID) -> LockedPart:
    """Return a part of an order that the viewer placed. Raises `NotFound`."""
    mine = Order.user_id == viewer.require_user()
    rows = select(SubOrder.id).join(Order, col(Order.id) == SubOrder.order_id)
    found = (await session.exec(rows.where(SubOrder.id == suborder_id, mine))).first()
    if found is None:
        raise NotFound
    return await lock_part(session, found)


async def lock_part(session: AsyncSession, suborder_id: UUID) -> LockedPart:
    """Lock the order of a part, and then the part."""
    of_part = select(SubOrder.order_id).where(SubOrder.id == suborder_id)
    order_id = (await session.exec(of_part)).one()
    order = (await session.exec(for_change(select(Order).where(Order.id == order_id)))).one()
    part = select(SubOrder).where(SubOrder.id == suborder_id)
    return LockedPart(order, (await session.exec(for_change(part))).one())


async def lock_parts(session: AsyncSession, order: Order) -> Sequence[SubOrder]:
    """Lock all parts of an order that is locked."""
    rows = select(SubOrder).where(SubOrder.order_id == order.id).order_by(col(SubOrder.id))
    return (await session.exec(for_change(rows))).all()


async def find_lines(session: AsyncSession, *suborder_ids: UUID) -> Sequence[OrderLine]:
    """Return the lines of parts as they are now. Their orders are locked."""
    rows = select(OrderLine).where(col(OrderLine.suborder_id).in_(suborder_ids))
    rows = rows.order_by(col(OrderLine.suborder_id), col(OrderLine.position))
    return (await session.exec(rows.execution_options(populate_existing=True))).all()


def choose_lines(
    lines: Sequence[OrderLine], wanted: Sequence[UnitsOfLine]
) -> Sequence[tuple[OrderLine, int]]:
    """Return the lines that were chosen, with the units of each.

    Raises `NotFound` for a line that is not among these, and `InvalidInput` for one that is named
    twice.
    """
    known = {line.id: line for line in lines}
    if len({one.line_id for one in wanted}) != len(wanted):
        raise InvalidInput("Enter each article once.", field=["lines"])
    for place, one in enumerate(wanted):
        if one.line_id not in known:
            raise NotFound(field=["lines", str(place), "lineId"])
    return [(known[one.line_id], one.quantity) for one in wanted]
