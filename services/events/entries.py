"""Journal entries of events and tickets."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class EventChanged(Entry, kind="event.changed"):
    """An event, its dates, its ticket types or its quotas were created or changed."""

    event_id: UUID


@dataclass(frozen=True)
class HoldChanged(Entry, kind="ticket_hold.changed"):
    """A hold was made, changed or has ended."""

    hold_id: UUID


@dataclass(frozen=True)
class WaitlistEntryChanged(Entry, kind="waitlist_entry.changed"):
    """An entry of a waitlist was made, got a hold, or has ended."""

    entry_id: UUID


@dataclass(frozen=True)
class SaleQueueChanged(Entry, kind="sale_queue.changed"):
    """A queue was opened, paused or ended, or has called more users."""

    queue_id: UUID
