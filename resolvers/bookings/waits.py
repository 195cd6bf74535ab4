"""Waitlists of services: joined and left by users, and listed for members."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.bookings import waits as rows
from models.bookings.bookings import BookingHoldExpired
from models.bookings.drafts import PetRequired
from models.bookings.setting_up.services import InvalidServiceState
from models.errors import KEYED, InvalidInput, NotFound
from models.pets.pets import PetArchived, PetNotTaken
from schema.bookings.bookings import BookingId
from schema.bookings.waits import (
    BookingWait,
    BookingWaitId,
    BookingWaitWhere,
    JoinBookingWaitlistInput,
    wait_filter,
)
from services.bookings.waiting import access, joining

OfVendor = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
Where = Annotated[BookingWaitWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class BookingWaitQuery:
    @connection(
        LiveConnection[BookingWait],
        "The viewer's waits for times of services, newest first. Subscription:"
        " `bookingWaitChanges`.",
    )
    def booking_waits(self, info: Info) -> Listing[Any]:
        return access.list_own_waits(info.context.viewer)

    @connection(
        LiveConnection[BookingWait],
        "Those who wait for a time at a vendor, the newest first. Empty for all but the vendor's"
        " members with the STAFF role or higher, and admins. Subscription: `bookingWaitChanges`.",
    )
    def booking_waitlist(
        self, info: Info, vendor_id: OfVendor, where: Where = None
    ) -> Listing[Any]:
        return access.list_waits_at(info.context.viewer, vendor_id, wait_filter(where))


@strawberry.type
class BookingWaitMutation:
    @mutation(
        booking_wait=BookingWait,
        raises=(
            InvalidInput,
            NotFound,
            InvalidServiceState,
            PetRequired,
            PetArchived,
            PetNotTaken,
            rows.TimesLeft,
            rows.BookingWaitExists,
            rows.BookingWaitLimit,
            *KEYED,
        ),
    )
    async def join_booking_waitlist(
        self, info: Info, input: JoinBookingWaitlistInput
    ) -> rows.BookingWait:
        """Wait for a time of a service while none that the user wants is free. One that becomes
        free is held for the user who has waited the longest.
        """
        async with info.context.transaction() as session:
            return await joining.join_waitlist(
                session,
                info.context.viewer,
                input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        booking_wait=BookingWait,
        raises=(NotFound, rows.InvalidBookingWaitState),
        repeatable="sets a state",
    )
    async def leave_booking_waitlist(
        self, info: Info, booking_wait_id: BookingWaitId
    ) -> rows.BookingWait:
        """Leave the waitlist of a service, and give back the time that is held for the wait."""
        async with info.context.transaction() as session:
            return await joining.leave_waitlist(
                session, info.context.viewer, wait_id=booking_wait_id
            )

    @mutation(
        booking_wait=BookingWait,
        raises=(NotFound, BookingHoldExpired),
        repeatable="sets a state",
    )
    async def decline_booking_waitlist_hold(
        self, info: Info, booking_id: BookingId
    ) -> rows.BookingWait:
        """Give back the time that is held for a wait. The next one gets it at once, and the user
        waits for another time.
        """
        async with info.context.transaction() as session:
            return await joining.decline_waitlist_hold(
                session, info.context.viewer, booking_id=booking_id
            )
