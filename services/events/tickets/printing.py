"""Tickets to print: what stands on the paper of each."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import BadInput, UserMessage
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.base import localized
from models.errors import NotFound
from models.events.dates import EventDate, EventDateState
from models.events.events import Event
from models.events.seats.charts import ChartRow, ChartSection, Seat
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket, TicketState
from models.events.venues import Venue
from models.identity.accounts import User, UserState
from models.vendors import Vendor
from services.events.tickets.links import MAX_TICKETS, TicketsLink
from services.events.tickets.paper import TicketPaper
from services.i18n import language_of, translate
from services.viewer import Viewer


class TicketsReplaced(Exception):
    """A ticket of a link has another generation now, or is cancelled."""


async def link_tickets(
    session: AsyncSession, viewer: Viewer, ticket_ids: Sequence[UUID]
) -> TicketsLink:
    """Return a link to valid tickets that the viewer holds. Raises `BadInput`."""
    user_id = viewer.require_user()
    if not 1 <= len(ticket_ids) <= MAX_TICKETS:
        raise BadInput("Choose 1 to {most} tickets.", most=MAX_TICKETS)
    rows = select(Ticket).where(
        col(Ticket.id).in_(ticket_ids),
        Ticket.holder_id == user_id,
        Ticket.state == TicketState.VALID,
    )
    found = {one.id: one.generation for one in (await session.exec(rows)).all()}
    if found.keys() != set(ticket_ids):
        raise BadInput("Choose valid tickets that you hold.")
    return TicketsLink(user_id, {id: found[id] for id in ticket_ids})


async def read_papers(
    session: AsyncSession, sealer: Sealer, keys: SigningKeys, link: TicketsLink
) -> Sequence[TicketPaper]:
    """Return the papers of a link. Raises `NotFound` and `TicketsReplaced`."""
    user = await _find_user(session, link.user_id)
    rows = select(Ticket).where(col(Ticket.id).in_(link.generations))
    tickets = {one.id: one for one in (await session.exec(rows)).all()}
    papers = []
    for ticket_id, generation in link.generations.items():
        ticket = tickets.get(ticket_id)
        if ticket is None:
            raise NotFound
        if ticket.generation != generation or ticket.state is not TicketState.VALID:
            raise TicketsReplaced
        if ticket.holder_id != link.user_id:
            raise NotFound
        papers.append(await _read_paper(session, sealer, keys, ticket, user))
    return papers


async def _find_user(session: AsyncSession, user_id: UUID) -> User:
    """Return the user of a link. Raises `NotFound` for one who is suspended."""
    user = await session.get(User, user_id)
    if user is None or user.is_erased or user.state is UserState.SUSPENDED:
        raise NotFound
    return user


async def _read_paper(
    session: AsyncSession, sealer: Sealer, keys: SigningKeys, ticket: Ticket, user: User
) -> TicketPaper:
    """Read what belongs to a ticket. Rows that several share are read once by a session."""
    date = await session.get_one(EventDate, ticket.event_date_id)
    event = await session.get_one(Event, date.event_id)
    kind = await session.get_one(TicketType, ticket.ticket_type_id)
    vendor = await session.get_one(Vendor, ticket.vendor_id)
    locale = language_of([user.locale])
    return TicketPaper(
        locale=locale,
        event=localized(event.title, [user.locale], event.locale),
        starts=_describe_start(date, locale),
        place=await _read_place(session, date),
        ticket_type=localized(kind.name, [user.locale], kind.locale),
        seat=await _read_seat(session, ticket),
        attendee=ticket.open_attendee(sealer),
        vendor=vendor.name,
        code=ticket.code,
        token=keys.sign_ticket(ticket.id, ticket.event_date_id, ticket.generation),
    )


def _describe_start(date: EventDate, locale: str) -> str:
    """Return the start as clocks at the place show it, with the zone if no place is printed.

    The former time of a date that is postponed would be wrong on paper.
    """
    if date.state is EventDateState.POSTPONED:
        return translate(UserMessage("The new time is not known yet."), [locale])
    day = format_date(date.local_start, "full", locale)
    start = f"{day}, {format_time(date.local_start, 'short', locale=locale)}"
    if date.venue_id is not None:
        return start
    there = date.starts_at.astimezone(ZoneInfo(date.time_zone))
    return f"{start} ({get_timezone_name(there, locale=locale)})"


async def _read_place(session: AsyncSession, date: EventDate) -> Sequence[str]:
    if date.venue_id is None:
        return ()
    venue = await session.get_one(Venue, date.venue_id)
    return [venue.name, *venue.formatted]


async def _read_seat(session: AsyncSession, ticket: Ticket) -> Sequence[str]:
    """Return the section, row and seat of a ticket. Empty for one without a seat."""
    rows = (
        select(ChartSection.name, ChartRow.label, Seat.number)
        .join(ChartRow, col(ChartRow.section_id) == col(ChartSection.id))
        .join(Seat, col(Seat.row_id) == col(ChartRow.id))
        .where(Seat.id == ticket.seat_id)
    )
    if ticket.seat_id is None:
        return ()
    return (await session.exec(rows)).one()
