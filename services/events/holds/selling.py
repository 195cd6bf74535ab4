"""Holds in orders: taken into checkout, sold, given up, and taken again for late money.

Orders call these in their own transactions, with the order locked before.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import bindparam
from sqlmodel import col, select, update

from core.clock import now
from core.database import for_change
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.events.changes import EventChangeKind
from models.events.dates import EventDate
from models.events.events import Event, SaleEnded
from models.events.seats.seat_maps import PlaceState
from models.events.selling.holds import HoldExpired, HoldLine, HoldSource, HoldState, TicketHold
from models.events.ticket_types import TicketsSoldOut
from models.events.tickets import Ticket
from services.events.announcing import record_change
from services.events.entries import HoldChanged
from services.events.holds.access import LINES
from services.events.holds.buyers import count_tickets
from services.events.holds.ending import end_holds
from services.events.holds.room import change_room, lock_room
from services.events.holds.sale import DATE, EVENT
from services.events.questions.of_holds import attach_answers
from services.events.resale.holding import has_listed, hold_listed
from services.events.resale.selling import take_over
from services.events.seats.places import hold_places, keep_places, lock_rows, lock_seats
from services.events.tickets.issuing import issue_tickets
from services.events.waitlist.entries import mark_served
from services.journal import append as journal
from services.journal.topics import user_topic

HOLDS = Statement(
    for_change(
        select(*columns_of(TicketHold))
        .where(any_of(col(TicketHold.id)))
        .order_by(col(TicketHold.id))
    ),
    TicketHold,
)
OF_ORDER = Statement(
    for_change(
        select(*columns_of(TicketHold))
        .where(col(TicketHold.order_id) == bindparam("for_order"))
        .order_by(col(TicketHold.id))
    ),
    TicketHold,
)
CHECK_OUT = Statement(
    update(TicketHold)
    .where(any_of(col(TicketHold.id)))
    .values(state=HoldState.CHECKOUT, order_id=bindparam("for_order"), ended_at=None)
)
SELL = Statement(
    update(TicketHold)
    .where(any_of(col(TicketHold.id)))
    .values(state=HoldState.SOLD, ended_at=current_time())
)


async def check_out_holds(
    unit: UnitOfWork, user_id: UUID, order_id: UUID, hold_ids: Sequence[UUID]
) -> list[TicketHold]:
    """Put a user's open holds into an order: from then on only its end frees their tickets.

    Raises `NotFound` and `HoldExpired`.
    """
    connection, moment = await connection_of(unit), now()
    holds = await HOLDS.fetch(connection, **{KEYS: sorted(hold_ids)})
    if len(holds) != len(set(hold_ids)) or any(hold.user_id != user_id for hold in holds):
        raise NotFound(field=["holdIds"])
    for hold in holds:
        if not hold.is_open(moment):
            raise HoldExpired(field=["holdIds"])
    await _ensure_listed(unit, holds)
    await CHECK_OUT.execute(connection, for_order=order_id, **{KEYS: sorted(hold_ids)})
    await keep_places(unit, hold_ids)
    _announce(unit, holds)
    return holds


async def _ensure_listed(unit: UnitOfWork, holds: Sequence[TicketHold]) -> None:
    """Raise `HoldExpired` if a listed ticket of a waitlist hold is listed no more."""
    ids = [hold.id for hold in holds if hold.source is HoldSource.WAITLIST]
    if not ids:
        return
    of_holds = await read_lines(unit, ids)
    resold = {line.resale_id for lines in of_holds.values() for line in lines if line.resale_id}
    if not await has_listed(unit, ids, resold):
        raise HoldExpired(field=["holdIds"])


async def sell_holds(
    unit: UnitOfWork, order_id: UUID, order_lines: Mapping[UUID, UUID]
) -> list[Ticket]:
    """Issue the tickets of the holds of an order that was paid. A second call issues none.

    Tickets that other users resell are cancelled with it. Raises `SaleEnded` for a date that was
    cancelled since, and `HoldExpired` for such a ticket that was: the money goes back.
    `order_lines` are the ids of the order's lines by those of the holds' lines.
    """
    connection = await connection_of(unit)
    holds = await OF_ORDER.fetch(connection, for_order=order_id)
    sold = [hold for hold in holds if hold.state is HoldState.CHECKOUT]
    if not sold:
        return []
    lines = await read_lines(unit, [hold.id for hold in sold])
    tickets: list[Ticket] = []
    for hold in sold:
        date = await _find_date(unit, hold)
        date.ensure_not_cancelled()
        event = await _find_event(unit, date)
        await take_over(unit, hold, lines[hold.id])
        issued = await issue_tickets(
            unit, event, date, hold, lines[hold.id], order_lines=order_lines
        )
        await attach_answers(unit, hold.id, issued)
        tickets += issued
    await SELL.execute(connection, **{KEYS: [hold.id for hold in sold]})
    await mark_served(unit, sold)
    _announce(unit, sold)
    return tickets


async def give_up_holds(unit: UnitOfWork, order_id: UUID) -> None:
    """Free the tickets of an order that ended unpaid. A second call frees none."""
    holds = await OF_ORDER.fetch(await connection_of(unit), for_order=order_id)
    held = [hold for hold in holds if hold.state is HoldState.CHECKOUT]
    await end_holds(unit, held, HoldState.EXPIRED)


async def retake_holds(unit: UnitOfWork, order_id: UUID) -> None:
    """Take the tickets of an order again that expired and is paid late: the same, or none.

    Raises `TicketsSoldOut`, `SaleEnded` for a date that is over or cancelled, and `TicketLimit` if
    the user has got others in the meantime.
    """
    connection = await connection_of(unit)
    holds = await OF_ORDER.fetch(connection, for_order=order_id)
    ended = [hold for hold in holds if hold.state is HoldState.EXPIRED]
    rows = await LINES.fetch(connection, **{KEYS: [hold.id for hold in ended]})
    room = await lock_room(unit, {id for row in rows for id in row["quota_ids"]})
    for row in rows:
        if not room.take(row["quota_ids"], row["quantity"] * row["admits"]):
            raise TicketsSoldOut
    await change_room(unit, room.changes)
    await _retake_seats(unit, ended, [row for row in rows if row["resale_id"] is None])
    for hold in ended:
        resold = [row["resale_id"] for row in rows if row["hold_id"] == hold.id]
        if not await hold_listed(unit, hold.id, [id for id in resold if id is not None]):
            raise TicketsSoldOut
    for hold in ended:
        date = await _find_date(unit, hold)
        if date.is_over(now()):
            raise SaleEnded
        event = await _find_event(unit, date)
        own = [row for row in rows if row["hold_id"] == hold.id]
        counted = sum(row["quantity"] * row["admits"] for row in own if row["counts"])
        await count_tickets(unit, date.id, hold.user_id, counted, event.max_per_user)
        changed = sorted({id for row in own for id in row["quota_ids"]})
        await record_change(unit, date.id, EventChangeKind.QUOTAS, changed)
    await CHECK_OUT.execute(connection, for_order=order_id, **{KEYS: [hold.id for hold in ended]})
    _announce(unit, ended)


async def _retake_seats(
    unit: UnitOfWork, holds: Sequence[TicketHold], lines: Sequence[asyncpg.Record]
) -> None:
    """Hold the same seats again. Raises `TicketsSoldOut` if one is taken, or kept for others."""
    for hold in holds:
        own = [line["seat_id"] for line in lines if line["hold_id"] == hold.id]
        seat_ids = [id for id in own if id is not None]
        places = await lock_seats(unit, hold.event_date_id, seat_ids)
        locked = await lock_rows(unit, hold.event_date_id, {place.row_id for place in places})
        rows = {row.row_id: row for row in locked}
        if any(
            place.state is not PlaceState.FREE or rows[place.row_id].keeps(place)
            for place in places
        ):
            raise TicketsSoldOut
        await hold_places(unit, places, hold.id, hold.expires_at)
    await keep_places(unit, [hold.id for hold in holds])


async def read_lines(
    unit: UnitOfWork, hold_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[HoldLine]]:
    """Return the lines of holds in their order, by hold."""
    found: dict[UUID, list[HoldLine]] = {id: [] for id in hold_ids}
    for row in await LINES.fetch(await connection_of(unit), **{KEYS: sorted(hold_ids)}):
        line = HoldLine(**{name: row[name] for name in HoldLine.model_fields})
        found[line.hold_id].append(line)
    return found


async def _find_date(unit: UnitOfWork, hold: TicketHold) -> EventDate:
    (date,) = await DATE.fetch(await connection_of(unit), event_date_id=hold.event_date_id)
    return date


async def _find_event(unit: UnitOfWork, date: EventDate) -> Event:
    (event,) = await EVENT.fetch(await connection_of(unit), event_id=date.event_id)
    return event


def _announce(unit: UnitOfWork, holds: Sequence[TicketHold]) -> None:
    for hold in holds:
        journal.append(unit, HoldChanged(hold.id), to=[user_topic(hold.user_id)])
