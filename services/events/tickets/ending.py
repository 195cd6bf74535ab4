"""The end of tickets: they are cancelled, and what they count in can be sold again.

Money is another act. Locks are taken in the order of quotas, rows of seats, buyers, tickets, each
by id.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam
from sqlmodel import col, select, update

from core.database import for_change
from core.statements.parameters import current_time
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.changes import EventChangeKind
from models.events.date_changes import TicketRefundState
from models.events.selling.holds import TicketBuyer
from models.events.selling.resale import ResaleListing, ResaleState
from models.events.ticket_types import TicketType, TicketTypeKind
from models.events.tickets import Ticket, TicketState, TicketTransfer, TransferState
from services import jobs
from services.events.announcing import record_change
from services.events.entries import TicketChanged
from services.events.holds.buyers import count_tickets
from services.events.holds.room import change_room, lock_room
from services.events.seats.places import free_seats_of_tickets
from services.journal import append as journal
from services.journal.topics import user_topic
from services.orders.kinds import LineUnits

_TICKET: list[Any] = [
    *columns_of(Ticket),
    (col(TicketType.kind) == TicketTypeKind.ADMISSION).label("counts"),
]
OF_LINES = Statement(
    select(col(Ticket.id), col(Ticket.order_line_id), col(Ticket.state))
    .where(any_of(col(Ticket.order_line_id)))
    .order_by(col(Ticket.id))
)
TICKETS = Statement(
    select(*_TICKET)
    .join(TicketType, col(TicketType.id) == col(Ticket.ticket_type_id))
    .where(any_of(col(Ticket.id)), col(Ticket.state) == TicketState.VALID)
    .order_by(col(Ticket.id))
)
BUYERS = Statement(
    for_change(
        select(col(TicketBuyer.tickets))
        .where(
            col(TicketBuyer.event_date_id) == bindparam("event_date_id"),
            any_of(col(TicketBuyer.user_id)),
        )
        .order_by(col(TicketBuyer.user_id))
    )
)
LOCK = Statement(
    for_change(
        select(col(Ticket.id))
        .where(any_of(col(Ticket.id)), col(Ticket.state) == TicketState.VALID)
        .order_by(col(Ticket.id))
    )
)
CANCEL = Statement(
    update(Ticket)
    .where(any_of(col(Ticket.id)))
    .values(
        state=TicketState.CANCELLED,
        generation=Ticket.generation + 1,
        cancelled_at=current_time(),
        cancel_reason=bindparam("reason", type_=String()),
    )
)
WITHDRAW = Statement(
    update(TicketTransfer)
    .where(
        any_of(col(TicketTransfer.ticket_id)), col(TicketTransfer.state) == TransferState.PENDING
    )
    .values(
        state=TransferState.WITHDRAWN,
        ended_at=current_time(),
        address=None,
        address_lookup=None,
        next_address_lookup=None,
        secret_hash=None,
    )
)
_LISTED = any_of(col(ResaleListing.ticket_id)), col(ResaleListing.state) == ResaleState.LISTED
UNLIST = Statement(
    update(ResaleListing)
    .where(*_LISTED)
    .values(state=ResaleState.WITHDRAWN, ended_at=current_time())
    .returning(col(ResaleListing.hold_id))
)
RESELL = Statement(
    update(ResaleListing)
    .where(*_LISTED)
    .values(state=ResaleState.SOLD, refund=TicketRefundState.DUE, ended_at=current_time())
)


async def cancel_units(unit: UnitOfWork, units: Sequence[LineUnits]) -> None:
    """Cancel the tickets of as many units of lines. Those of a group ticket share a unit.

    The last ones that have a valid ticket are taken: others were cancelled or resold one by one,
    whatever the number of the unit that was refunded for them.
    """
    wanted = Counter[UUID]()
    for one in units:
        wanted[one.line.id] += one.stop - one.start
    quantities = {one.line.id: one.line.quantity for one in units}
    of_line: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await OF_LINES.fetch(await connection_of(unit), **{KEYS: sorted(wanted)}):
        of_line[row["order_line_id"]].append(row)
    chosen: list[UUID] = []
    for line_id, tickets in of_line.items():
        each = len(tickets) // quantities[line_id]
        groups = [tickets[at : at + each] for at in range(0, len(tickets), each)]
        found = [
            [row["id"] for row in group if row["state"] == TicketState.VALID] for group in groups
        ]
        valid = [group for group in found if group]
        last = valid[max(0, len(valid) - wanted[line_id]) :]
        chosen += [id for group in last for id in group]
    await cancel_tickets(unit, chosen)


async def cancel_tickets(
    unit: UnitOfWork,
    ticket_ids: Iterable[UUID],
    *,
    reason: str | None = None,
    by_id: UUID | None = None,
    notifies: bool = True,
    resold: bool = False,
) -> list[UUID]:
    """Cancel those of the tickets that are valid. Returns their ids.

    Their generation rises, so that their codes are refused. Their seats are free, and pending
    transfers and resales are withdrawn. Their holders are notified, except the user with `by_id`,
    unless the caller does that. If they are `resold`, their listings are SOLD instead: the refund
    is due.
    """
    connection = await connection_of(unit)
    rows: Any = await TICKETS.fetch(connection, **{KEYS: sorted(ticket_ids)})
    room = await lock_room(unit, {id for row in rows for id in row["quota_ids"]})
    await free_seats_of_tickets(unit, [row["id"] for row in rows])
    for event_date_id, user_ids in _buyers(rows).items():
        keys = {KEYS: sorted(user_ids), "event_date_id": event_date_id}
        await BUYERS.fetch(connection, **keys)
    ids = {row["id"] for row in rows}
    locked = {row["id"] for row in await LOCK.fetch(connection, **{KEYS: sorted(ids)})}
    ended = [row for row in rows if row["id"] in locked]
    if not ended:
        return []
    taken: Counter[UUID] = Counter(id for row in ended for id in row["quota_ids"])
    await change_room(unit, {id: -taken[id] for id in room.quotas})
    counted = Counter(
        (row["event_date_id"], row["buyer_id"])
        for row in ended
        if row["counts"] and row["buyer_id"] is not None
    )
    for (event_date_id, user_id), tickets in sorted(counted.items()):
        await count_tickets(unit, event_date_id, user_id, -tickets, most=0)
    cancelled = sorted(locked)
    await CANCEL.execute(connection, reason=reason, **{KEYS: cancelled})
    await WITHDRAW.execute(connection, **{KEYS: cancelled})
    if resold:
        await RESELL.execute(connection, **{KEYS: cancelled})
    else:
        await _unlist(unit, cancelled)
    await _announce(unit, ended, by_id, notifies=notifies)
    return cancelled


async def _unlist(unit: UnitOfWork, ticket_ids: Sequence[UUID]) -> None:
    """Withdraw the listings of tickets. Holds that have them end after the commit.

    A hold is locked before anything that is locked here.
    """
    for row in await UNLIST.fetch(await connection_of(unit), **{KEYS: ticket_ids}):
        if row["hold_id"] is not None:
            await jobs.defer(unit, "end_resale_hold", hold_id=row["hold_id"])


def _buyers(rows: Sequence[Any]) -> dict[UUID, set[UUID]]:
    """Return the users whose limits tickets count in, by date."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        if row["counts"] and row["buyer_id"] is not None:
            found[row["event_date_id"]].add(row["buyer_id"])
    return dict(sorted(found.items()))


async def _announce(
    unit: UnitOfWork, ended: Sequence[Any], by_id: UUID | None, *, notifies: bool
) -> None:
    by_date: defaultdict[UUID, list[UUID]] = defaultdict(list)
    quotas: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in ended:
        by_date[row["event_date_id"]].append(row["id"])
        quotas[row["event_date_id"]].update(row["quota_ids"])
        holder_id = row["holder_id"]
        if holder_id is not None:
            journal.append(unit, TicketChanged(row["id"]), to=[user_topic(holder_id)])
        if notifies and holder_id not in {None, by_id}:
            await jobs.defer(unit, "announce_cancelled_ticket", ticket_id=row["id"])
    for event_date_id, ids in sorted(by_date.items()):
        await record_change(unit, event_date_id, EventChangeKind.CANCELLED, sorted(ids))
        changed = sorted(quotas[event_date_id])
        await record_change(unit, event_date_id, EventChangeKind.QUOTAS, changed)
