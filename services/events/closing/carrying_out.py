"""The job of a changed date: its tickets in batches, from where it stopped."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.events.date_changes import DateChange, RefundChoice
from models.events.dates import EventDate
from models.events.selling.holds import HoldState, TicketHold
from models.events.tickets import Ticket, TicketState
from models.pricing.amounts import BPS
from services import jobs
from services.events.closing.notices import tell_holders
from services.events.closing.refunds import owe_refunds
from services.events.closing.waitlist import close_waitlist
from services.events.holds.ending import end_holds
from services.events.tickets.ending import cancel_tickets

BATCH_SIZE = 100
LOOK_AGAIN = timedelta(minutes=5)  # while an order of the date is being paid


async def continue_change(session: AsyncSession, change_id: UUID) -> bool:
    """Carry out the next batch of a change. Returns whether there may be more.

    The change is locked last: what it counts is only changed here.
    """
    change = await session.get(DateChange, change_id)
    if change is None:
        return False
    date = await session.get_one(EventDate, change.event_date_id)
    if not change.cancels:
        return await _give_refund_right(session, change, date)
    await close_waitlist(session, date)
    if await _end_holds(session, date) or await _cancel_batch(session, change, date):
        return True
    await _finish(session, change, waiting=await _is_being_paid(session, date))
    return False


async def _end_holds(session: AsyncSession, date: EventDate) -> int:
    rows = select(TicketHold).where(
        TicketHold.event_date_id == date.id, TicketHold.state == HoldState.OPEN
    )
    rows = rows.order_by(col(TicketHold.id)).limit(BATCH_SIZE)
    holds = (await session.exec(for_change(rows))).all()
    await end_holds(session, holds, HoldState.EXPIRED)
    return len(holds)


async def _cancel_batch(session: AsyncSession, change: DateChange, date: EventDate) -> int:
    """Cancel up to 100 tickets, which may have to be refunded.

    What another transaction has cancelled meanwhile is left out.
    """
    valid = (Ticket.event_date_id == date.id, Ticket.state == TicketState.VALID)
    wanted = select(Ticket).where(*valid).order_by(col(Ticket.id)).limit(BATCH_SIZE)
    found = {one.id: one for one in (await session.exec(wanted)).all()}
    cancelled = await cancel_tickets(session, found, reason=change.reason, notifies=False)
    tickets = [found[id] for id in cancelled]
    if change.refund is RefundChoice.ALL:
        await owe_refunds(session, change, tickets)
    if tickets:
        await _count(session, change, len(tickets))
    await tell_holders(session, change, tickets)
    return len(found)


async def _give_refund_right(session: AsyncSession, change: DateChange, date: EventDate) -> bool:
    """Let up to 100 holders have their money back in full, until a time."""
    if change.done_at is not None:
        return False
    rows = select(Ticket).where(
        Ticket.event_date_id == date.id,
        Ticket.state == TicketState.VALID,
        col(Ticket.created_at) <= change.created_at,
    )
    if change.after_id is not None:
        rows = rows.where(col(Ticket.id) > change.after_id)
    batch = rows.order_by(col(Ticket.id)).limit(BATCH_SIZE)
    tickets = (await session.exec(for_change(batch))).all()
    until = change.refund_right_until(date.starts_at)
    current = date.revision == change.revision  # else a newer change has the last word
    for ticket in tickets if current and until else ():
        ticket.refund_until, ticket.refund_bps = until, BPS
    if not tickets:
        await _finish(session, change, waiting=False)
        return False
    await _count(session, change, len(tickets), after_id=tickets[-1].id)
    if current:
        await tell_holders(session, change, tickets)
    return True


async def _count(
    session: AsyncSession, change: DateChange, tickets: int, after_id: UUID | None = None
) -> None:
    await session.flush()
    values = {"tickets": col(DateChange.tickets) + tickets, "done_at": None, "after_id": after_id}
    await session.exec(update(DateChange).where(col(DateChange.id) == change.id).values(**values))


async def _is_being_paid(session: AsyncSession, date: EventDate) -> bool:
    """Return whether an order may still get tickets of the date, which are cancelled after it."""
    rows = select(TicketHold.id).where(
        TicketHold.event_date_id == date.id, TicketHold.state == HoldState.CHECKOUT
    )
    return (await session.exec(rows.limit(1))).first() is not None


async def _finish(session: AsyncSession, change: DateChange, *, waiting: bool) -> None:
    if waiting:
        at: datetime = now() + LOOK_AGAIN
        await jobs.defer(session, "carry_out_date_change", at=at, change_id=change.id)
    elif change.done_at is None:
        change.done_at = now()
