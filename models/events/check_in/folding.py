"""The outcomes of all scans of a ticket on a list, whatever the order in which they arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.events.check_in.lists import Attendance, CheckInList, ScanOutcome, ScanReason
from models.events.check_in.scans import Scan, ScanAnomaly, ScanMode, in_order, outcome_of
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import Ticket, TicketState, TicketTransfer, TransferState


@dataclass(frozen=True)
class TicketHistory:
    """A ticket with what was true of it in the past: scans without a network arrive later.

    `superseded` are the times at which the generations ended that it had before.
    """

    ticket: Ticket
    kind: TicketTypeKind
    superseded: Mapping[int, datetime] = field(default_factory=dict)
    transfers: Sequence[tuple[datetime, datetime | None]] = ()

    @classmethod
    def of(
        cls, ticket: Ticket, kind: TicketTypeKind, transfers: Sequence[TicketTransfer]
    ) -> "TicketHistory":
        superseded = {
            one.generation: one.ended_at
            for one in transfers
            if one.state is TransferState.ACCEPTED and one.ended_at is not None
        }
        if ticket.state is TicketState.CANCELLED and ticket.cancelled_at is not None:
            superseded[ticket.generation - 1] = ticket.cancelled_at
        pending = [(one.created_at, one.ended_at) for one in transfers]
        return cls(ticket, kind, superseded, pending)

    def was_in_transfer(self, moment: datetime) -> bool:
        return any(
            begun <= moment and (ended is None or moment < ended) for begun, ended in self.transfers
        )


class Settled(NamedTuple):
    """The outcome of a scan that differs from what is stored."""

    id: UUID
    outcome: ScanOutcome
    reason: ScanReason
    anomaly: ScanAnomaly | None


def fold(
    door: CheckInList, history: TicketHistory, scans: Sequence[Scan]
) -> tuple[Attendance, list[Settled]]:
    """Return the attendance of a ticket by all its scans on a list, and the outcomes that differ.

    Scans that were RED or are voided change nothing. The server itself decided that an online scan
    is not refused, so its entries alone decide now.
    """
    known, settled = Attendance(), []
    for scan in in_order(scans):
        if not scan.counts:
            continue
        reason = _refusal(door, history, scan)
        if reason is None:
            outcome, reason = door.verdict(known, scan.direction, scan.moment)
        else:
            outcome = outcome_of(reason)
        known = known.after(outcome, scan.moment)
        found = Settled(scan.id, outcome, reason, scan.anomaly_of(reason))
        if found != (scan.id, scan.outcome, scan.reason, scan.anomaly):
            settled.append(found)
    return known, settled


def _refusal(door: CheckInList, history: TicketHistory, scan: Scan) -> ScanReason | None:
    if scan.mode is ScanMode.ONLINE:
        return None
    generation = scan.generation or history.ticket.generation
    return door.refuses(
        history.ticket,
        history.kind,
        generation,
        scan.moment,
        in_transfer=history.was_in_transfer(scan.moment),
        superseded_at=history.superseded.get(generation),
    )
