"""Inputs of the desk, and conditions on the bookings of a vendor."""

from datetime import datetime
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.types import column, optional
from models.bookings.visits import desk
from models.validation import parse
from schema.bookings.booking_enums import BookingSource, BookingState
from schema.bookings.visits.enums import VisitPaymentMethod
from schema.events.inputs import IDEMPOTENCY_KEY
from services.bookings.desk.listing import VendorBookingFilter
from services.bookings.holding.access import BookingFilter


@strawberry.input(description="A customer without an account.")
class GuestInput:
    name: str = column("The name, 1 to 80 characters.")
    email: str | None = optional("The email address, to which the booking is sent.")
    phone: str | None = optional("The phone number with its country code.")


@strawberry.input(description="A customer at the desk: either a user or a guest.")
class DeskCustomerInput:
    user_id: UUID | None = id_field(
        "User", "A user whom the viewer sees, such as a customer of the vendor.", default=None
    )
    guest: GuestInput | None = optional("A customer without an account.")


@strawberry.input(description="A time of a service to book for a customer.")
class BookAtDeskInput:
    service_id: UUID = id_field("Service", "The service's id.")
    starts_at: datetime = column("The start, in whole minutes.")
    customer: DeskCustomerInput = column("The customer.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    staff_id: UUID | None = id_field(
        "Resource", "The staff. Defaults to one who is free.", default=None
    )
    pet_id: UUID | None = id_field(
        "Pet",
        "The user's pet that it is for, one that the viewer sees. Not required: a guest has none.",
        default=None,
    )
    note: str | None = optional("A note, at most 1,000 characters. The customer reads it.")
    allow_outside_hours: bool = optional(
        "Whether to book times that are not offered: outside of the hours, too soon, or beyond a"
        " limit. A time that is taken stays so.",
        default=False,
    )

    def draft(self) -> desk.DeskDraft:
        guest = self.customer.guest
        return parse(
            desk.DeskDraft,
            service_id=self.service_id,
            starts_at=self.starts_at,
            staff_id=self.staff_id,
            user_id=self.customer.user_id,
            guest=None if guest is None else vars(guest),
            pet_id=self.pet_id,
            note=self.note,
            allow_outside_hours=self.allow_outside_hours,
        )


@strawberry.input(description="Money that a customer paid at the desk.")
class RecordVisitPaymentInput:
    booking_id: UUID = id_field("Booking", "The booking's id.")
    paid: VisitPaymentMethod = column("How it was paid.")
    amount_minor: int = column(
        "The amount in minor units of the booking's currency, at most `dueAtVisit`."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)

    def draft(self) -> desk.VisitPaymentDraft:
        return parse(desk.VisitPaymentDraft, method=self.paid, amount=self.amount_minor)


@strawberry.input(description="Conditions on a vendor's bookings; all that are given must hold.")
class VendorBookingWhere:
    states: list[BookingState] | None = optional("Have one of these states.")
    starts_from: datetime | None = optional("Start at this time or later.")
    starts_before: datetime | None = optional("Start before this time.")
    service_id: UUID | None = id_field("Service", "Are of this service.", default=None)
    resource_id: UUID | None = id_field("Resource", "Use this resource.", default=None)
    sources: list[BookingSource] | None = optional("Have one of these origins.")
    search: str | None = optional(
        "Have a customer whose name has all words of this text, or a guest whose name, address or"
        " number has. 3 to 100 characters."
    )

    def filter(self) -> VendorBookingFilter:
        return VendorBookingFilter(
            BookingFilter(self.states, self.starts_from, self.starts_before),
            self.service_id,
            self.resource_id,
            self.sources,
            self.search,
        )
