"""Tickets that are scanned: locked, with their past, their scans and their presence."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import any_, col, or_, select, update

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from models.events.check_in.folding import Settled, TicketHistory, fold
from models.events.check_in.lists import Attendance, CheckInList
from models.events.check_in.scans import Scan, TicketPresence
from models.events.ticket_types import TicketType, TicketTypeKind
from models.events.tickets import Ticket, TicketTransfer
from services.events.check_in.presenting import Presented

LOCK = Statement(
    for_change(
        select(*columns_of(Ticket))
        .where(
            col(Ticket.event_date_id) == bindparam("event_date_id"),
            or_(
                any_of(col(Ticket.id)),
                col(Ticket.code) == any_(bindparam("codes", type_=ARRAY(String()))),
            ),
        )
        .order_by(col(Ticket.id))
    ),
    Ticket,
)
# The transfers of tickets with the kind of the type: an empty one of a ticket that has none.
_PAST: list[Any] = [
    *columns_of(TicketTransfer),
    col(Ticket.id).label("scanned_id"),
    col(TicketType.kind).label("type_kind"),
]
PAST = Statement(
    select(*_PAST)
    .select_from(Ticket)
    .join(TicketType, col(TicketType.id) == col(Ticket.ticket_type_id))
    .outerjoin(TicketTransfer, col(TicketTransfer.ticket_id) == col(Ticket.id))
    .where(any_of(col(Ticket.id)))
    .order_by(col(TicketTransfer.created_at)),
    TicketTransfer,
)
SCANS = Statement(
    select(*columns_of(Scan)).where(
        any_of(col(Scan.ticket_id)), col(Scan.list_id) == bindparam("list_id")
    ),
    Scan,
)
PRESENCE = Statement(
    select(*columns_of(TicketPresence)).where(
        col(TicketPresence.list_id) == bindparam("list_id"),
        col(TicketPresence.ticket_id) == bindparam("ticket_id"),
    ),
    TicketPresence,
)
_PRESENT = insert(TicketPresence).values(
    {
        name: bindparam(name)
        for name in ("list_id", "ticket_id", "inside", "entries", "first_at", "last_at")
    }
)
SET_PRESENCE = Statement(
    _PRESENT.on_conflict_do_update(
        index_elements=["list_id", "ticket_id"],
        set_={
            name: _PRESENT.excluded[name] for name in ("inside", "entries", "first_at", "last_at")
        },
    )
)
SETTLE = Statement(
    update(Scan)
    .where(col(Scan.id) == bindparam("settled_id"))
    .values(outcome=bindparam("outcome"), reason=bindparam("reason"), anomaly=bindparam("anomaly"))
)


async def lock_tickets(
    connection: asyncpg.Connection, door: CheckInList, presented: Collection[Presented]
) -> Sequence[Ticket]:
    """Return the tickets of the date that were presented, locked in the order of their ids."""
    ids = sorted({one.ticket_id for one in presented if one.ticket_id is not None})
    codes = sorted({one.code for one in presented if one.code is not None})
    if not ids and not codes:
        return []
    given = {"event_date_id": door.event_date_id, KEYS: ids, "codes": codes}
    return await LOCK.fetch(connection, **given)


async def find_histories(
    connection: asyncpg.Connection, tickets: Sequence[Ticket]
) -> Mapping[UUID, TicketHistory]:
    """Return the tickets with the kinds of their types and their past, by id."""
    if not tickets:
        return {}
    past: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await PAST.fetch(connection, **{KEYS: [one.id for one in tickets]}):
        past[row["scanned_id"]].append(row)  # type: ignore[index]
    return {one.id: _history(one, past[one.id]) for one in tickets}


def _history(ticket: Ticket, past: Sequence[Any]) -> TicketHistory:
    kind = TicketTypeKind(past[0]["type_kind"])
    return TicketHistory.of(ticket, kind, [one for one in past if one.id is not None])


async def find_attendance(
    connection: asyncpg.Connection, list_id: UUID, ticket_id: UUID
) -> Attendance:
    found = await PRESENCE.fetch_one(connection, list_id=list_id, ticket_id=ticket_id)
    return found.attendance if found else Attendance()


async def set_attendance(
    connection: asyncpg.Connection, list_id: UUID, known: Mapping[UUID, Attendance]
) -> None:
    """Store the sums of the scans of tickets that are locked."""
    given = [
        {"list_id": list_id, "ticket_id": ticket_id, **one._asdict()}
        for ticket_id, one in known.items()
    ]
    if given:
        await SET_PRESENCE.execute_many(connection, given)


async def fold_scans(
    connection: asyncpg.Connection,
    door: CheckInList,
    histories: Mapping[UUID, TicketHistory],
    added: Sequence[Scan] = (),
) -> Sequence[UUID]:
    """Fold all scans of tickets that are locked from scratch, with those about to be inserted.

    Stores the attendance and what has changed of the others, and returns the ids of these.
    """
    stored: list[Scan] = []
    if histories:
        stored = await SCANS.fetch(connection, **{KEYS: [*histories]}, list_id=door.id)
    of_ticket: dict[UUID, list[Scan]] = defaultdict(list)
    for scan in [*stored, *added]:
        if scan.ticket_id is not None:
            of_ticket[scan.ticket_id].append(scan)
    folded = {
        ticket_id: fold(door, history, of_ticket[ticket_id])
        for ticket_id, history in histories.items()
    }
    settled = [one for _, of_it in folded.values() for one in of_it]
    changed = _settle(added, settled)
    if changed:
        await SETTLE.execute_many(
            connection, [one._asdict() | {"settled_id": one.id} for one in changed]
        )
    known = {ticket_id: attendance for ticket_id, (attendance, _) in folded.items()}
    await set_attendance(connection, door.id, known)
    return [one.id for one in changed]


def _settle(added: Sequence[Scan], settled: Sequence[Settled]) -> list[Settled]:
    """Set the outcomes of scans about to be inserted, and return those of the others."""
    own = {scan.id: scan for scan in added}
    for one in settled:
        if scan := own.get(one.id):
            scan.outcome, scan.reason, scan.anomaly = one.outcome, one.reason, one.anomaly
    return [one for one in settled if one.id not in own]
