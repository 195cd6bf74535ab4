"""Taking a scan back: a missed exit, a wrong gate, a scan by mistake."""

from uuid import UUID

from sqlalchemy import DateTime, String, bindparam
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import connection_of
from models.audit import AuditAct
from models.errors import NotFound
from models.events.check_in.scans import Scan
from models.events.tickets import Ticket
from services.audit import entries as audit
from services.events.check_in.access import access_managed_list
from services.events.check_in.desk import read_clock
from services.events.check_in.syncing import announce_scans
from services.events.check_in.tickets import find_histories, fold_scans
from services.viewer import Viewer

_SCAN = select(*columns_of(Scan)).where(col(Scan.id) == bindparam("id"))
FIND = Statement(_SCAN, Scan)
LOCK = Statement(for_change(_SCAN), Scan)
LOCK_TICKET = Statement(
    for_change(select(*columns_of(Ticket)).where(any_of(col(Ticket.id)))), Ticket
)
VOID = Statement(
    update(Scan)
    .where(col(Scan.id) == bindparam("id_"))
    .values(
        voided_at=bindparam("at", type_=DateTime(timezone=True)),
        voided_by_id=bindparam("member_id"),
        void_reason=bindparam("why", type_=String()),
    )
)


async def void_scan(session: AsyncSession, viewer: Viewer, *, scan_id: UUID, reason: str) -> Scan:
    """Take a scan back, and fold the others of its ticket. Raises `ScanVoided`."""
    member_id = viewer.require_user()
    connection = await connection_of(session)
    found = await FIND.fetch_one(connection, id=scan_id)
    if found is None:
        raise NotFound
    _, door = await access_managed_list(session, viewer, found.list_id)
    tickets: list[Ticket] = []
    if found.ticket_id is not None:
        tickets = await LOCK_TICKET.fetch(connection, **{KEYS: [found.ticket_id]})
    (scan,) = await LOCK.fetch(connection, id=scan_id)
    moment = await read_clock(session)
    scan.ensure_not_voided()
    await VOID.execute(connection, id_=scan.id, at=moment, member_id=member_id, why=reason)
    histories = await find_histories(connection, tickets)
    changed = await fold_scans(connection, door, histories)
    audit.append(session, viewer, AuditAct.VOID_SCAN, subject_id=scan.id)
    await announce_scans(session, door.event_date_id, door.id, [scan], changed)
    (voided,) = await LOCK.fetch(connection, id=scan_id)
    return voided
