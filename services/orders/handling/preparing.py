"""Acceptance, rejection and cancellation of parts of orders by their vendors."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.notifications.inbox import NotificationKind
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.orders.selections import ReasonDraft, UnitSelection
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.refunds import RefundReason
from services import idempotency
from services.orders.changes import publish_change
from services.orders.handling.arrivals import deliver_if_arrived
from services.orders.handling.endings import follow_lines
from services.orders.notices import notify_buyer
from services.orders.parts import LockedPart, access_vendor_part, choose_lines, find_lines
from services.orders.refunds.granting import cancel_units, grant_refund
from services.orders.timeline import record_step
from services.viewer import Viewer


async def accept_suborder(session: AsyncSession, viewer: Viewer, *, suborder_id: UUID) -> SubOrder:
    """Accept a part that is paid, and begin to prepare it. Raises `InvalidOrderState`.

    A part that the viewer's vendor has accepted before stays as it is.
    """
    part = await access_vendor_part(session, viewer, suborder_id)
    order, suborder = part.order, part.suborder
    if suborder.state is SubOrderState.PREPARING:
        return suborder
    suborder.accept()
    kind, actor = OrderStepKind.ACCEPTED, OrderActor.VENDOR
    record_step(session, order, kind, actor, viewer=viewer, suborder=suborder)
    await notify_buyer(session, order, NotificationKind.ORDER_ACCEPTED, suborder.id)
    publish_change(session, order, [suborder])
    return suborder


async def reject_suborder(
    session: AsyncSession,
    viewer: Viewer,
    *,
    suborder_id: UUID,
    reason: ReasonDraft,
    idempotency_key: str,
) -> SubOrder:
    """Cancel a part of which nothing is shipped, and refund it, once per idempotency key.

    Raises `InvalidOrderState`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "rejectSuborder",
        idempotency_key,
        suborder_id=suborder_id,
        reason=reason.reason,
    )
    part = await access_vendor_part(session, viewer, suborder_id)
    if not claimed.replayed:
        lines = await find_lines(session, suborder_id)
        if any(line.shipped for line in lines):
            SubOrderState.SHIPPED.ensure_can_become(SubOrderState.CANCELLED)
        chosen = [(line, line.open_units) for line in lines]
        await _cancel(session, viewer, part, chosen, RefundReason.REJECTED, reason.reason)
        await idempotency.record_result(session, claimed, suborder_id)
    return part.suborder


async def cancel_suborder_lines(
    session: AsyncSession,
    viewer: Viewer,
    *,
    suborder_id: UUID,
    selection: UnitSelection,
    idempotency_key: str,
    return_days: int,
) -> SubOrder:
    """Cancel units that the vendor cannot ship, and refund them, once per idempotency key.

    The part is delivered with that if what was shipped has arrived.

    Raises `TooManyUnits` and `InvalidOrderState`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelSuborderLines",
        idempotency_key,
        suborder_id=suborder_id,
        selection=selection.model_dump(),
    )
    part = await access_vendor_part(session, viewer, suborder_id)
    if not claimed.replayed:
        chosen = choose_lines(await find_lines(session, suborder_id), selection.lines)
        await _cancel(session, viewer, part, chosen, RefundReason.REJECTED, selection.reason)
        actor = OrderActor.VENDOR
        await deliver_if_arrived(session, part, actor, return_days=return_days, viewer=viewer)
        await idempotency.record_result(session, claimed, suborder_id)
    return part.suborder


async def _cancel(
    session: AsyncSession,
    viewer: Viewer,
    part: LockedPart,
    chosen: Sequence[tuple[OrderLine, int]],
    reason: RefundReason,
    note: str,
) -> None:
    order, suborder = part.order, part.suborder
    if not suborder.can_be_cancelled:
        suborder.state.ensure_can_become(SubOrderState.CANCELLED)
    units = cancel_units(chosen)
    actor = OrderActor.VENDOR
    record_step(
        session,
        order,
        OrderStepKind.REJECTED,
        actor,
        viewer=viewer,
        suborder=suborder,
        note=note,
    )
    refund = await grant_refund(
        session, order, units, reason, actor=actor, viewer=viewer, note=note, restock=True
    )
    await follow_lines(session, order, suborder)
    await notify_buyer(session, order, NotificationKind.ORDER_PART_CANCELLED, refund.id)
