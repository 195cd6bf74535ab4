"""Reminders that vendors choose, and what customers answer to them."""

from typing import Annotated
from uuid import UUID

import strawberry

from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.mutation import mutation
from engine.types import field
from models.bookings import bookings as rows
from models.bookings import drafts
from models.bookings.setting_up.reminders import BookingLinkEnded
from models.errors import InvalidInput, NotFound
from models.validation import parse
from schema.bookings.bookings import Booking, BookingId
from schema.bookings.setting_up.reminders import (
    BookingReminders,
    BookingToken,
    CancelBookingByLinkInput,
    LinkedBooking,
    SetBookingRemindersInput,
)
from services.bookings.reminding import answering, rules
from services.bookings.reminding.links import BookingLink

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
ServiceId = Annotated[UUID | None, optional_id_of("Service", "A service of the vendor.")]
LINK_COST = 10


@strawberry.type
class ReminderQuery:
    @field(
        "When the customers of a vendor, or of one of its services, are reminded. For its members"
        " with the STAFF role or higher."
    )
    async def booking_reminders(
        self, info: Info, vendor_id: VendorId, service_id: ServiceId = None
    ) -> BookingReminders:
        async with info.context.read_session() as session:
            found = await rules.find_chosen(session, info.context.viewer, vendor_id, service_id)
        return BookingReminders.of(found)

    @field(
        "The booking of a reminder's link, also without signing in. Null if the link is no longer"
        " valid: the booking was moved, or has begun.",
        cost=LINK_COST,
    )
    async def linked_booking(self, info: Info, token: BookingToken) -> LinkedBooking | None:
        async with info.context.read_session() as session:
            try:
                link = BookingLink.read(info.context.app.keys, token)
                found = await answering.read_linked(session, link)
            except BookingLinkEnded:
                return None
        return LinkedBooking.of(*found, info.context.locales)


@strawberry.type
class ReminderMutation:
    @mutation(
        reminders=BookingReminders, raises=(InvalidInput, NotFound), repeatable="sets a state"
    )
    async def set_booking_reminders(
        self, info: Info, input: SetBookingRemindersInput
    ) -> BookingReminders:
        """Choose when customers are reminded of their bookings, also of those that are made
        already. Requires the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            found = await rules.set_booking_reminders(
                session,
                info.context.viewer,
                input.draft(),
                vendor_id=input.vendor_id,
                service_id=input.service_id,
            )
        return BookingReminders.of(found)

    @mutation(
        booking=Booking,
        raises=(NotFound, rows.InvalidBookingState),
        repeatable="sets a state",
    )
    async def confirm_attendance(self, info: Info, booking_id: BookingId) -> rows.Booking:
        """Confirm that the viewer comes to a booking of theirs. The vendor sees it."""
        async with info.context.transaction() as session:
            return await answering.confirm_attendance(
                session, info.context.viewer, booking_id=booking_id
            )

    @mutation(raises=(BookingLinkEnded, rows.InvalidBookingState), repeatable="sets a state")
    async def confirm_attendance_by_link(self, info: Info, token: BookingToken) -> None:
        """Confirm that the customer comes, by the link of a reminder. Needs no account."""
        link = BookingLink.read(info.context.app.keys, token)
        async with info.context.transaction() as session:
            await answering.confirm_by_link(session, link)

    @mutation(
        raises=(InvalidInput, BookingLinkEnded, drafts.CancelTooLate, rows.InvalidBookingState),
        repeatable="one that is cancelled stays so",
    )
    async def cancel_booking_by_link(self, info: Info, input: CancelBookingByLinkInput) -> None:
        """Cancel a booking by the link of a reminder, by its terms. Needs no account."""
        link = BookingLink.read(info.context.app.keys, input.token)
        draft = parse(drafts.CancelBookingDraft, reason=input.reason, refund_bps=input.refund_bps)
        async with info.context.transaction() as session:
            await answering.cancel_by_link(session, link, draft)
