"""Access to tickets: to a holder's own, and to those of a vendor's dates for its members."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from models.errors import InvalidInput, NotFound
from models.events.check_in.lists import CheckInList, CheckInMode
from models.events.check_in.scans import TicketPresence
from models.events.dates import EventDate
from models.events.tickets import Ticket, TicketDateOver, TicketUsed
from models.members import Permission
from services.journal.topics import user_topic
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

MAX_LISTED_DATES = 50


def visible_tickets(viewer: Viewer) -> SelectOfScalar[Ticket]:
    """Select the viewer's tickets, and those of dates of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(Ticket)
    if viewer.user_id is None:  # tickets that were sold at the desk have no holder either
        return select(Ticket).where(false())
    own = Ticket.holder_id == viewer.user_id
    at_vendor = works_at(viewer.staff, col(Ticket.vendor_id), Permission.SEE_TICKETS)
    return select(Ticket).where(or_(own, at_vendor))


def list_tickets(viewer: Viewer, event_date_ids: Sequence[UUID] | None = None) -> Listing[Ticket]:
    """List the tickets that the viewer holds, the newest first. Raises `InvalidInput`."""
    user_id = viewer.require_user()
    rows = select(Ticket).where(Ticket.holder_id == user_id)
    if event_date_ids is not None:
        if len(event_date_ids) > MAX_LISTED_DATES:
            message = "Choose at most {most} dates."
            raise InvalidInput(message, field=["eventDateIds"], most=MAX_LISTED_DATES)
        rows = rows.where(col(Ticket.event_date_id).in_(event_date_ids))
    return Listing(rows, newest_first(Ticket), topics=[user_topic(user_id)])


async def find_ticket(session: AsyncSession, viewer: Viewer, ticket_id: UUID) -> Ticket:
    """Return a ticket that the viewer holds, or may change as a member. Raises `NotFound`."""
    user_id = viewer.require_user()
    rows = select(Ticket).where(Ticket.id == ticket_id)
    ticket = (await session.exec(rows, execution_options={"populate_existing": True})).first()
    if ticket is None:
        raise NotFound
    if ticket.holder_id != user_id:
        await access_vendor(session, viewer, ticket.vendor_id, Permission.EDIT_TICKETS)
    return ticket


async def lock_ticket(session: AsyncSession, ticket_id: UUID) -> Ticket:
    """Return a ticket as it is now, locked."""
    rows = for_change(select(Ticket).where(Ticket.id == ticket_id))
    return (await session.exec(rows, execution_options={"populate_existing": True})).one()


async def access_own_ticket(session: AsyncSession, viewer: Viewer, ticket_id: UUID) -> Ticket:
    """Return a ticket that the viewer holds, locked. Raises `NotFound`."""
    own = Ticket.holder_id == viewer.require_user()
    rows = for_change(select(Ticket).where(Ticket.id == ticket_id, own))
    ticket = (await session.exec(rows, execution_options={"populate_existing": True})).first()
    if ticket is None:
        raise NotFound
    return ticket


async def ensure_before_end(session: AsyncSession, ticket: Ticket) -> EventDate:
    """Return the date of a ticket. Raises `TicketDateOver` once it has ended."""
    date = await session.get_one(EventDate, ticket.event_date_id)
    if date.is_over(now()):
        raise TicketDateOver
    return date


async def ensure_unused(
    session: AsyncSession, ticket: Ticket, *, modes: Collection[CheckInMode] = (CheckInMode.ONCE,)
) -> None:
    """Raise `TicketUsed` if a list of one of the modes has admitted it."""
    rows = (
        select(TicketPresence.ticket_id)
        .join(CheckInList, col(CheckInList.id) == col(TicketPresence.list_id))
        .where(
            TicketPresence.ticket_id == ticket.id,
            TicketPresence.entries > 0,
            col(CheckInList.mode).in_(modes),
        )
        .limit(1)
    )
    if (await session.exec(rows)).first() is not None:
        raise TicketUsed
