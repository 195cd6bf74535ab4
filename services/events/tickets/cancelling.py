"""Tickets that their holders or the vendor's members cancel.

A holder who cancels gets back what the policy of the sale gives. A member who cancels refunds
nothing by that: `grantRefund` does.
"""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.errors import NotFound
from models.events.check_in import CheckInMode
from models.events.tickets import CancelTicketDraft, Ticket, TicketState
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.timeline import OrderActor
from models.payments.refunds import RefundReason
from models.pricing.amounts import BPS, part, share
from services import idempotency
from services.audit import entries as audit
from services.events.tickets.access import ensure_before_end, ensure_unused, find_ticket
from services.events.tickets.delivering import ship_tickets
from services.events.tickets.ending import cancel_tickets
from services.orders.access import lock_order
from services.orders.handling.endings import follow_lines
from services.orders.kinds import LineUnits
from services.orders.parts import find_lines, lock_parts
from services.orders.refunds.amounts import Extra
from services.orders.refunds.granting import grant_refund, refund_units
from services.viewer import Viewer


async def cancel_ticket(
    session: AsyncSession,
    viewer: Viewer,
    draft: CancelTicketDraft,
    *,
    ticket_id: UUID,
    idempotency_key: str,
) -> Ticket:
    """Cancel a ticket, once per idempotency key. A holder gets money back by the policy.

    The order is locked before the ticket, which can be admitted or accepted by another until its
    own lock: so both are looked at again after it. A holder who has entered by any list is not paid
    back. Raises `TicketCancelled`, `TicketUsed` and `TicketDateOver`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelTicket",
        idempotency_key,
        ticket_id=ticket_id,
        draft=draft.model_dump(),
    )
    ticket = await find_ticket(session, viewer, ticket_id)
    if claimed.replayed:
        return ticket
    order = await _lock_order(session, ticket)
    ticket = await find_ticket(session, viewer, ticket_id)
    ticket.ensure_valid()
    await ensure_before_end(session, ticket)
    holder_id = ticket.holder_id
    by_holder = holder_id == viewer.user_id
    modes = tuple(CheckInMode) if by_holder else (CheckInMode.ONCE,)
    await ensure_unused(session, ticket, modes=modes)
    if order is not None and by_holder:
        await _refund(session, viewer, order, ticket, draft.reason)
    await session.flush()
    by_id = viewer.user_id
    if not await cancel_tickets(session, [ticket_id], reason=draft.reason, by_id=by_id):
        ticket.state = TicketState.CANCELLED
        ticket.ensure_valid()
    await ensure_unused(session, ticket, modes=modes)
    await session.refresh(ticket)
    if by_holder and ticket.holder_id != holder_id:
        raise NotFound
    audit.append(session, viewer, AuditAct.CANCEL_TICKET, subject_id=ticket_id)
    await idempotency.record_result(session, claimed, ticket_id)
    return ticket


async def _lock_order(session: AsyncSession, ticket: Ticket) -> Order | None:
    """Lock the order in which a ticket was sold. None if it was sold in none."""
    if ticket.order_line_id is None:
        return None
    rows = (
        select(SubOrder.order_id)
        .join(OrderLine, col(OrderLine.suborder_id) == col(SubOrder.id))
        .where(OrderLine.id == ticket.order_line_id)
    )
    return await lock_order(session, (await session.exec(rows)).one())


async def _refund(
    session: AsyncSession, viewer: Viewer, order: Order, ticket: Ticket, note: str | None
) -> None:
    """Give the buyer back what the policy gives of what was paid, the way it was paid.

    Units that the vendor refunded count for the tickets that were cancelled before. If there are
    more of them, they were for this one, too.
    """
    if not ticket.refund_now(now()):
        return
    parts = await lock_parts(session, order)
    lines = {line.id: line for line in await find_lines(session, *(one.id for one in parts))}
    line = lines[ticket.order_line_id] if ticket.order_line_id else None
    if line is None:
        return
    suborder = next(one for one in parts if one.id == line.suborder_id)
    await ship_tickets(session, order, suborder)
    tickets, place, cancelled = await _place_of(session, ticket)
    if line.refunded * (tickets // line.quantity) > cancelled:
        return
    left = suborder.total - suborder.refunded
    amount = min(left, share(part(line.total, tickets, place, place + 1), ticket.refund_bps))
    units: list[LineUnits] = []
    extras: list[Extra] = []
    if ticket.refund_bps == BPS and tickets == line.quantity:
        units = refund_units([(line, min(1, line.kept_units))], returned=False)
        units = [one for one in units if one.stop > one.start]
    elif amount:
        extras = [Extra(suborder.id, amount)]
    if units or extras:
        reason = RefundReason.CANCELLED
        await grant_refund(
            session,
            order,
            units,
            reason,
            actor=OrderActor.BUYER,
            viewer=viewer,
            note=note,
            extras=extras,
        )
        await follow_lines(session, order, suborder)


async def _place_of(session: AsyncSession, ticket: Ticket) -> tuple[int, int, int]:
    """Return the number of tickets of the line of a ticket, how many are before it, and how many
    are cancelled.
    """
    is_cancelled = col(Ticket.state) == TicketState.CANCELLED
    counted = select(
        func.count(),
        func.count().filter(col(Ticket.id) < ticket.id),
        func.count().filter(is_cancelled),
    ).where(Ticket.order_line_id == ticket.order_line_id)
    return (await session.exec(counted)).one()
