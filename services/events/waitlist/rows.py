"""Rows of seats that are closed to the public sale while users wait for their seats."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, func, or_, select

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.dates import EventDate
from models.events.seats.seat_maps import SeatRow
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.ticket_types import TicketType
from services.events.waitlist.free_seats import FreeRow, FreeSeats

_DATE = bindparam("event_date_id", type_=Uuid())
_OF_DATE = col(SeatRow.event_date_id) == _DATE
_CATEGORIES = bindparam(KEYS, type_=ARRAY(Uuid()))
LOCK = Statement(
    for_change(
        select(*columns_of(SeatRow))
        .where(_OF_DATE, any_of(col(SeatRow.category_id)))
        .order_by(col(SeatRow.row_id))
    ),
    SeatRow,
)
_WAITED = (
    select(func.unnest(TicketType.category_ids))
    .select_from(WaitlistEntry)
    .join(EventDate, col(EventDate.id) == col(WaitlistEntry.event_date_id))
    .join(TicketType, col(TicketType.event_id) == col(EventDate.event_id))
    .where(
        col(EventDate.id) == _DATE,
        col(WaitlistEntry.state) == WaitlistState.WAITING,
        or_(
            func.cardinality(WaitlistEntry.type_ids) == 0,
            col(TicketType.id) == func.any(WaitlistEntry.type_ids),
        ),
    )
)
LOCK_WAITED = Statement(
    for_change(
        select(*columns_of(SeatRow))
        .where(
            _OF_DATE,
            or_(
                col(SeatRow.waitlist_first),
                col(SeatRow.accessible_first),
                col(SeatRow.category_id).in_(_WAITED),
            ),
        )
        .order_by(col(SeatRow.row_id))
    ),
    SeatRow,
)
FREE = Statement(
    text(
        """
        SELECT one.event_date_id, one.category_id, chart_row.section_id, one.sizes,
            coalesce(free.general, 0) AS general, coalesce(free.accessible, 0) AS accessible
        FROM seat_row AS one
        JOIN chart_row ON chart_row.id = one.row_id
        LEFT JOIN (
            SELECT event_date_id, row_id, count(*) FILTER (WHERE NOT accessible) AS general,
                count(*) FILTER (WHERE accessible) AS accessible
            FROM seat_place WHERE event_date_id = ANY(:dates) AND state = 'FREE'
            GROUP BY event_date_id, row_id
        ) AS free USING (event_date_id, row_id)
        WHERE one.event_date_id = ANY(:dates) AND one.category_id = ANY(:keys)
        ORDER BY chart_row.section_id, one.rank, one.row_id
        """
    ).bindparams(bindparam("dates", type_=ARRAY(Uuid())), _CATEGORIES)
)
# Of categories that have accessible seats, how many of them the public sale can take.
ACCESSIBLE = Statement(
    text(
        """
        SELECT category_id, count(*) FILTER (WHERE state = 'FREE' AND NOT accessible_first) AS left
        FROM seat_place JOIN seat_row USING (event_date_id, row_id)
        WHERE event_date_id = :event_date_id AND accessible AND category_id = ANY(:keys)
        GROUP BY category_id
        """
    ).bindparams(_DATE, _CATEGORIES)
)
CLOSE = Statement(
    text(
        """
        UPDATE seat_row SET
            waitlist_first = waitlist_first OR category_id = ANY(:general),
            accessible_first = accessible_first OR category_id = ANY(:accessible)
        WHERE event_date_id = :event_date_id AND (
            (category_id = ANY(:general) AND NOT waitlist_first)
            OR (category_id = ANY(:accessible) AND NOT accessible_first)
        )
        """
    ).bindparams(
        _DATE,
        bindparam("general", type_=ARRAY(Uuid())),
        bindparam("accessible", type_=ARRAY(Uuid())),
    )
)
# An entry waits for the categories of the types that it accepts, by default of any. If something
# else can be what it waits for, such as a quota, rows are closed once they are sold out, and stay
# closed as long as it waits. Accessible seats of a category are others than its general ones.
SYNC = Statement(
    text(
        """
        WITH waited AS (
            SELECT category.id AS category_id,
                coalesce(bool_or(NOT capped) FILTER (WHERE entry.accessible = 0), false)
                    AS general,
                bool_or(entry.accessible = 0) AS perhaps_general,
                bool_or(entry.accessible < entry.most) AS perhaps_beside,
                coalesce(bool_or(NOT capped) FILTER (WHERE entry.accessible > 0), false)
                    AS accessible,
                bool_or(entry.accessible > 0) AS perhaps_accessible
            FROM event_date
            JOIN event ON event.id = event_date.event_id AND event.waitlist <> 'OFF'
            JOIN waitlist_entry AS entry
                ON entry.event_date_id = event_date.id AND entry.state = 'WAITING'
            JOIN ticket_type ON ticket_type.event_id = event.id
                AND ticket_type.state = 'ACTIVE' AND ticket_type.kind = 'ADMISSION'
                AND NOT ticket_type.needs_code
                AND (entry.type_ids = '{}' OR ticket_type.id = ANY(entry.type_ids))
            CROSS JOIN LATERAL unnest(ticket_type.category_ids) AS category(id)
            CROSS JOIN LATERAL (
                SELECT EXISTS (
                    SELECT FROM type_quota
                    JOIN ticket_quota ON ticket_quota.id = type_quota.quota_id
                    WHERE type_quota.ticket_type_id = ticket_type.id
                        AND ticket_quota.event_date_id = event_date.id
                ) AS capped
            ) AS limits
            WHERE event_date.id = :event_date_id
            GROUP BY category.id
        ),
        seats AS (
            SELECT category_id, bool_or(sizes <> 0) AS left
            FROM seat_row WHERE event_date_id = :event_date_id GROUP BY category_id
        ),
        accessible AS (
            SELECT category_id, bool_or(state = 'FREE') AS left
            FROM seat_place JOIN seat_row USING (event_date_id, row_id)
            WHERE event_date_id = :event_date_id AND accessible GROUP BY category_id
        ),
        wanted AS (
            SELECT row_id,
                coalesce(waited.general, false) OR (
                    (waitlist_first OR NOT seats.left) AND coalesce(
                        perhaps_general
                            OR (perhaps_beside AND accessible.category_id IS NOT NULL),
                        false
                    )
                ) AS general,
                accessible.category_id IS NOT NULL AND (
                    coalesce(waited.accessible, false) OR (
                        coalesce(perhaps_accessible, false)
                        AND (accessible_first OR NOT accessible.left)
                    )
                ) AS accessible
            FROM seat_row JOIN seats USING (category_id)
            LEFT JOIN waited USING (category_id) LEFT JOIN accessible USING (category_id)
            WHERE event_date_id = :event_date_id
        )
        UPDATE seat_row SET waitlist_first = wanted.general, accessible_first = wanted.accessible
        FROM wanted
        WHERE event_date_id = :event_date_id AND seat_row.row_id = wanted.row_id
            AND (waitlist_first, accessible_first) <> (wanted.general, wanted.accessible)
        """
    ).bindparams(_DATE)
)
ACCESSIBLE_WAITED = Statement(
    text(
        """
        SELECT DISTINCT category.id AS category_id
        FROM event_date
        JOIN event ON event.id = event_date.event_id AND event.waitlist <> 'OFF'
        JOIN waitlist_entry AS entry
            ON entry.event_date_id = event_date.id AND entry.state IN ('WAITING', 'HOLDING')
        JOIN ticket_type ON ticket_type.event_id = event.id
            AND ticket_type.state = 'ACTIVE' AND ticket_type.kind = 'ADMISSION'
            AND NOT ticket_type.needs_code
            AND (entry.type_ids = '{}' OR ticket_type.id = ANY(entry.type_ids))
        CROSS JOIN LATERAL unnest(ticket_type.category_ids) AS category(id)
        WHERE event_date.id = :event_date_id AND entry.accessible > 0
        """
    ).bindparams(_DATE)
)


@dataclass(frozen=True)
class PublicSeats:
    """The seats that the public sale can take of categories whose rows are locked."""

    general: Collection[UUID]  # categories that have some
    accessible: Mapping[UUID, int]  # by category, of those that have any on the date

    def are_left(self, category_ids: Collection[UUID], *, accessible: bool) -> bool:
        if accessible:
            return any(self.accessible.get(id, 0) for id in category_ids)
        return any(id in self.general for id in category_ids)


async def lock_public_seats(
    unit: UnitOfWork, event_date_id: UUID, category_ids: Collection[UUID], *, accessible: bool
) -> PublicSeats:
    """Lock the rows of categories: sales in progress end before, others wait."""
    if not category_ids:
        return PublicSeats((), {})
    connection = await connection_of(unit)
    given = {"event_date_id": event_date_id, KEYS: sorted(category_ids)}
    rows = await LOCK.fetch(connection, **given)
    general = {row.category_id for row in rows if row.sizes and not row.waitlist_first}
    counted = await ACCESSIBLE.fetch(connection, **given) if accessible else []
    return PublicSeats(general, {row["category_id"]: row["left"] for row in counted})


async def find_accessible_waited(unit: UnitOfWork, event_date_id: UUID) -> set[UUID]:
    """Return the categories of a date whose accessible seats some wait for, or hold."""
    rows = await ACCESSIBLE_WAITED.fetch(await connection_of(unit), event_date_id=event_date_id)
    return {row["category_id"] for row in rows}


async def close_rows(
    unit: UnitOfWork,
    event_date_id: UUID,
    *,
    general: Collection[UUID],
    accessible: Collection[UUID],
) -> None:
    """Close the locked rows of categories to the public sale, for those who begin to wait."""
    if general or accessible:
        await CLOSE.execute(
            await connection_of(unit),
            event_date_id=event_date_id,
            general=sorted(general),
            accessible=sorted(accessible),
        )


async def lock_waited_rows(unit: UnitOfWork, event_date_id: UUID) -> Sequence[SeatRow]:
    """Lock the rows of a date that are closed to the public sale, or that some wait for."""
    return await LOCK_WAITED.fetch(await connection_of(unit), event_date_id=event_date_id)


async def count_free(
    unit: UnitOfWork, event_date_ids: Collection[UUID], category_ids: Collection[UUID]
) -> Mapping[UUID, FreeSeats]:
    """Count the free seats of categories by row, for each date."""
    given = {"dates": sorted(event_date_ids), KEYS: sorted(category_ids)}
    rows = await FREE.fetch(await connection_of(unit), **given) if category_ids else []
    found: dict[UUID, list[FreeRow]] = {id: [] for id in event_date_ids}
    for row in rows:
        of_date, *values = row.values()
        found[of_date].append(FreeRow(*values))
    return {id: FreeSeats(of_date) for id, of_date in found.items()}


async def settle_rows(unit: UnitOfWork, event_date_id: UUID) -> None:
    """Close the rows of a date that some wait for, and open the others. The date is locked."""
    if await lock_waited_rows(unit, event_date_id):
        await SYNC.execute(await connection_of(unit), event_date_id=event_date_id)
