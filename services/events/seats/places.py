"""Places and their rows: locked, changed, and counted again.

Every change of a place locks the row of seats first, in the order of rows' ids, and writes its
`sizes` afterwards.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import DateTime, String, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select, update

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.changes import EventChangeKind
from models.events.seats.seat_maps import PlaceState, SeatPlace, SeatRow
from services import jobs
from services.events.announcing import record_change

_DATE = col(SeatPlace.event_date_id) == bindparam("event_date_id")
LOCK = Statement(
    for_change(
        select(*columns_of(SeatRow))
        .where(
            col(SeatRow.event_date_id) == bindparam("event_date_id"), any_of(col(SeatRow.row_id))
        )
        .order_by(col(SeatRow.row_id))
    ),
    SeatRow,
)
OF_ROWS = Statement(
    select(*columns_of(SeatPlace))
    .where(_DATE, any_of(col(SeatPlace.row_id)))
    .order_by(col(SeatPlace.row_id), col(SeatPlace.pos)),
    SeatPlace,
)
OF_SEATS = Statement(
    select(*columns_of(SeatPlace)).where(_DATE, any_of(col(SeatPlace.seat_id))), SeatPlace
)
OF_HOLDS = Statement(
    select(*columns_of(SeatPlace)).where(any_of(col(SeatPlace.hold_id))), SeatPlace
)
OF_TICKETS = Statement(
    select(*columns_of(SeatPlace)).where(any_of(col(SeatPlace.ticket_id))), SeatPlace
)
_SEATS = bindparam("event_date_id", type_=Uuid()), bindparam("seat_ids", type_=ARRAY(Uuid()))
FREE = Statement(
    text(
        """
        UPDATE seat_place
        SET state = 'FREE', hold_id = NULL, ticket_id = NULL, expires_at = NULL, reason = NULL
        WHERE event_date_id = :event_date_id AND seat_id = ANY(:seat_ids)
        """
    ).bindparams(*_SEATS)
)
SELL = Statement(
    text(
        """
        UPDATE seat_place
        SET state = 'SOLD', ticket_id = given.ticket_id, hold_id = NULL, expires_at = NULL
        FROM unnest(:seat_ids, :ticket_ids) AS given (seat_id, ticket_id)
        WHERE event_date_id = :event_date_id AND seat_place.seat_id = given.seat_id
        """
    ).bindparams(*_SEATS, bindparam("ticket_ids", type_=ARRAY(Uuid())))
)
BLOCK = Statement(
    text(
        """
        UPDATE seat_place SET state = :state, reason = :reason
        WHERE event_date_id = :event_date_id AND seat_id = ANY(:seat_ids)
        """
    ).bindparams(*_SEATS, bindparam("state", type_=String()), bindparam("reason", type_=String()))
)
# The seat that a ticket leaves is free in the same statement: it can be in the same row.
MOVE = Statement(
    text(
        """
        UPDATE seat_place SET
            state = CASE WHEN seat_id = :seat_id THEN 'SOLD' ELSE 'FREE' END,
            ticket_id = CASE WHEN seat_id = :seat_id THEN CAST(:ticket_id AS uuid) END
        WHERE event_date_id = :event_date_id
            AND (seat_id = :seat_id OR ticket_id = CAST(:ticket_id AS uuid))
        """
    ).bindparams(
        _SEATS[0], bindparam("seat_id", type_=Uuid()), bindparam("ticket_id", type_=Uuid())
    )
)
EXTEND = Statement(
    text(
        """
        UPDATE seat_place SET expires_at = :until WHERE hold_id = :hold_id AND state = 'HELD'
        """
    ).bindparams(
        bindparam("hold_id", type_=Uuid()), bindparam("until", type_=DateTime(timezone=True))
    )
)
# An order's holds expire at infinity: only its end frees their seats.
KEEP = Statement(
    text(
        """
        UPDATE seat_place SET expires_at = 'infinity'
        WHERE hold_id = ANY(:keys) AND state = 'HELD'
        """
    ).bindparams(bindparam("keys", type_=ARRAY(Uuid())))
)
# The lengths of all free runs of each row, as bits. Runs have equal differences of the position
# and the number of the seat in its row.
SIZES = """
    SELECT event_date_id, row_id, bit_or(1::bigint << length) AS sizes
    FROM (
        SELECT event_date_id, row_id, count(*)::int AS length
        FROM (
            SELECT event_date_id, row_id, pos - row_number() OVER (
                PARTITION BY event_date_id, row_id ORDER BY pos
            ) AS run
            FROM seat_place WHERE state = 'FREE' AND NOT accessible {condition}
        ) AS free
        GROUP BY event_date_id, row_id, run
    ) AS runs
    GROUP BY event_date_id, row_id
