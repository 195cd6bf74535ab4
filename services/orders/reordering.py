"""Orders whose lines are put into the cart again."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.carts import LineDraft, MergeDraft
from models.errors import NotFound
from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order, SubOrder
from services.carts.merge import MergedCart, merge_cart
from services.viewer import Viewer


async def reorder(session: AsyncSession, viewer: Viewer, *, order_id: UUID) -> MergedCart:
    """Put the goods of an order that the viewer placed into their cart, as they are sold now.

    The larger quantity of an article wins, so a repetition changes nothing. Raises `NotFound`.
    """
    mine = select(Order.id).where(Order.id == order_id, Order.user_id == viewer.require_user())
    if (await session.exec(mine)).first() is None:
        raise NotFound
    units = (
        select(OrderLine.ref_id, func.sum(OrderLine.quantity))
        .join(SubOrder, col(SubOrder.id) == OrderLine.suborder_id)
        .where(SubOrder.order_id == order_id, OrderLine.kind == LineKind.GOODS)
        .group_by(col(OrderLine.ref_id))
        .order_by(func.min(SubOrder.position), func.min(OrderLine.position))
    )
    lines = [
        LineDraft(variant_id=variant_id, quantity=quantity)
        for variant_id, quantity in (await session.exec(units)).all()
    ]
    return await merge_cart(session, viewer, MergeDraft(lines=lines), token=None)
