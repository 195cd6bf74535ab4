"""The outcomes of all scans of a ticket on a list, whatever the order in which they arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.events.check_in import Attendance, CheckInList, ScanReason
from models.events.scans import Scan, ScanMode, in_order, outcome_of
from models.events.tickets import Ticket, TicketState, TicketTransfer, TransferState


@dataclass(frozen=True)
class TicketHistory:
    """A ticket with what was true of it in the past: scans without a network arrive later.

    `superseded` are the times at which the generations ended that it had before.
    """

    ticket: Ticket
    superseded: Mapping[int, datetime] = field(default_factory=dict)
    transfers: Sequence[tuple[datetime, datetime | None]] = ()

    @classmethod
    def of(cls, ticket: Ticket, transfers: Sequence[TicketTransfer]) -> "TicketHistory":
        superseded = {
            one.generation: one.ended_at
            for one in transfers
            if one.state is TransferState.ACCEPTED and one.ended_at is not None
        }
        if ticket.state is TicketState.CANCELLED and ticket.cancelled_at is not None:
            superseded[ticket.generation - 1] = ticket.cancelled_at
        return cls(ticket, superseded, [(one.created_at, one.ended_at) for one in transfers])

    def was_in_transfer(self, moment: datetime) -> bool:
        return any(
            begun <= moment and (ended is None or moment < ended) for begun, ended in self.transfers
        )


def fold(
    door: CheckInList, history: TicketHistory, scans: Sequence[Scan]
) -> tuple[Attendance, list[UUID]]:
    """Settle the outcomes of a ticket's scans on a list. Returns the ids of those that changed.

    Scans that were RED or are voided change nothing. The server itself decided that an online scan
    is not refused, so its entries alone decide now.
    """
    known, changed = Attendance(), []
    for scan in in_order(scans):
        if not scan.counts:
            continue
        reason = _refusal(door, history, scan)
        if reason is None:
            outcome, reason = door.verdict(known, scan.direction, scan.moment)
        else:
            outcome = outcome_of(reason)
        known = known.after(outcome, scan.moment)
        if scan.settle(outcome, reason):
            changed.append(scan.id)
    return known, changed


def _refusal(door: CheckInList, history: TicketHistory, scan: Scan) -> ScanReason | None:
    if scan.mode is ScanMode.ONLINE:
        return None
    generation = scan.generation or history.ticket.generation
    return door.refuses(
        history.ticket,
        generation,
        scan.moment,
        in_transfer=history.was_in_transfer(scan.moment),
        superseded_at=history.superseded.get(generation),
    )
