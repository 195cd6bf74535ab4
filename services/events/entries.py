"""Journal entries of events and tickets."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry, Ids

NONE = Ids()


@dataclass(frozen=True)
class EventChanged(Entry, kind="event.changed"):
    """An event, its dates, its ticket types or its quotas were created or changed."""

    event_id: UUID


@dataclass(frozen=True)
class HoldChanged(Entry, kind="ticket_hold.changed"):
    """A hold was made, changed or has ended."""

    hold_id: UUID


@dataclass(frozen=True)
class TicketChanged(Entry, kind="ticket.changed"):
    """A ticket was issued, named, cancelled or transferred."""

    ticket_id: UUID


@dataclass(frozen=True)
class TransferChanged(Entry, kind="ticket_transfer.changed"):
    """A transfer of a ticket was made, or has ended."""

    transfer_id: UUID


@dataclass(frozen=True)
class DatePulsed(Entry, kind="event_date.pulsed"):
    """Changes of a date in the last 250 ms, folded into one entry.

    `row_ids` are rows of seats, `quota_ids` quotas, and `ticket_ids` the last tickets sold.
    """

    event_date_id: UUID
    row_ids: Ids = NONE
    quota_ids: Ids = NONE
    ticket_ids: Ids = NONE
    scans: int = 0


@dataclass(frozen=True)
class CheckInChanged(Entry, kind="check_in.changed"):
    """A check-in list, its gates or the attendance on it have changed."""

    list_id: UUID


@dataclass(frozen=True)
class CheckInConflict(Entry, kind="check_in.conflict"):
    """A scan that was GREEN at the gate turned out to be wrong, or not to be."""

    list_id: UUID
    scan_id: UUID


@dataclass(frozen=True)
class WaitlistEntryChanged(Entry, kind="waitlist_entry.changed"):
    """An entry of a waitlist was made, got a hold, or has ended."""

    entry_id: UUID


@dataclass(frozen=True)
class SaleQueueChanged(Entry, kind="sale_queue.changed"):
    """A queue was opened, paused or ended, or has called more users."""

    queue_id: UUID
