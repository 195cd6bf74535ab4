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
class CheckInChanged(Entry, kind="check_in.changed"):
    """A check-in list, its gates or the attendance on it have changed."""

    list_id: UUID


@dataclass(frozen=True)
class CheckInConflict(Entry, kind="check_in.conflict"):
    """A scan that was GREEN at the gate turned out to be wrong, or not to be."""

    list_id: UUID
    scan_id: UUID
