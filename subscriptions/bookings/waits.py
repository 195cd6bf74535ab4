"""Changes of waits: of the viewer's own, and of those at a vendor."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from dataloaders.bookings.waits import wait_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import optional_id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.bookings.waits import BookingWait, BookingWaitChange
from services.bookings.waiting.entries import BookingWaitChanged
from services.journal.queries import JournalRecord
from services.journal.topics import agenda_topic
from subscriptions.own_source import OwnSource
from subscriptions.vendor_source import VendorSource

OfVendor = Annotated[
    UUID | None,
    optional_id_of("Vendor", "One vendor, for its members. Defaults to the viewer's own waits."),
]


@strawberry.type
class BookingWaitSubscription:
    @subscription(
        "Changes of the viewer's waits for times of services, or of those at a vendor for its"
        " members with the STAFF role or higher. Resume with the last `cursor`."
    )
    async def booking_wait_changes(
        self, info: Info, vendor_id: OfVendor = None, after: Resume = None
    ) -> AsyncGenerator[BookingWaitChange, None]:
        user_id = info.context.viewer.require_user()
        if vendor_id is None:
            return await subscribe_to_journal(info, OwnWaitsSource(user_id), after)
        return await subscribe_to_journal(info, VendorWaitsSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[BookingWaitChanged], cursor: str
) -> BookingWaitChange:
    wait = await loaders[wait_by_id].load(record.entry.wait_id)
    return BookingWaitChange(cursor=cursor, booking_wait=BookingWait.wrap_optional(wait))


@dataclass(frozen=True)
class OwnWaitsSource(OwnSource[BookingWaitChange]):
    """The waits of a user, the same on all their devices."""

    changes: ClassVar[Any] = {BookingWaitChanged: _changed}

    def checkpoint(self, cursor: str) -> BookingWaitChange:
        return BookingWaitChange(cursor=cursor)


@dataclass(frozen=True)
class VendorWaitsSource(VendorSource[BookingWaitChange]):
    """The waits at a vendor, the same for all members who see bookings."""

    permission: ClassVar = Permission.SEE_BOOKINGS
    changes: ClassVar[Any] = {BookingWaitChanged: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [agenda_topic(self.vendor_id)]

    def checkpoint(self, cursor: str) -> BookingWaitChange:
        return BookingWaitChange(cursor=cursor)
