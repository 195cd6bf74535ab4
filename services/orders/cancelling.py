"""Paid orders that their buyers cancel, whole or some units, before they are shipped."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import InvalidInput
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order, SubOrder
from models.orders.selections import UnitsOfLine
from models.orders.states import OrderState, SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.refunds import RefundReason
from services.orders.endings import follow_lines
from services.orders.kinds import LineUnits
from services.orders.notices import notify_vendor
from services.orders.parts import choose_lines, find_lines, lock_parts
from services.orders.refunds import cancel_units, grant_refund
from services.orders.timeline import record_step
from services.viewer import Viewer


async def cancel_paid_order(
    session: AsyncSession,
    viewer: Viewer,
    order: Order,
    *,
    reason: str | None,
    wanted: Sequence[UnitsOfLine] = (),
) -> None:
    """Cancel units of a confirmed order that is locked, and refund them.

    Without `wanted`, all that is not shipped is cancelled. Raises `InvalidOrderState` if that is
    nothing, and `TooManyUnits`.
    """
    if order.state is not OrderState.CONFIRMED:
        order.state.ensure_can_become(OrderState.CANCELLED)
        raise InvalidInput("Only paid orders have units to cancel.", field=["lines"])
    parts = {part.id: part for part in await lock_parts(session, order)}
    lines = await find_lines(session, *parts)
    if wanted:
        chosen = choose_lines(lines, wanted)
    else:
        chosen = [
            (line, line.open_units)
            for line in lines
            if line.open_units and parts[line.suborder_id].can_be_cancelled
        ]
    if not chosen:
        SubOrderState.SHIPPED.ensure_can_become(SubOrderState.CANCELLED)
    ids = {line.suborder_id for line, _ in chosen}
    touched = [part for part in parts.values() if part.id in ids]
    for part in touched:
        if not part.can_be_cancelled:
            part.state.ensure_can_become(SubOrderState.CANCELLED)
    await _cancel(session, viewer, order, touched, cancel_units(chosen), reason)


async def _cancel(
    session: AsyncSession,
    viewer: Viewer,
    order: Order,
    parts: Sequence[SubOrder],
    units: Sequence[LineUnits],
    reason: str | None,
) -> None:
    actor = OrderActor.BUYER
    for part in parts:
        record_step(
            session,
            order,
            OrderStepKind.CANCELLED,
            actor,
            viewer=viewer,
            suborder=part,
            note=reason,
        )
    refund = await grant_refund(
        session,
        order,
        units,
        RefundReason.CANCELLED,
        actor=actor,
        viewer=viewer,
        note=reason,
        restock=True,
    )
    for part in parts:
        await follow_lines(session, order, part)
    for part in sorted(parts, key=lambda one: one.vendor_id):
        await notify_vendor(
            session, part.vendor_id, NotificationKind.ORDER_UNITS_CANCELLED, refund.id
        )
