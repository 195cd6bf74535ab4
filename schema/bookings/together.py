"""Inputs of bookings that are held, cancelled and moved together."""

from datetime import datetime
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.scalars import BigInt
from engine.types import column, optional
from models.bookings import drafts
from models.validation import parse
from schema.events.inputs import IDEMPOTENCY_KEY


@strawberry.input(description="A time of a service, as a part of a visit.")
class VisitTimeInput:
    service_id: UUID = id_field("Service", "The service's id.")
    starts_at: datetime = column("The start, one of `slots` or `consecutiveSlots`.")
    staff_id: UUID | None = id_field(
        "Resource", "The staff. Defaults to anybody who is free.", default=None
    )
    pet_id: UUID | None = id_field(
        "Pet", "The user's pet that it is for, if the service is for pets.", default=None
    )
    note: str | None = optional("A text to the vendor, at most 1,000 characters.")


@strawberry.input(description="The times of a visit to hold.")
class HoldVisitInput:
    times: list[VisitTimeInput] = column(
        f"The times, of services of one vendor: from 1 to {drafts.MAX_VISIT_BOOKINGS}."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)

    def draft(self) -> drafts.VisitDraft:
        return parse(drafts.VisitDraft, times=[vars(one) for one in self.times])


@strawberry.input(description="A visit to cancel.")
class CancelVisitInput:
    booking_id: UUID = id_field("Booking", "The id of one of its bookings.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    reason: str | None = optional("Why, at most 500 characters. The other party reads it.")
    refund_minor: BigInt | None = optional(
        "The refund that `visitCancelQuote` has shown to the customer, in minor units. If less is"
        " refunded by now, it is refused."
    )

    def draft(self) -> drafts.VisitCancelDraft:
        return parse(drafts.VisitCancelDraft, reason=self.reason, refund=self.refund_minor)


@strawberry.input(description="Another time for a booking of a visit.")
class VisitBookingMoveInput:
    booking_id: UUID = id_field("Booking", "The booking's id.")
    revision: int = column("The revision of the booking that the user has seen.")
    starts_at: datetime = column("The new start.")
    staff_id: UUID | None = id_field(
        "Resource",
        "The staff. Defaults to those of before if they are free, else to anybody.",
        default=None,
    )


@strawberry.input(description="Other times for all bookings of a visit.")
class RescheduleVisitInput:
    moves: list[VisitBookingMoveInput] = column(
        "A move of each booking that is REQUESTED or CONFIRMED: at most"
        f" {drafts.MAX_VISIT_BOOKINGS}."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)

    def draft(self) -> drafts.VisitMoveDraft:
        return parse(drafts.VisitMoveDraft, moves=[vars(one) for one in self.moves])