"""
_RESIZE = """
    UPDATE seat_row SET sizes = coalesce(counted.sizes, 0)
    FROM seat_row AS one LEFT JOIN ({sizes}) AS counted USING (event_date_id, row_id)
    WHERE seat_row.event_date_id = one.event_date_id AND seat_row.row_id = one.row_id
        AND {condition}
"""
# Returns the dates with such rows that are closed for those who wait.
_RESIZE_AND_FIND_WAITED = f"""
    WITH resized AS (
        {_RESIZE}
        RETURNING seat_row.event_date_id,
            seat_row.waitlist_first OR seat_row.accessible_first AS for_waiting
    )
    SELECT DISTINCT event_date_id FROM resized WHERE for_waiting ORDER BY event_date_id
"""  # noqa: S608 - constants of this module
RESIZE = Statement(
    text(
        _RESIZE_AND_FIND_WAITED.format(
            sizes=SIZES.format(
                condition="AND event_date_id = :event_date_id AND row_id = ANY(:keys)"
            ),
            condition="one.event_date_id = :event_date_id AND one.row_id = ANY(:keys)",
        )
    ).bindparams(_SEATS[0], bindparam("keys", type_=ARRAY(Uuid())))
)
# All in one statement: it begins with the row locked, so that its snapshot has what is free, but
# not yet what it holds itself.
HOLD = Statement(
    text(
        f"""
        WITH held AS (
            UPDATE seat_place SET state = 'HELD', hold_id = :hold_id, expires_at = :until
            WHERE event_date_id = :event_date_id AND seat_id = ANY(:seat_ids) AND state = 'FREE'
            RETURNING seat_id
        ), resized AS ({
            _RESIZE.format(
                sizes=SIZES.format(
                    condition="AND event_date_id = :event_date_id AND row_id = ANY(:keys)"
                    " AND seat_id <> ALL(:seat_ids)"
                ),
                condition="one.event_date_id = :event_date_id AND one.row_id = ANY(:keys)",
            )
        }), recorded AS (
            INSERT INTO event_change (event_date_id, kind, ids, created_at)
            VALUES (:event_date_id, 'SEATS', :seat_ids, now())
        )
        SELECT count(*) AS held FROM held
        """  # noqa: S608 - constants of this module
    ).bindparams(
        *_SEATS,
        bindparam("keys", type_=ARRAY(Uuid())),
        bindparam("hold_id", type_=Uuid()),
        bindparam("until", type_=DateTime(timezone=True)),
    )
)
RESIZE_DATES = Statement(
    text(
        _RESIZE_AND_FIND_WAITED.format(
            sizes=SIZES.format(condition="AND event_date_id = ANY(:keys)"),
            condition="one.event_date_id = ANY(:keys)",
        )
    ).bindparams(bindparam("keys", type_=ARRAY(Uuid())))
)
CLOSE = Statement(
    update(SeatRow)
    .where(col(SeatRow.event_date_id) == bindparam("event_date_id"), any_of(col(SeatRow.row_id)))
    .values(waitlist_first=True, accessible_first=True)
)


async def lock_rows(
    unit: UnitOfWork, event_date_id: UUID, row_ids: Collection[UUID]
) -> list[SeatRow]:
    """Lock rows of seats in the order of their ids."""
    connection = await connection_of(unit)
    return await LOCK.fetch(connection, event_date_id=event_date_id, **{KEYS: sorted(row_ids)})


async def read_rows(
    unit: UnitOfWork, event_date_id: UUID, row_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[SeatPlace]]:
    """Return the places of rows by row, in their order."""
    connection = await connection_of(unit)
    found: dict[UUID, list[SeatPlace]] = {id: [] for id in row_ids}
    for place in await OF_ROWS.fetch(
        connection, event_date_id=event_date_id, **{KEYS: sorted(row_ids)}
    ):
        found[place.row_id].append(place)
    return found


async def lock_seats(
    unit: UnitOfWork, event_date_id: UUID, seat_ids: Collection[UUID]
) -> list[SeatPlace]:
    """Return seats of a date, whose rows are locked."""
    if not seat_ids:
        return []
    given = {"event_date_id": event_date_id, KEYS: sorted(seat_ids)}
    connection = await connection_of(unit)
    rows = {place.row_id for place in await OF_SEATS.fetch(connection, **given)}
    await lock_rows(unit, event_date_id, rows)
    return await OF_SEATS.fetch(connection, **given)


async def hold_places(
    unit: UnitOfWork,
    places: Sequence[SeatPlace],
    hold_id: UUID,
    until: datetime,
) -> None:
    """Hold free places whose rows are locked, write the `sizes` of the rows, and record both."""
    if not places:
        return
    (found,) = await HOLD.fetch(
        await connection_of(unit),
        event_date_id=places[0].event_date_id,
        seat_ids=[place.seat_id for place in places],
        hold_id=hold_id,
        until=until,
        **{KEYS: sorted({place.row_id for place in places})},
    )
    if found["held"] != len(places):
        raise PlaceChanged


class PlaceChanged(Exception):
    """A place could not be changed as planned: a bug, or a control without the lock."""


async def resize(unit: UnitOfWork, event_date_id: UUID, row_ids: Collection[UUID]) -> None:
    """Write the `sizes` of rows that are locked, after a change of their places.

    What becomes free while users wait is served by a job: whichever way it became free.
    """
    given = {"event_date_id": event_date_id, KEYS: sorted(row_ids)}
    await _serve(unit, await RESIZE.fetch(await connection_of(unit), **given))


async def resize_dates(unit: UnitOfWork, event_date_ids: Collection[UUID]) -> None:
    """Write the `sizes` of all rows of dates, which are locked."""
    given = {KEYS: sorted(event_date_ids)}
    await _serve(unit, await RESIZE_DATES.fetch(await connection_of(unit), **given))


async def _serve(unit: UnitOfWork, waited: Sequence[asyncpg.Record]) -> None:
    for row in waited:
        await jobs.defer(unit, "serve_waitlist", event_date_id=row["event_date_id"])


async def free_seats_of_holds(
    unit: UnitOfWork, hold_ids: Collection[UUID], *, waited: Collection[UUID] = ()
) -> None:
    """Free the seats of holds that are locked.

    Of the holds in `waited`, an entry of the waitlist waits again: their rows are closed to the
    public sale before the seats are free.
    """
    await _free(unit, OF_HOLDS, hold_ids, waited)


async def free_seats_of_tickets(unit: UnitOfWork, ticket_ids: Collection[UUID]) -> None:
    """Free the seats of tickets that are cancelled. Called before the tickets are locked."""
    await _free(unit, OF_TICKETS, ticket_ids)


async def _free(
    unit: UnitOfWork,
    find: Statement[SeatPlace],
    ids: Collection[UUID],
    waited: Collection[UUID] = (),
) -> None:
    """Free the places of holds or tickets. They are read again under the locks of their rows."""
    connection = await connection_of(unit)
    found = await find.fetch(connection, **{KEYS: sorted(ids)})
    by_date: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for place in found:
        by_date[place.event_date_id].add(place.row_id)
    for event_date_id, row_ids in sorted(by_date.items()):
        await lock_rows(unit, event_date_id, row_ids)
        closing = {one.row_id for one in found if one.hold_id in waited} & row_ids
        if closing:
            given = {"event_date_id": event_date_id, KEYS: sorted(closing)}
            await CLOSE.execute(connection, **given)
    if not found:
        return
    current = await find.fetch(connection, **{KEYS: sorted(ids)})
    for event_date_id in sorted(by_date):
        await free_places(
            unit, event_date_id, [one for one in current if one.event_date_id == event_date_id]
        )


async def free_places(unit: UnitOfWork, event_date_id: UUID, places: Sequence[SeatPlace]) -> None:
    """Free places of a date whose rows are locked."""
    freed = sorted(place.seat_id for place in places)
    await FREE.execute(await connection_of(unit), event_date_id=event_date_id, seat_ids=freed)
    await resize(unit, event_date_id, {place.row_id for place in places})
    await record_change(unit, event_date_id, EventChangeKind.SEATS, freed)


async def move_ticket(
    unit: UnitOfWork, event_date_id: UUID, ticket_id: UUID, seat_id: UUID
) -> None:
    """Sell a free seat to a ticket, and free the one that it had. Both rows are locked."""
    connection = await connection_of(unit)
    given = {"event_date_id": event_date_id, "ticket_id": ticket_id, "seat_id": seat_id}
    await MOVE.execute(connection, **given)


async def sell_places(unit: UnitOfWork, event_date_id: UUID, tickets: Mapping[UUID, UUID]) -> None:
    """Sell held places to tickets, by seat. `sizes` stay: the seats were not free."""
    if tickets:
        seat_ids = sorted(tickets)
        await SELL.execute(
            await connection_of(unit),
            event_date_id=event_date_id,
            seat_ids=seat_ids,
            ticket_ids=[tickets[id] for id in seat_ids],
        )
        await record_change(unit, event_date_id, EventChangeKind.SEATS, seat_ids)


async def extend_places(unit: UnitOfWork, hold_id: UUID, until: datetime) -> None:
    """Hold the seats of a hold until another time."""
    await EXTEND.execute(await connection_of(unit), hold_id=hold_id, until=until)


async def keep_places(unit: UnitOfWork, hold_ids: Collection[UUID]) -> None:
    """Keep the seats of holds that go into an order, until that ends."""
    await KEEP.execute(await connection_of(unit), **{KEYS: sorted(hold_ids)})


def is_general(place: SeatPlace) -> bool:
    """Return whether a place is free for anybody."""
    return place.state is PlaceState.FREE and not place.accessible
