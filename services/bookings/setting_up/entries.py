"""Journal entries of what the agenda of a vendor is made of."""

from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import agenda_topic


@dataclass(frozen=True)
class ServiceChanged(Entry, kind="service.changed"):
    """A service, its needs, its resources or its policy were created or changed."""

    service_id: UUID


@dataclass(frozen=True)
class ResourceChanged(Entry, kind="resource.changed"):
    """A resource, its schedules or its day overrides were created, changed or removed."""

    resource_id: UUID


@dataclass(frozen=True)
class ClosureChanged(Entry, kind="closure.changed"):
    """A closure was created or removed."""

    closure_id: UUID


@dataclass(frozen=True)
class PolicyChanged(Entry, kind="cancellation_policy.changed"):
    """A cancellation policy was created, changed or removed."""

    policy_id: UUID


@dataclass(frozen=True)
class TimeBlockChanged(Entry, kind="time_block.changed"):
    """A time of a resource was blocked, or is not any more."""

    block_id: UUID
    resource_id: UUID


def announce(unit: UnitOfWork, vendor_id: UUID, entry: Entry) -> None:
    """Append a change to the vendor's agenda."""
    journal.append(unit, entry, to=[agenda_topic(vendor_id)])
