"""Tickets that their holders or the vendor's members cancel.

A holder who cancels gets back what the policy of the sale gives. A member who cancels refunds
nothing by that: `grantRefund` does.
"""

from fractions import Fraction
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.errors import NotFound
from models.events.check_in.lists import CheckInMode
from models.events.tickets import CancelTicketDraft, Ticket, TicketState
from models.orders.timeline import OrderActor
from models.pricing.amounts import BPS
from services import idempotency
from services.audit import entries as audit
from services.events.tickets.access import ensure_before_end, ensure_unused, find_ticket
from services.events.tickets.ending import cancel_tickets
from services.events.tickets.refunding import lock_order_of, refund_ticket
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
    order = await lock_order_of(session, ticket)
    ticket = await find_ticket(session, viewer, ticket_id)
    ticket.ensure_valid()
    await ensure_before_end(session, ticket)
    holder_id = ticket.holder_id
    by_holder = holder_id == viewer.user_id
    modes = tuple(CheckInMode) if by_holder else (CheckInMode.ONCE,)
    await ensure_unused(session, ticket, modes=modes)
    if order is not None and by_holder and ticket.refund_now(now()):
        share = Fraction(ticket.refund_bps, BPS)
        buyer, note = OrderActor.BUYER, draft.reason
        await refund_ticket(session, order, ticket, share, actor=buyer, viewer=viewer, note=note)
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
