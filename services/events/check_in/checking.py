"""Checking a ticket in with a network: the outcome is data, and every attempt is stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from core.ids import new_id
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_row
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.errors import IdempotencyKeyReused
from models.events.changes import EventChangeKind
from models.events.check_in.drafts import ScanDraft
from models.events.check_in.folding import TicketHistory
from models.events.check_in.lists import ScanOutcome, ScanReason
from models.events.check_in.scans import Scan, ScanLight, ScanMode, outcome_of
from services.events.announcing import record_change
from services.events.check_in.desk import ScanDesk, ensure_gates, open_desk, read_clock
from services.events.check_in.presenting import Presented, read_presented
from services.events.check_in.repeats import hash_presented, repeats
from services.events.check_in.scanner_use import note_seen
from services.events.check_in.tickets import (
    find_attendance,
    find_histories,
    lock_tickets,
    set_attendance,
)
from services.viewer import Viewer

GREEN = frozenset({ScanOutcome.ADMITTED, ScanOutcome.LEFT})
STORED = Statement(
    select(*columns_of(Scan)).where(
        col(Scan.scanner_id) == bindparam("scanner_id"),
        col(Scan.scan_id) == bindparam("scan_id"),
    ),
    Scan,
)


async def check_in(
    unit: PreparedTransaction,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    list_id: UUID,
    scanner_key: str,
    draft: ScanDraft,
) -> Scan:
    """Check a ticket in or out, once per id of the scanner. Every attempt is stored.

    So a refused one is returned and not raised, which would roll it back. Two gates with one ticket
    wait for each other at the ticket. Raises `NotFound`, `ScannerRevoked`, `CheckInListArchived`
    and, for an id of another scan, `IdempotencyKeyReused`.
    """
    desk = await open_desk(unit, viewer, list_id, scanner_key)
    stored = await STORED.fetch_one(
        unit.connection, scanner_id=desk.scanner.id, scan_id=draft.scan_id
    )
    if stored is not None:
        if not repeats(draft, list_id, stored):
            raise IdempotencyKeyReused
        return stored
    desk.door.ensure_open()
    await ensure_gates(unit, list_id, [draft.gate_id])
    presented = read_presented(keys, desk.door, draft)
    tickets = await lock_tickets(unit.connection, desk.door, [presented])
    histories = await find_histories(unit.connection, tickets)
    moment = await read_clock(unit)
    history = next(iter(histories.values()), None)
    scan = await _decide(unit, desk, draft, presented, history, moment)
    await insert_row(unit.connection, scan)
    await note_seen(unit, desk.scanner, moment)
    await record_change(unit, desk.door.event_date_id, EventChangeKind.SCANS, [scan.id])
    return scan


async def _decide(
    unit: PreparedTransaction,
    desk: ScanDesk,
    draft: ScanDraft,
    presented: Presented,
    history: TicketHistory | None,
    moment: datetime,
) -> Scan:
    """Return the scan with its outcome, and store the attendance if it has changed."""
    door = desk.door
    generation = presented.generation
    reason = presented.reason or ScanReason.UNKNOWN
    if history is not None:
        generation = generation or history.ticket.generation
        reason = await _admit(unit, desk, draft, history, generation, moment)
    outcome = outcome_of(reason)
    return Scan(
        id=new_id(),
        created_at=moment,
        scanner_id=desk.scanner.id,
        list_id=door.id,
        member_id=desk.member_id,
        ticket_id=history.ticket.id if history else None,
        generation=generation,
        mode=ScanMode.ONLINE,
        received_at=moment,
        moment=moment,
        shown=ScanLight.GREEN if outcome in GREEN else ScanLight.RED,
        outcome=outcome,
        reason=reason,
        presented_hash=hash_presented(draft),
        **draft.model_dump(include={"scan_id", "seq", "gate_id", "direction", "scanned_at"}),
    )


async def _admit(
    unit: PreparedTransaction,
    desk: ScanDesk,
    draft: ScanDraft,
    history: TicketHistory,
    generation: int,
    moment: datetime,
) -> ScanReason:
    """Let a ticket of the date in or out, unless the list refuses it, and return why or why not."""
    door, ticket = desk.door, history.ticket
    in_transfer = history.was_in_transfer(moment)
    refused = door.refuses(ticket, history.kind, generation, moment, in_transfer=in_transfer)
    if refused is not None:
        return refused
    known = await find_attendance(unit.connection, door.id, ticket.id)
    outcome, reason = door.verdict(known, draft.direction, moment)
    after = known.after(outcome, moment)
    if after != known:
        await set_attendance(unit.connection, door.id, {ticket.id: after})
    return reason
