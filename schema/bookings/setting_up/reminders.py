"""Reminders of bookings, and what the links in them show."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from core.clock import now
from engine.ids import id_field
from engine.scalars import LocalDateTime, TimeZone
from engine.types import column, optional
from models.base import localized
from models.bookings import bookings as rows
from models.bookings.setting_up import reminders
from models.bookings.setting_up.services import Service
from models.validation import parse
from models.vendors import Vendor
from schema.bookings.booking_enums import BookingState
from schema.money import Money, money_of
from services.bookings.reminding.rules import Reminders

BookingToken = Annotated[
    str, strawberry.argument(description="The token of the link, which follows the `#` in it.")
]


@strawberry.type(description="When the customers of a vendor or of a service are reminded.")
class BookingReminders:
    minutes: list[int] = strawberry.field(
        description="The minutes before the start, the most first.",
        metadata={"size": reminders.MAX_REMINDERS},
    )
    chosen: bool = strawberry.field(
        description="Whether they were chosen for exactly this. Else they are those of the vendor,"
        " or by default a day and two hours before."
    )

    @classmethod
    def of(cls, found: Reminders) -> Self:
        return cls(minutes=list(found.minutes), chosen=found.chosen)


@strawberry.input(description="When the customers of a vendor or of a service are reminded.")
class SetBookingRemindersInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    service_id: UUID | None = id_field(
        "Service", "A service. Without one, all that have no reminders of their own.", default=None
    )
    minutes: list[int] | None = optional(
        f"Up to {reminders.MAX_REMINDERS} numbers of minutes before the start, from"
        f" {reminders.MIN_REMINDER} to {reminders.MAX_REMINDER:,}. An empty list: no reminders;"
        " without a list, the vendor's or the default applies."
    )

    def draft(self) -> reminders.ReminderDraft:
        return parse(reminders.ReminderDraft, minutes=self.minutes)


@strawberry.type(
    description="The booking of a reminder's link, as its customer sees it without signing in."
)
class LinkedBooking:
    booking_state: BookingState = strawberry.field(description="The state.")
    starts_at: datetime = strawberry.field(description="The start.")
    local_start: LocalDateTime = strawberry.field(
        description="The start as clocks at the place show it."
    )
    time_zone: TimeZone = strawberry.field(description="The time zone of the place.")
    service: str = strawberry.field(description="The name of the service.")
    vendor: str = strawberry.field(description="The name of the vendor.")
    is_coming: bool = strawberry.field(description="Whether the customer confirmed that they come.")
    refund_bps: int | None = strawberry.field(
        description="The part of what was paid online that a customer who cancels now gets back, in"
        " basis points. Null if it cannot be cancelled any more."
    )
    refund: Money | None = strawberry.field(
        description="The amount that a customer who cancels now gets back. Null if nothing was paid"
        " online, or it cannot be cancelled any more."
    )

    @classmethod
    def of(
        cls, booking: rows.Booking, service: Service, vendor: Vendor, locales: list[str]
    ) -> Self:
        quote = booking.cancel_quote(now())
        paid = quote is not None and booking.paid_online > 0
        return cls(
            booking_state=booking.state,
            starts_at=booking.starts_at,
            local_start=LocalDateTime(booking.local_start),
            time_zone=TimeZone(booking.time_zone),
            service=localized(service.name, locales, service.locale),
            vendor=vendor.name,
            is_coming=booking.is_coming,
            refund_bps=quote.refund_bps if quote else None,
            refund=money_of(quote.refund, booking.currency) if quote and paid else None,
        )


@strawberry.input(description="A booking to cancel by the link of a reminder.")
class CancelBookingByLinkInput:
    token: str = column("The token of the link, which follows the `#` in it.")
    reason: str | None = optional("Why, at most 500 characters. The vendor reads it.")
    refund_bps: int | None = optional(
        "The part that `refundBps` has shown to the customer. If less is refunded by now, it is"
        " refused."
    )
