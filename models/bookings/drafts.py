"""Inputs of customers and members to bookings, and their refusals."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range

from models.bookings.bookings import Booking, BookingNote, BookingReason
from models.errors import Refusal
from models.pricing.amounts import BPS

MAX_VISIT_BOOKINGS = 4


class BookingDraft(BaseModel, frozen=True):
    """A time of a service that a user wants."""

    service_id: UUID
    starts_at: datetime
    staff_id: UUID | None = None
    pet_id: UUID | None = None
    note: BookingNote | None = None


class MoveDraft(BaseModel, frozen=True):
    """Another time for a booking that has a revision."""

    revision: Annotated[int, Range(ge=0)]
    starts_at: datetime
    staff_id: UUID | None = None

    def is_where(self, booking: Booking) -> bool:
        """Return whether the booking has this time already, with this staff if any are wanted."""
        same_staff = self.staff_id in {None, booking.staff_id}
        return self.starts_at == booking.starts_at and same_staff


class DeclineDraft(BaseModel, frozen=True):
    """Why a booking is cancelled or declined."""

    reason: BookingReason | None = None


class CancelBookingDraft(BaseModel, frozen=True):
    """Why a customer or a member cancels, and what the customer was shown to get back."""

    reason: BookingReason | None = None
    refund_bps: Annotated[int, Range(ge=0, le=BPS)] | None = None


class VisitDraft(BaseModel, frozen=True):
    """Times of one vendor that a user wants together, such as for several pets in a row."""

    times: Annotated[list[BookingDraft], Range(min_length=1, max_length=MAX_VISIT_BOOKINGS)]


class VisitCancelDraft(BaseModel, frozen=True):
    """Why a visit is cancelled, and the sum that the customer was shown to get back."""

    reason: BookingReason | None = None
    refund: Annotated[int, Range(ge=0)] | None = None


class VisitBookingMoveDraft(MoveDraft, frozen=True):
    """Another time for a booking of a visit."""

    booking_id: UUID


class VisitMoveDraft(BaseModel, frozen=True):
    """Other times for all bookings of a visit."""

    moves: Annotated[
        list[VisitBookingMoveDraft], Range(min_length=1, max_length=MAX_VISIT_BOOKINGS)
    ]


class PetRequired(Refusal):
    message = "Choose the pet that this is for."
    meaning = "The service is for pets, and the input has none."
    remedy = "Let the user choose one of their pets, or add one, of the service's `takesSpecies`."


class ClassBooked(Refusal):
    message = "You have a place in this class already."
    meaning = "The user has a booking of the same meeting."
    remedy = "Show that booking. Each user can have one place in a class."
    constraint = "booking_meeting_user_key"


class BookingUnpaid(Refusal):
    message = "Pay for this booking to confirm it."
    meaning = "A part of the price is paid online, so `confirmBooking` does not suffice."
    remedy = "Order the booking while it is held."


class CancelTooLate(Refusal):
    """Less would be refunded than the user was shown. `refund_bps` is what it is now."""

    message = "The terms of cancelling have changed since you opened this. Look at them again."
    meaning = "The basis points that are refunded now are fewer than those in the input."
    remedy = "Show `refundBps` to the user, and cancel with it if they agree."

    def __init__(self, *, refund_bps: int) -> None:
        self.refund_bps = refund_bps
        super().__init__()


class MoveNeedsApproval(Refusal):
    message = "The business has approved this time. Contact it to have another one."
    meaning = "The vendor answers each booking of the service, and customers cannot move those."
    remedy = "Offer the chat with the vendor, whose members can move it, or `cancelBooking`."


class MoveTooLate(Refusal):
    message = "This booking cannot be moved any more. Contact the business, or cancel it."
    meaning = "The customer has moved the booking as often as allowed, or its start is too near."
    remedy = "Offer `cancelBooking` with the quote of the booking, or the chat with the vendor."
