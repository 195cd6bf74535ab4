"""Parts that are shipped, delivered, and released when they can no longer be returned."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import exists_in
from models.notifications.inbox import NotificationKind
from models.orders.orders import SubOrder
from models.orders.returns import ReturnRequest, ReturnState
from models.orders.selections import UnitsOfLine
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from services.orders.changes import publish_change
from services.orders.handling.endings import end_order
from services.orders.handling.ends_on_site import ensure_over, waits_on_site
from services.orders.notices import notify_buyer
from services.orders.parts import (
    LockedPart,
    access_own_part,
    access_vendor_part,
    choose_lines,
    find_lines,
    lock_part,
)
from services.orders.timeline import record_step
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.releasing import release_money
from services.transaction import OpenTransaction, one_by_one
from services.viewer import Viewer

BATCH_SIZE = 100


async def count_shipped(
    session: AsyncSession, viewer: Viewer, part: LockedPart, units: Sequence[UnitsOfLine]
) -> None:
    """Count units of lines as shipped. With the last of them, the part is SHIPPED.

    The part is locked, as `access_vendor_part` returns it. A part that was not accepted is with its
    first shipment. Raises `TooManyUnits` and `InvalidOrderState`.
    """
    order, suborder = part.order, part.suborder
    if suborder.state is SubOrderState.CONFIRMED:
        suborder.accept()
    if suborder.state is not SubOrderState.PREPARING:
        suborder.state.ensure_can_become(SubOrderState.SHIPPED)
    lines = await find_lines(session, suborder.id)
    for line, number in choose_lines(lines, units):
        line.ship(number)
    kind, actor = OrderStepKind.SHIPPED, OrderActor.VENDOR
    record_step(session, order, kind, actor, viewer=viewer, suborder=suborder)
    if not any(line.open_units for line in lines):
        suborder.become(SubOrderState.SHIPPED)
        await notify_buyer(session, order, NotificationKind.ORDER_SHIPPED, suborder.id)
    publish_change(session, order, [suborder])


async def deliver_part(
    session: AsyncSession,
    part: LockedPart,
    actor: OrderActor,
    *,
    return_days: int,
    viewer: Viewer | None = None,
) -> None:
    """Note that all of a SHIPPED part has arrived. Another call changes nothing.

    The part is locked. Called when the last of its shipments is delivered, whatever the source. A
    part of which something is still to be shipped stays as it is.
    """
    order, suborder = part.order, part.suborder
    if suborder.state is not SubOrderState.SHIPPED:
        return
    suborder.deliver(return_days)
    record_step(session, order, OrderStepKind.DELIVERED, actor, viewer=viewer, suborder=suborder)
    if actor is not OrderActor.BUYER:
        await notify_buyer(session, order, NotificationKind.ORDER_DELIVERED, suborder.id)
    publish_change(session, order, [suborder])


async def confirm_delivery(
    session: AsyncSession, viewer: Viewer, *, suborder_id: UUID, return_days: int
) -> SubOrder:
    """Note that the buyer has received a part.

    Raises `InvalidOrderState` unless it is shipped, and what is had on site is over.
    """
    part = await access_own_part(session, viewer, suborder_id)
    if part.suborder.state is not SubOrderState.DELIVERED:
        part.suborder.state.ensure_can_become(SubOrderState.DELIVERED)
        await ensure_over(session, part.suborder)
    actor = OrderActor.BUYER
    await deliver_part(session, part, actor, return_days=return_days, viewer=viewer)
    return part.suborder


async def mark_suborder_delivered(
    session: AsyncSession, viewer: Viewer, *, suborder_id: UUID, return_days: int
) -> SubOrder:
    """Note that the buyer has got a part, such as goods that were picked up.

    What was not shipped of a part for pick-up is handed over with this. It stays SHIPPED as long as
    something of it is had on site and still to come. Raises `InvalidOrderState`.
    """
    part = await access_vendor_part(session, viewer, suborder_id)
    suborder = part.suborder
    if suborder.is_pickup and suborder.can_be_cancelled:
        lines = await find_lines(session, suborder.id)
        units = [
            UnitsOfLine(line_id=line.id, quantity=line.open_units)
            for line in lines
            if line.open_units
        ]
        await count_shipped(session, viewer, part, units)
        if await waits_on_site(session, suborder):
            return suborder
    if suborder.state is not SubOrderState.DELIVERED:
        suborder.state.ensure_can_become(SubOrderState.DELIVERED)
        await ensure_over(session, suborder)
    actor = OrderActor.VENDOR
    await deliver_part(session, part, actor, return_days=return_days, viewer=viewer)
    return suborder


async def release_parts(transaction: OpenTransaction, policy: PayoutPolicy) -> bool:
    """Release a batch of parts whose time for returns is over. Returns whether there may be more.

    Each part has a transaction, in which it is checked again: its order is locked first. Parts
    with an open return wait for its end.
    """
    due = _due_parts().order_by(col(SubOrder.release_at)).limit(BATCH_SIZE)
    async with transaction() as session:
        ids = (await session.exec(due)).all()

    async def release(session: AsyncSession, suborder_id: UUID) -> bool:
        return await release_part(session, suborder_id, policy)

    released = await one_by_one(transaction, ids, release)
    return len(ids) == BATCH_SIZE and released


async def release_part(session: AsyncSession, suborder_id: UUID, policy: PayoutPolicy) -> bool:
    """Release a part, with its money, if its time for returns is over. Returns whether it did."""
    part = await lock_part(session, suborder_id)
    order, suborder = part.order, part.suborder
    if (await session.exec(_due_parts().where(SubOrder.id == suborder_id))).first() is None:
        return False
    suborder.become(SubOrderState.RELEASED)
    kind, actor = OrderStepKind.RELEASED, OrderActor.PLATFORM
    record_step(session, order, kind, actor, suborder=suborder)
    await end_order(session, order)
    await release_money(session, order, suborder, policy)
    publish_change(session, order, [suborder])
    return True


def _due_parts() -> SelectOfScalar[UUID]:
    open_return = exists_in(
        ReturnRequest,
        col(ReturnRequest.suborder_id) == col(SubOrder.id),
        col(ReturnRequest.state).in_([ReturnState.REQUESTED, ReturnState.ACCEPTED]),
    )
    return select(SubOrder.id).where(
        SubOrder.state == SubOrderState.DELIVERED,
        col(SubOrder.release_at) <= now(),
        ~open_return,
    )
