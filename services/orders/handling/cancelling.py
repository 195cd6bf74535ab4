"""Orders that their buyers cancel, whole or some units, before they are shipped."""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import InvalidInput
from models.notifications.inbox import NotificationKind
from models.orders.lines import OrderLine, TooManyUnits
from models.orders.orders import Order, SubOrder
from models.orders.selections import CancelDraft, UnitSelection, UnitsOfLine
from models.orders.states import OrderState, SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.refunds import RefundReason
from services import idempotency
from services.downloads.rights.taken import find_taken
from services.notifications.inbox import Notice, notify_all
from services.orders.access import access_order
from services.orders.handling.arrivals import deliver_if_arrived
from services.orders.handling.cancel_quotes import cancellable
from services.orders.handling.endings import follow_lines
from services.orders.kinds import LineUnits
from services.orders.notices import to_vendor
from services.orders.parts import LockedPart, choose_lines, find_lines, lock_parts
from services.orders.placing.unpaid import cancel_unpaid
from services.orders.refunds.granting import cancel_units, grant_refund
from services.orders.rows import read_rows
from services.orders.timeline import record_step
from services.viewer import Viewer


async def cancel_order(
    session: AsyncSession,
    viewer: Viewer,
    draft: CancelDraft,
    *,
    order_id: UUID,
    idempotency_key: str,
    return_days: int,
) -> Order:
    """Cancel an order of its buyer, once per idempotency key.

    The caller has its payments cancelled by the providers before; money that comes yet goes back.
    One that is not paid returns what it holds. Of a paid one, all that is not shipped is cancelled
    and refunded. Raises `InvalidOrderState`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelOrder",
        idempotency_key,
        order_id=order_id,
        reason=draft.reason,
    )
    order = await access_order(session, viewer, order_id)
    if claimed.replayed:
        return order
    if order.confirmed_at is not None:
        await _cancel_paid(session, viewer, order, reason=draft.reason, return_days=return_days)
    else:
        await cancel_unpaid(
            session,
            await read_rows(session, order),
            actor=OrderActor.BUYER,
            user_id=viewer.user_id,
            reason=draft.reason,
        )
    await idempotency.record_result(session, claimed, order.id)
    return order


async def _cancel_paid(
    session: AsyncSession,
    viewer: Viewer,
    order: Order,
    *,
    reason: str | None,
    return_days: int,
    wanted: Sequence[UnitsOfLine] = (),
) -> None:
    """Cancel units of a confirmed order that is locked, and refund them.

    Without `wanted`, all that is not shipped is cancelled. A key that can be read, and a file that
    was loaded, are not: a vendor decides about their refund. A part whose shipped units have
    arrived is delivered with that. Raises `InvalidOrderState` if that is nothing, and
    `TooManyUnits`.
    """
    if order.state is not OrderState.CONFIRMED:
        order.state.ensure_can_become(OrderState.CANCELLED)
        raise InvalidInput("Only paid orders have units to cancel.", field=["lines"])
    parts = {part.id: part for part in await lock_parts(session, order)}
    lines = await find_lines(session, *parts)
    open_lines = [line for line in lines if line.open_units]
    taken = await find_taken(session, open_lines)
    taken |= {line.id for line in open_lines if line.is_on_site}  # their domains end those
    if wanted:
        chosen = choose_lines(lines, wanted)
        _ensure_not_taken(chosen, taken)
    else:
        chosen = [
            (line, line.open_units)
            for part in parts.values()
            for line in cancellable(
                part, [one for one in lines if one.suborder_id == part.id], taken
            )
        ]
    if not chosen:
        SubOrderState.SHIPPED.ensure_can_become(SubOrderState.CANCELLED)
    ids = {line.suborder_id for line, _ in chosen}
    touched = [part for part in parts.values() if part.id in ids]
    for part in touched:
        if not part.can_be_cancelled:
            part.state.ensure_can_become(SubOrderState.CANCELLED)
    await _cancel(session, viewer, order, touched, cancel_units(chosen), reason)
    for part in touched:
        await deliver_if_arrived(
            session,
            LockedPart(order, part),
            OrderActor.BUYER,
            return_days=return_days,
            viewer=viewer,
        )


def _ensure_not_taken(chosen: Sequence[tuple[OrderLine, int]], taken: Collection[UUID]) -> None:
    """Raise `TooManyUnits` for files, keys and tickets that the buyer has."""
    for line, _ in chosen:
        if line.id in taken:
            raise TooManyUnits(line_id=line.id, available=0)


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
    await grant_refund(
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
    cancelled: Counter[UUID] = Counter()
    for one in await find_lines(session, *(part.id for part in parts)):
        cancelled[one.suborder_id] += one.cancelled
    kind = NotificationKind.ORDER_UNITS_CANCELLED
    notices: list[Notice] = []
    for part in parts:
        number = cancelled[part.id]
        notices += await to_vendor(session, part.vendor_id, kind, part.id, number=number)
    await notify_all(session, notices)


async def cancel_order_lines(
    session: AsyncSession,
    viewer: Viewer,
    *,
    order_id: UUID,
    selection: UnitSelection,
    idempotency_key: str,
    return_days: int,
) -> Order:
    """Cancel units of a paid order that are not shipped, once per idempotency key.

    Raises `InvalidOrderState` and `TooManyUnits`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelOrderLines",
        idempotency_key,
        order_id=order_id,
        selection=selection.model_dump(),
    )
    order = await access_order(session, viewer, order_id)
    if not claimed.replayed:
        await _cancel_paid(
            session,
            viewer,
            order,
            reason=selection.reason,
            wanted=selection.lines,
            return_days=return_days,
        )
        await idempotency.record_result(session, claimed, order_id)
    return order
