"""Scans that were made without a network: stored later, in any order, with the same end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, select

from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_rows
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction, UnitOfWork
from models.events.changes import EventChangeKind
from models.events.check_in.drafts import OfflineScanDraft, SyncDraft
from models.events.check_in.lists import ScanReason
from models.events.check_in.scanners import MAX_CLOCK_OFFSET_MS, Scanner
from models.events.check_in.scans import Scan, ScanLight, ScanMode, outcome_of
from models.events.tickets import Ticket
from services.events.announcing import record_change
from services.events.check_in.desk import ScanDesk, ensure_gates, open_desk, read_clock
from services.events.check_in.presenting import Presented, read_presented
from services.events.check_in.repeats import ensure_same, hash_presented
from services.events.check_in.scanner_use import SEEN
from services.events.check_in.tickets import find_histories, fold_scans, lock_tickets
from services.events.entries import CheckInConflict
from services.journal import append as journal
from services.journal.topics import check_in_topic
from services.viewer import Viewer

STORED = Statement(
    select(*columns_of(Scan)).where(
        col(Scan.scanner_id) == bindparam("scanner_id"),
        col(Scan.scan_id) == any_(bindparam("scan_ids", type_=ARRAY(Uuid()))),
    ),
    Scan,
)


@dataclass(frozen=True)
class _Reception:
    """Where and when scans were received: what is the same for all of a synchronization."""

    desk: ScanDesk
    scanner: Scanner
    moment: datetime


async def sync_scans(
    unit: PreparedTransaction,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    list_id: UUID,
    scanner_key: str,
    draft: SyncDraft,
) -> Sequence[Scan]:
    """Store scans that a scanner made without a network, each once, and return them in their order.

    All scans of their tickets are folded from scratch, so that the end is the same whatever the
    order in which scanners send theirs. An archived list takes scans, too. Raises `NotFound`,
    `ScannerRevoked` and, for an id of another scan, `IdempotencyKeyReused`.
    """
    desk = await open_desk(unit, viewer, list_id, scanner_key)
    await ensure_gates(unit, list_id, [one.gate_id for one in draft.scans])
    wanted = {"scanner_id": desk.scanner.id, "scan_ids": [one.scan_id for one in draft.scans]}
    known = {one.scan_id: one for one in await STORED.fetch(unit.connection, **wanted)}
    ensure_same(list_id, draft, known)
    fresh = {one.scan_id: one for one in draft.scans if one.scan_id not in known}
    presented = {id: read_presented(keys, desk.door, one) for id, one in fresh.items()}
    tickets = await lock_tickets(unit.connection, desk.door, [*presented.values()])
    moment = await read_clock(unit)
    scanner = await _set_clock(unit, desk.scanner, draft.clock, moment)
    at = _Reception(desk, scanner, moment)
    added = [_scan(at, one, presented[id], tickets) for id, one in fresh.items()]
    histories = await find_histories(unit.connection, tickets)
    changed = await fold_scans(unit.connection, desk.door, histories, added)
    await insert_rows(unit.connection, added)
    await announce_scans(unit, desk.door.event_date_id, list_id, added, changed)
    stored = {one.scan_id: one for one in await STORED.fetch(unit.connection, **wanted)}
    return [stored[one.scan_id] for one in draft.scans]


async def announce_scans(
    unit: UnitOfWork,
    event_date_id: UUID,
    list_id: UUID,
    added: Sequence[Scan],
    changed: Sequence[UUID],
) -> None:
    """Announce scans that are new and those whose outcome has changed, with their conflicts."""
    ids = [*(one.id for one in added), *changed]
    if not ids:
        return
    await record_change(unit, event_date_id, EventChangeKind.SCANS, ids)
    topics = [check_in_topic(list_id)]
    for id in [*(one.id for one in added if one.anomaly is not None), *changed]:
        journal.append(unit, CheckInConflict(list_id, id), to=topics)


async def _set_clock(
    unit: PreparedTransaction, scanner: Scanner, clock: datetime, moment: datetime
) -> Scanner:
    """Note by how much the scanner's clock is behind, for the scans of this synchronization."""
    behind = round((moment - clock).total_seconds() * 1000)
    offset = max(-MAX_CLOCK_OFFSET_MS, min(MAX_CLOCK_OFFSET_MS, behind))
    (seen,) = await SEEN.fetch(
        unit.connection, scanner_id=scanner.id, moment=moment, offset_ms=offset
    )
    return seen


def _scan(
    at: _Reception, draft: OfflineScanDraft, presented: Presented, tickets: Sequence[Ticket]
) -> Scan:
    """Return a scan. The outcome of a GREEN one of a ticket of the date is up to the fold."""
    ticket = next((one for one in tickets if presented.matches(one)), None)
    moment, wrong = at.scanner.moment_of(draft.scanned_at, at.moment)
    reason = presented.reason or ScanReason.UNKNOWN
    if draft.shown is ScanLight.RED:
        reason = draft.reason or reason
    scan = Scan(
        id=new_id(),
        created_at=at.moment,
        scanner_id=at.scanner.id,
        list_id=at.desk.door.id,
        member_id=at.desk.member_id,
        ticket_id=ticket.id if ticket else None,
        generation=presented.generation,
        mode=ScanMode.OFFLINE,
        received_at=at.moment,
        moment=moment,
        outcome=outcome_of(reason),
        reason=reason,
        clock_wrong=wrong,
        presented_hash=hash_presented(draft),
        **draft.model_dump(
            include={"scan_id", "seq", "gate_id", "direction", "scanned_at", "shown"}
        ),
    )
    scan.anomaly = scan.anomaly_of(reason)
    return scan
