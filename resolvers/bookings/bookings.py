"""Bookings of customers: held, confirmed, moved and cancelled."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.bookings.booked import visible_booking
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.bookings import bookings as rows
from models.bookings import drafts
from models.bookings.claims import SlotTaken
from models.bookings.classes import MeetingFull
from models.bookings.intake import BookingAnswersMissing
from models.bookings.setting_up.services import InvalidServiceState
from models.bookings.slots import SlotNotOffered
from models.errors import KEYED, InvalidInput, NotFound
from models.payments.disputes import PaymentDisputed
from models.pets.pets import PetArchived, PetNotTaken
from models.vendors import VendorSuspended
from schema.bookings.bookings import (
    Booking,
    BookingId,
    BookingWhere,
    CancelBookingInput,
    HoldBookingInput,
    RescheduleBookingInput,
    booking_filter,
)
from services.bookings import cancelling, moving
from services.bookings.holding import confirming, holding
from services.bookings.holding.access import list_own_bookings

BookingNodeId = Annotated[UUID, id_of("Booking")]
Where = Annotated[BookingWhere | None, strawberry.argument(description="Filters the list.")]
TAKING = (SlotNotOffered, SlotTaken, MeetingFull, drafts.ClassBooked)
CANCELLING = (rows.InvalidBookingState, drafts.CancelTooLate, PaymentDisputed)


@strawberry.type
class BookingQuery:
    @connection(
        LiveConnection[Booking],
        "The viewer's bookings, the latest start first. Subscription: `bookingStatus`.",
    )
    def bookings(self, info: Info, where: Where = None) -> Listing[Any]:
        return list_own_bookings(info.context.viewer, booking_filter(where))

    @field("Returns a booking. Null if it doesn't exist or the viewer can't see it.")
    async def booking(self, info: Info, id: BookingNodeId) -> Booking | None:
        return Booking.wrap_optional(await info.context.loaders[visible_booking].load(id))


@strawberry.type
class BookingMutation:
    @mutation(
        booking=Booking,
        raises=(
            InvalidInput,
            NotFound,
            InvalidServiceState,
            drafts.PetRequired,
            PetArchived,
            PetNotTaken,
            rows.BookingLimit,
            rows.HeldBookingLimit,
            *TAKING,
            *KEYED,
        ),
    )
    async def hold_booking(self, info: Info, input: HoldBookingInput) -> rows.Booking:
        """Hold a time of a service for ten minutes, so that it can be confirmed or ordered. If the
        user does not choose the staff, the vendor's staff share the bookings.
        """
        async with info.context.prepared_transaction(input.service_id) as unit:
            return await holding.hold_booking(
                unit,
                info.context.viewer,
                input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        booking=Booking, raises=(NotFound, rows.BookingHoldExpired), repeatable="sets a state"
    )
    async def release_booking(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """Give the time of a held booking back."""
        async with info.context.prepared_transaction() as unit:
            return await holding.release_booking(unit, info.context.viewer, booking_id=booking_id)

    @mutation(
        booking=Booking,
        raises=(
            NotFound,
            rows.BookingHoldExpired,
            BookingAnswersMissing,
            drafts.BookingUnpaid,
            VendorSuspended,
        ),
        repeatable="sets a state",
    )
    async def confirm_booking(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """Confirm a held booking of which nothing is paid online. If the service needs it, the
        vendor answers it first.
        """
        async with info.context.transaction() as session:
            return await confirming.confirm_booking(
                session, info.context.viewer, booking_id=booking_id
            )

    @mutation(
        booking=Booking,
        raises=(
            InvalidInput,
            NotFound,
            rows.BookingChanged,
            rows.InvalidBookingState,
            drafts.MoveTooLate,
            drafts.MoveNeedsApproval,
            PaymentDisputed,
            *TAKING,
            *KEYED,
        ),
    )
    async def reschedule_booking(self, info: Info, input: RescheduleBookingInput) -> rows.Booking:
        """Move a booking to another time of its service. It can overlap its former time. A cheaper
        time refunds what was paid beyond its price, but not to customers who would not get back all
        by cancelling: their price stays what they have paid. For its customer, as its terms allow,
        and the vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await moving.reschedule_booking(
                session,
                info.context.viewer,
                input.draft(),
                booking_id=input.booking_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        booking=Booking,
        raises=(InvalidInput, NotFound, *CANCELLING, *KEYED),
    )
    async def cancel_booking(self, info: Info, input: CancelBookingInput) -> rows.Booking:
        """Cancel a booking and free its time. Its customer gets back what `cancelQuote` shows, and
        all if the vendor cancels. For its customer, and the vendor's members with the STAFF role
        or higher.
        """
        async with info.context.transaction() as session:
            return await cancelling.cancel_booking(
                session,
                info.context.viewer,
                input.draft(),
                booking_id=input.booking_id,
                idempotency_key=input.idempotency_key,
            )
