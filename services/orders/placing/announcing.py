"""Notices of confirmed and expired orders: to the buyer, and to members of the vendors."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.members import Permission
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState
from services import jobs
from services.notifications import inbox
from services.vendors.member_notices import notify_members


async def announce_order(session: AsyncSession, order_id: UUID) -> list[UUID]:
    """Notify the buyer of an order that was confirmed or has expired, once.

    Returns the parts whose vendors are to be notified.
    """
    order = await session.get_one(Order, order_id)
    kind = _kind_of(order.state)
    if not await _knows(session, kind, order.id, order.user_id):
        await inbox.notify(session, order.user_id, kind, order.id)
    if order.confirmed_at is None:
        return []
    parts = select(SubOrder.id).where(SubOrder.order_id == order.id)
    return list((await session.exec(parts.order_by(col(SubOrder.position)))).all())


async def announce_part(session: AsyncSession, suborder_id: UUID) -> None:
    """Notify the members of a vendor who see orders of a new part, once, and have it invoiced."""
    part = await session.get_one(SubOrder, suborder_id)
    await jobs.defer(session, "issue_invoice", suborder_id=suborder_id)
    kind = NotificationKind.ORDER_RECEIVED
    await notify_members(session, part.vendor_id, Permission.SEE_ORDERS, kind, suborder_id)


def _kind_of(state: OrderState) -> NotificationKind:
    if state is OrderState.EXPIRED:
        return NotificationKind.ORDER_EXPIRED
    return NotificationKind.ORDER_CONFIRMED


async def _knows(
    session: AsyncSession, kind: NotificationKind, order_id: UUID, user_id: UUID
) -> bool:
    rows = select(Notification.id).where(
        Notification.user_id == user_id,
        Notification.kind == kind,
        Notification.subject_id == order_id,
    )
    return (await session.exec(rows)).first() is not None
