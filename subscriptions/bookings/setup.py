"""Changes of the services, resources, closures and cancellation policies of a vendor."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from core.ids import global_id
from dataloaders.bookings.services import (
    closure_by_id,
    policy_by_id,
    resource_by_id,
    service_by_id,
)
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.bookings.setting_up.changes import BookingSetupChange
from schema.bookings.setting_up.policies import CancellationPolicy
from schema.bookings.setting_up.resources import Resource
from schema.bookings.setting_up.schedules import Closure
from schema.bookings.setting_up.services import Service
from services.bookings.setting_up.entries import (
    ClosureChanged,
    PolicyChanged,
    ResourceChanged,
    ServiceChanged,
)
from services.journal.queries import JournalRecord
from services.journal.topics import agenda_topic
from subscriptions.vendor_source import VendorSource

VendorId = Annotated[UUID, id_of("Vendor", "A vendor whose bookings the viewer sees.")]


@strawberry.type
class BookingSetupSubscription:
    @subscription(
        "Changes of the services, resources, schedules, closures and cancellation policies of a"
        " vendor, for members with the STAFF role or higher. Start with the `cursor` of `agenda`"
        " that was read before the lists, and resume with the last one."
    )
    async def booking_setup_changes(
        self, info: Info, vendor_id: VendorId, after: Resume = None
    ) -> AsyncGenerator[BookingSetupChange, None]:
        return await subscribe_to_journal(info, BookingSetupSource(vendor_id), after)


async def _of_service(
    loaders: Loaders, record: JournalRecord[ServiceChanged], cursor: str
) -> BookingSetupChange:
    service = await loaders[service_by_id].load(record.entry.service_id)
    return BookingSetupChange(cursor=cursor, service=Service.wrap_optional(service))


async def _of_resource(
    loaders: Loaders, record: JournalRecord[ResourceChanged], cursor: str
) -> BookingSetupChange:
    resource = await loaders[resource_by_id].load(record.entry.resource_id)
    return BookingSetupChange(cursor=cursor, resource=Resource.wrap_optional(resource))


async def _of_closure(
    loaders: Loaders, record: JournalRecord[ClosureChanged], cursor: str
) -> BookingSetupChange:
    id = record.entry.closure_id
    closure = await loaders[closure_by_id].load(id)
    removed = None if closure else strawberry.ID(global_id("Closure", id))
    return BookingSetupChange(
        cursor=cursor, closure=Closure.wrap_optional(closure), removed_id=removed
    )


async def _of_policy(
    loaders: Loaders, record: JournalRecord[PolicyChanged], cursor: str
) -> BookingSetupChange:
    id = record.entry.policy_id
    policy = await loaders[policy_by_id].load(id)
    removed = None if policy else strawberry.ID(global_id("CancellationPolicy", id))
    return BookingSetupChange(
        cursor=cursor, policy=CancellationPolicy.wrap_optional(policy), removed_id=removed
    )


@dataclass(frozen=True)
class BookingSetupSource(VendorSource[BookingSetupChange]):
    """The set-up of the bookings of a vendor, the same for all members."""

    permission: ClassVar = Permission.SEE_BOOKINGS
    changes: ClassVar[Any] = {
        ServiceChanged: _of_service,
        ResourceChanged: _of_resource,
        ClosureChanged: _of_closure,
        PolicyChanged: _of_policy,
    }

    @property
    def topics(self) -> Sequence[str]:
        return [agenda_topic(self.vendor_id)]

    def checkpoint(self, cursor: str) -> BookingSetupChange:
        return BookingSetupChange(cursor=cursor)
