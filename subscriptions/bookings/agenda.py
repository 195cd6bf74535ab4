"""Changes in the agenda of a vendor."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from core.errors import BadInput
from dataloaders.bookings.booked import booking_by_id, resources_of_booking
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of, optional_ids_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.bookings.agenda import AgendaChange
from schema.bookings.bookings import Booking
from services.bookings.agenda.access import MAX_AGENDA_RESOURCES
from services.bookings.entries import BookingUpdated
from services.bookings.setting_up.entries import (
    ClosureChanged,
    ResourceChanged,
    ServiceChanged,
    TimeBlockChanged,
)
from services.journal.queries import JournalRecord
from services.journal.topics import agenda_topic
from subscriptions.vendor_source import VendorSource

VendorId = Annotated[UUID, id_of("Vendor", "A vendor whose bookings the viewer sees.")]
ResourceIds = Annotated[
    list[UUID] | None,
    optional_ids_of("Resource", "The resources of the lanes that are followed. Defaults to all."),
]


@strawberry.type
class AgendaSubscription:
    @subscription(
        "Changes in the agenda of a vendor, for members with the STAFF role or higher. Read"
        " `agenda` or `arrivals` first, start with its `cursor`, and resume with the last one."
    )
    async def agenda_changes(
        self,
        info: Info,
        vendor_id: VendorId,
        resource_ids: ResourceIds = None,
        after: Resume = None,
    ) -> AsyncGenerator[AgendaChange, None]:
        if resource_ids is not None and len(resource_ids) > MAX_AGENDA_RESOURCES:
            raise BadInput("Choose at most {most}.", most=MAX_AGENDA_RESOURCES)
        followed = None if resource_ids is None else frozenset(resource_ids)
        return await subscribe_to_journal(info, AgendaSource(vendor_id, followed), after)


async def _of_booking(
    loaders: Loaders, record: JournalRecord[BookingUpdated], cursor: str
) -> AgendaChange:
    booking = await loaders[booking_by_id].load(record.entry.booking_id)
    return AgendaChange(cursor=cursor, booking=Booking.wrap_optional(booking), in_lanes=True)


async def _refetch(_: Loaders, __: JournalRecord[Any], cursor: str) -> AgendaChange:
    return AgendaChange(cursor=cursor, refetch=True)


@dataclass(frozen=True)
class AgendaSource(VendorSource[AgendaChange]):
    """The agenda of a vendor, the same for all members who follow the same lanes.

    All changes of bookings are sent: one that has left a lane is removed from it.
    """

    resource_ids: frozenset[UUID] | None
    permission: ClassVar = Permission.SEE_BOOKINGS
    changes: ClassVar[Any] = {
        BookingUpdated: _of_booking,
        ServiceChanged: _refetch,
        ResourceChanged: _refetch,
        ClosureChanged: _refetch,
        TimeBlockChanged: _refetch,
    }

    @property
    def topics(self) -> Sequence[str]:
        return [agenda_topic(self.vendor_id)]

    def includes(self, record: JournalRecord[Any]) -> bool:
        """Include all but changes of resources that are not followed."""
        if isinstance(record.entry, ResourceChanged | TimeBlockChanged):
            return self.resource_ids is None or record.entry.resource_id in self.resource_ids
        return super().includes(record)

    async def change(
        self, loaders: Loaders, record: JournalRecord[Any], cursor: str
    ) -> AgendaChange:
        change = await super().change(loaders, record, cursor)
        if change.booking is not None and self.resource_ids is not None:
            used = await loaders[resources_of_booking].load(record.entry.booking_id)
            change.in_lanes = any(one.resource_id in self.resource_ids for one in used)
        return change

    def checkpoint(self, cursor: str) -> AgendaChange:
        return AgendaChange(cursor=cursor)
