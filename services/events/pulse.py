"""The pulse: changes of a date that many make at once, folded into one journal entry.

Sales and scans append to `event_change`, which takes no lock that others wait for. The journal's
topic of the event would: its row is updated by each transaction that writes to it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import connection_of
from models.events.changes import EventChangeKind
from models.events.check_in.scans import Scan
from models.events.dates import EventDate
from models.events.seats.seat_maps import SeatPlace
from services.events.entries import CheckInChanged, DatePulsed
from services.journal import append as journal
from services.journal.entries import Ids
from services.journal.topics import check_in_topic, event_topic

PULSE_SECONDS = 0.25
MAX_DATES = 100  # of a round; others follow in the next one
MAX_ROWS = 500  # of an entry
MAX_TICKETS = 20
_DATE = bindparam("event_date_id", type_=Uuid())
CHANGED = Statement(
    text("SELECT DISTINCT event_date_id FROM event_change LIMIT :most").bindparams(most=MAX_DATES)
)
# One process at a time folds a date: entries stay in the order of their changes.
TRY_LOCK = Statement(
    text(
        """
        SELECT pg_try_advisory_xact_lock(
            hashtextextended(CAST(CAST(:event_date_id AS uuid) AS text), 0)
        ) AS held
        """
    ).bindparams(_DATE)
)
# Only what no transaction in progress can precede: a later commit of an earlier transaction would
# otherwise be announced after a client has read the state without it, and moved its cursor on.
TAKE = Statement(
    text(
        """
        WITH gone AS (
            DELETE FROM event_change
            WHERE event_date_id = :event_date_id
                AND xid < pg_snapshot_xmin(pg_current_snapshot())
            RETURNING id, kind, ids
        )
        SELECT kind, ids FROM gone ORDER BY id
        """
    ).bindparams(_DATE)
)
ROWS_OF_SEATS = Statement(
    select(col(SeatPlace.row_id))
    .distinct()
    .where(col(SeatPlace.event_date_id) == _DATE, any_of(col(SeatPlace.seat_id)))
    .order_by(col(SeatPlace.row_id))
)
LISTS_OF_SCANS = Statement(
    select(col(Scan.list_id)).distinct().where(any_of(col(Scan.id))).order_by(col(Scan.list_id))
)
COUNT = Statement(
    text(
        """
        UPDATE event_date SET
            stat_held = (
                SELECT coalesce(sum(line.quantity * line.admits), 0)
                FROM ticket_hold AS hold JOIN hold_line AS line ON line.hold_id = hold.id
                WHERE hold.event_date_id = event_date.id AND hold.state IN ('OPEN', 'CHECKOUT')
            ),
            stat_sold = valid.sold,
            stat_revenue = valid.revenue,
            stat_checked_in = (
                SELECT count(DISTINCT ticket_id)
                FROM ticket_presence JOIN check_in_list ON check_in_list.id = list_id
                WHERE check_in_list.event_date_id = event_date.id AND entries > 0
            ),
            stat_at = now()
        FROM (
            SELECT count(*) AS sold, coalesce(sum(price), 0) AS revenue
            FROM ticket WHERE event_date_id = :event_date_id AND state = 'VALID'
        ) AS valid
        WHERE event_date.id = :event_date_id
        """
    ).bindparams(_DATE)
)


async def find_changed(session: AsyncSession) -> list[UUID]:
    """Return dates with changes that were not announced yet."""
    return [row["event_date_id"] for row in await CHANGED.fetch(await connection_of(session))]


async def pulse(session: AsyncSession, event_date_id: UUID) -> bool:
    """Fold the changes of a date. Returns whether there were any that can be announced.

    Another process that folds the date at this moment is not waited for.
    """
    connection = await connection_of(session)
    given = {"event_date_id": event_date_id}
    (lock,) = await TRY_LOCK.fetch(connection, **given)
    if not lock["held"]:
        return False
    changes = await TAKE.fetch(connection, **given)
    if not changes:
        return False
    found: dict[str, list[UUID]] = {kind: [] for kind in EventChangeKind}
    for change in changes:
        found[change["kind"]] += change["ids"]
    seats = found[EventChangeKind.SEATS]
    rows = await ROWS_OF_SEATS.fetch(connection, **given, **{KEYS: seats}) if seats else []
    await COUNT.execute(connection, **given)
    await _announce(session, event_date_id, [row["row_id"] for row in rows], found)
    await _announce_scans(session, found[EventChangeKind.SCANS])
    return True


async def _announce(
    session: AsyncSession,
    event_date_id: UUID,
    row_ids: Sequence[UUID],
    found: dict[str, list[UUID]],
) -> None:
    """Append an entry, or several if very many rows have changed."""
    event_id = (
        await session.exec(select(EventDate.event_id).where(EventDate.id == event_date_id))
    ).one()
    for at in range(0, max(len(row_ids), 1), MAX_ROWS):
        first = at == 0
        entry = DatePulsed(
            event_date_id,
            row_ids=Ids(row_ids[at : at + MAX_ROWS]),
            quota_ids=Ids(sorted(set(found[EventChangeKind.QUOTAS])) if first else ()),
            ticket_ids=Ids(found[EventChangeKind.SOLD][-MAX_TICKETS:] if first else ()),
            scans=len(found[EventChangeKind.SCANS]) if first else 0,
        )
        journal.append(session, entry, to=[event_topic(event_id)])


async def _announce_scans(session: AsyncSession, scan_ids: Sequence[UUID]) -> None:
    """Append an entry for each check-in list whose attendance may have changed."""
    if not scan_ids:
        return
    connection = await connection_of(session)
    for row in await LISTS_OF_SCANS.fetch(connection, **{KEYS: scan_ids}):
        list_id = row["list_id"]
        journal.append(session, CheckInChanged(list_id), to=[check_in_topic(list_id)])
