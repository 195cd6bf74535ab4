"""The sale of a listed ticket: the old one is cancelled in the transaction that issues the new one.

So there are never two valid tickets. The refund is granted after the commit, by a job: the order in
which the ticket was bought is another one, which is locked before anything of a date.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.selling.holds import HoldExpired, HoldLine, TicketHold
from models.events.selling.resale import ResaleListing
from models.events.tickets import Ticket
from services import jobs
from services.events.holds.room import change_room, lock_room
from services.events.resale.holding import has_listed, is_used
from services.events.seats.places import hold_places, lock_seats
from services.events.tickets.ending import cancel_tickets

LISTED = Statement(
    select(
        col(ResaleListing.id),
        col(Ticket.id).label("ticket_id"),
        col(Ticket.seat_id),
        col(Ticket.quota_ids),
    )
    .join(Ticket, col(Ticket.id) == col(ResaleListing.ticket_id))
    .where(any_of(col(ResaleListing.id)))
)


async def take_over(unit: UnitOfWork, hold: TicketHold, lines: Sequence[HoldLine]) -> None:
    """Cancel the listed tickets of a hold, and let its lines have what they counted in.

    Raises `HoldExpired` if one was cancelled or used since: the money goes back.
    """
    listed = {line.resale_id: line for line in lines if line.resale_id is not None}
    if not listed:
        return
    ids = sorted(listed)
    if not await has_listed(unit, [hold.id], ids):
        raise HoldExpired
    connection = await connection_of(unit)
    rows = await LISTED.fetch(connection, **{KEYS: ids})
    ticket_ids = [row["ticket_id"] for row in rows]
    cancelled = await cancel_tickets(unit, ticket_ids, resold=True, notifies=False)
    if len(cancelled) < len(ids) or await is_used(unit, ticket_ids):
        raise HoldExpired
    for row in await LISTED.fetch(connection, **{KEYS: ids}):  # it can have been reseated
        line = listed[row["id"]]
        line.quota_ids, line.seat_id = row["quota_ids"], row["seat_id"]
    await _take_room(unit, list(listed.values()))
    await _take_seats(unit, hold, list(listed.values()))
    for id in ids:
        await jobs.defer(unit, "refund_resold_ticket", listing_id=id)


async def _take_room(unit: UnitOfWork, lines: Sequence[HoldLine]) -> None:
    """Take the room again that the cancelled tickets have left. Its quotas are locked."""
    room = await lock_room(unit, {id for line in lines for id in line.quota_ids})
    for line in lines:
        if not room.take(line.quota_ids, line.tickets, waitlist=True):
            raise HoldExpired
    await change_room(unit, room.changes)


async def _take_seats(unit: UnitOfWork, hold: TicketHold, lines: Sequence[HoldLine]) -> None:
    """Hold the seats again that the cancelled tickets have left. Their rows are locked."""
    seat_ids: list[UUID] = [line.seat_id for line in lines if line.seat_id is not None]
    places = await lock_seats(unit, hold.event_date_id, seat_ids)
    await hold_places(unit, places, hold.id, hold.expires_at)
