"""Changes of bookings: of those of the viewer, and of one of a vendor."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from dataloaders.bookings.booked import booking_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import optional_id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.errors import NotFound
from models.members import Permission
from schema.bookings.bookings import Booking, BookingChange
from services.bookings.entries import BookingUpdated
from services.bookings.holding.access import find_parties
from services.journal.queries import JournalRecord
from services.journal.topics import agenda_topic
from subscriptions.own_source import OwnSource
from subscriptions.vendor_source import VendorSource

OneBooking = Annotated[
    UUID | None,
    optional_id_of("Booking", "One booking. Defaults to all of the viewer's own."),
]


@strawberry.type
class BookingSubscription:
    @subscription(
        "Changes of the viewer's bookings, or of one booking that the viewer sees. Resume with the"
        " last `cursor`."
    )
    async def booking_status(
        self, info: Info, booking_id: OneBooking = None, after: Resume = None
    ) -> AsyncGenerator[BookingChange, None]:
        user_id = info.context.viewer.require_user()
        if booking_id is None:
            return await subscribe_to_journal(info, OwnBookingsSource(user_id, None), after)
        async with info.context.read_session() as session:
            customer_id, vendor_id = await find_parties(session, booking_id)
        if customer_id == user_id:
            return await subscribe_to_journal(info, OwnBookingsSource(user_id, booking_id), after)
        if vendor_id is None:
            raise NotFound
        return await subscribe_to_journal(info, VendorBookingSource(vendor_id, booking_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[BookingUpdated], cursor: str
) -> BookingChange:
    booking = await loaders[booking_by_id].load(record.entry.booking_id)
    return BookingChange(cursor=cursor, booking=Booking.wrap_optional(booking))


def _is_of(record: JournalRecord[Any], booking_id: UUID | None) -> bool:
    return booking_id is None or booking_id == getattr(record.entry, "booking_id", None)


@dataclass(frozen=True)
class OwnBookingsSource(OwnSource[BookingChange]):
    """The bookings of a user, or one of them, the same on all their devices."""

    booking_id: UUID | None
    changes: ClassVar[Any] = {BookingUpdated: _changed}

    def includes(self, record: JournalRecord[Any]) -> bool:
        return super().includes(record) and _is_of(record, self.booking_id)

    def checkpoint(self, cursor: str) -> BookingChange:
        return BookingChange(cursor=cursor)


@dataclass(frozen=True)
class VendorBookingSource(VendorSource[BookingChange]):
    """One booking of a vendor, the same for all members."""

    booking_id: UUID
    permission: ClassVar = Permission.SEE_BOOKINGS
    changes: ClassVar[Any] = {BookingUpdated: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [agenda_topic(self.vendor_id)]

    def includes(self, record: JournalRecord[Any]) -> bool:
        return super().includes(record) and _is_of(record, self.booking_id)

    def checkpoint(self, cursor: str) -> BookingChange:
        return BookingChange(cursor=cursor)
