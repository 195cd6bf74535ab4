"""Tickets, holds and waits of an account that is erased: others can have what they took."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from models.events.check_in.scans import TicketPresence
from models.events.dates import EventDate, to_come
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.tickets import Ticket, TicketState
from services import jobs
from services.events.holds.ending import end_holds
from services.events.tickets.ending import cancel_tickets
from services.events.waitlist.entries import announce_entries

BATCH_SIZE = 100


async def leave_waitlists(session: AsyncSession, user_id: UUID) -> bool:
    """Release open holds of a user, and end their waits for tickets. Returns whether more are left.

    A hold of a waitlist can live for a day after the erasure otherwise, and keep others waiting.
    """
    open_holds = select(TicketHold).where(
        TicketHold.user_id == user_id, TicketHold.state == HoldState.OPEN
    )
    first = open_holds.order_by(col(TicketHold.id)).limit(BATCH_SIZE)
    holds = (await session.exec(for_change(first))).all()
    await end_holds(session, holds, HoldState.RELEASED)
    waiting = select(WaitlistEntry).where(
        WaitlistEntry.user_id == user_id, WaitlistEntry.state == WaitlistState.WAITING
    )
    some = waiting.order_by(col(WaitlistEntry.id)).limit(BATCH_SIZE)
    entries = (await session.exec(for_change(some))).all()
    for entry in entries:
        entry.end(WaitlistState.LEFT, now())
    await session.flush()
    await announce_entries(session, entries)
    dates = {one.event_date_id for one in holds} | {one.event_date_id for one in entries}
    for event_date_id in sorted(dates):
        await jobs.defer(session, "serve_waitlist", event_date_id=event_date_id)
    return BATCH_SIZE in {len(holds), len(entries)}


async def leave_tickets(session: AsyncSession, user_id: UUID) -> bool:
    """Cancel unused tickets of a user for dates to come. Returns whether there are more.

    A copy of a QR code would be admitted otherwise, for no account. Their transfers and resales end
    with them. No money goes back: they were given by another user, or their order has ended.
    """
    rows = (
        select(Ticket.id)
        .join(EventDate, col(EventDate.id) == col(Ticket.event_date_id))
        .where(
            Ticket.holder_id == user_id,
            Ticket.state == TicketState.VALID,
            to_come(),
            ~exists_in(
                TicketPresence,
                TicketPresence.ticket_id == Ticket.id,
                col(TicketPresence.entries) > 0,
            ),
        )
        .order_by(col(Ticket.id))
        .limit(BATCH_SIZE)
    )
    found = (await session.exec(rows)).all()
    await cancel_tickets(session, found, notifies=False)
    return len(found) == BATCH_SIZE
