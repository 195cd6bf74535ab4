"""Bookings that members of the vendor answer and close."""

from typing import Annotated

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.bookings import bookings as rows
from models.bookings import drafts
from models.errors import InvalidInput, NotFound
from models.validation import parse
from models.vendors import VendorSuspended
from schema.bookings.bookings import Booking, BookingId
from services.bookings import answering, visits

Reason = Annotated[
    str | None,
    strawberry.argument(description="Why, at most 500 characters. The customer reads it."),
]
Revision = Annotated[
    int | None,
    strawberry.argument(
        description="The revision of the booking that the member has seen. If the customer has"
        " moved it since, it is refused."
    ),
]
STATE = (NotFound, rows.InvalidBookingState)


@strawberry.type
class VisitMutation:
    @mutation(
        booking=Booking,
        raises=(*STATE, rows.BookingHoldExpired, rows.BookingChanged, VendorSuspended),
        repeatable="sets a state",
    )
    async def approve_booking(
        self, info: Info, booking_id: BookingId, revision: Revision = None
    ) -> rows.Booking:
        """Confirm a booking that was requested. If a part is paid online, it is held for a day, so
        that the customer can order it. For the vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await answering.approve_booking(
                session, info.context.viewer, booking_id=booking_id, revision=revision
            )

    @mutation(
        booking=Booking,
        raises=(InvalidInput, *STATE, rows.BookingHoldExpired),
        repeatable="sets a state",
    )
    async def decline_booking(
        self, info: Info, booking_id: BookingId, reason: Reason = None
    ) -> rows.Booking:
        """Decline a booking that was requested, and free its time. For the vendor's members with
        the STAFF role or higher.
        """
        draft = parse(drafts.DeclineDraft, reason=reason)
        async with info.context.transaction() as session:
            return await answering.decline_booking(
                session, info.context.viewer, draft, booking_id=booking_id
            )

    @mutation(booking=Booking, raises=STATE, repeatable="sets a time once")
    async def mark_arrived(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """Note that the customer of a booking is here, from twelve hours before its start. For the
        vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await visits.mark_arrived(session, info.context.viewer, booking_id=booking_id)

    @mutation(booking=Booking, raises=STATE, repeatable="sets a state")
    async def complete_booking(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """End a visit, from the start on, or from an hour before it if the customer has arrived,
        and free what is left of its time. A booking is completed by itself twelve hours after its
        end. For the vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await visits.complete_booking(
                session, info.context.viewer, booking_id=booking_id
            )

    @mutation(booking=Booking, raises=STATE, repeatable="sets a state")
    async def mark_no_show(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """Note that the customer did not come, from ten minutes after the start, and free the time.
        For the vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await visits.mark_no_show(session, info.context.viewer, booking_id=booking_id)

    @mutation(booking=Booking, raises=STATE, repeatable="sets a state")
    async def undo_no_show(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """Take a no-show back within seven days. The booking is CONFIRMED if it is not over and its
        time is still free, else COMPLETED. For the vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await visits.undo_no_show(session, info.context.viewer, booking_id=booking_id)
