"""Seats managed by members: blocked, removed, freed, and exchanged for a ticket."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.statements.units import connection_of
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.events.changes import EventChangeKind
from models.events.dates import EventDate
from models.events.seats.charts import Seat
from models.events.seats.seat_maps import (
    BlockDraft,
    PlaceState,
    SeatPlace,
    SeatsTaken,
)
from models.events.tickets import Ticket
from models.members import Permission
from services.audit import entries as audit
from services.events.access import access_managed_date
from services.events.announcing import record_change
from services.events.seats.places import BLOCK, lock_seats, move_ticket, resize
from services.events.tickets.naming import announce_ticket
from services.events.tickets.notices import notify_of_seat
from services.viewer import Viewer


async def block_seats(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_date_id: UUID,
    draft: BlockDraft,
) -> EventDate:
    """Set the state of seats that are neither held nor sold. Raises `NotFound` and `SeatsTaken`."""
    event, date = await access_managed_date(session, viewer, event_date_id)
    event.ensure_editable()
    date.ensure_changeable(now())
    places = await _lock_places(session, date, draft.seat_ids)
    busy = [place.seat_id for place in places if place.state in {PlaceState.HELD, PlaceState.SOLD}]
    if busy:
        raise SeatsTaken(seat_ids=busy, field=["seatIds"])
    await BLOCK.execute(
        await connection_of(session),
        event_date_id=date.id,
        seat_ids=sorted(draft.seat_ids),
        state=draft.state.value,
        reason=draft.reason,
    )
    await _changed(session, date, places)
    return date


async def reseat_ticket(
    session: AsyncSession, viewer: Viewer, *, ticket_id: UUID, seat_id: UUID
) -> Seat:
    """Give a valid ticket another seat that is free, of any category, at the same price.

    Its holder is notified. A second call changes nothing. Raises `NotFound`, `TicketCancelled` and
    `SeatsTaken`.
    """
    viewer.require_user()
    found = select(Ticket.event_date_id).where(Ticket.id == ticket_id)
    event_date_id = (await session.exec(found)).first()
    if event_date_id is None:
        raise NotFound
    _, date = await access_managed_date(session, viewer, event_date_id, Permission.EDIT_TICKETS)
    ticket = await session.get_one(Ticket, ticket_id)
    if ticket.seat_id is None:
        raise InvalidInput("This ticket has no seat.", field=["ticketId"])
    places = await _lock_places(session, date, sorted({ticket.seat_id, seat_id}))
    rows = select(Ticket).where(Ticket.id == ticket_id)
    ticket = (await session.exec(for_change(rows))).one()
    ticket.ensure_valid()
    if ticket.seat_id != seat_id:
        wanted = next(place for place in places if place.seat_id == seat_id)
        if wanted.state is not PlaceState.FREE:
            raise SeatsTaken(seat_ids=[seat_id], field=["seatId"])
        await move_ticket(session, date.id, ticket.id, seat_id)
        ticket.seat_id = seat_id
        await _changed(session, date, places)
        announce_ticket(session, ticket)
        await notify_of_seat(session, ticket)
        audit.append(session, viewer, AuditAct.RESEAT_TICKET, subject_id=ticket.id)
    return await session.get_one(Seat, seat_id)


async def _lock_places(
    session: AsyncSession, date: EventDate, seat_ids: Sequence[UUID]
) -> list[SeatPlace]:
    places = await lock_seats(session, date.id, seat_ids)
    if len(places) != len(set(seat_ids)):
        raise NotFound(field=["seatIds"])
    return places


async def _changed(session: AsyncSession, date: EventDate, places: Sequence[SeatPlace]) -> None:
    await resize(session, date.id, {place.row_id for place in places})
    changed = sorted(place.seat_id for place in places)
    await record_change(session, date.id, EventChangeKind.SEATS, changed)
