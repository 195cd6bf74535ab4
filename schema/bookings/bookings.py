"""Bookings, the meetings of classes, and their inputs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from dataloaders.bookings.booked import (
    bookings_of_visit,
    moves_of_booking,
    visible_booking,
    visible_booking_series,
    visible_meeting,
)
from dataloaders.bookings.services import service_by_id, visible_resource
from dataloaders.identity import visible_user
from dataloaders.orders import visible_line
from dataloaders.vendors import vendor_by_id
from engine.context import Info
from engine.ids import id_field, id_of
from engine.scalars import LocalDateTime, TimeZone
from engine.types import Rows, column, field, loaded, optional, related
from models.bookings import bookings as rows
from models.bookings import classes, drafts, moves
from models.bookings.setting_up import policies
from models.bookings.together import quote_visit
from models.validation import parse
from schema.bookings.booking_enums import BookingSource, BookingState, CancelledBy, MeetingState
from schema.bookings.intake import IntakeFields
from schema.bookings.visits.visits import VisitFields
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.lazy import (
    LazyBookingSeries,
    LazyOrderLine,
    LazyResource,
    LazyService,
    LazyUser,
    LazyVendor,
)
from schema.money import Money, money_of
from schema.subjects import SubjectFields
from services.bookings.holding.access import BookingFilter

BookingId = Annotated[UUID, id_of("Booking", "The booking's id.")]
BookingRoot = strawberry.Parent[rows.Booking]


@strawberry.type(description="The refund of a customer who cancels a booking or a visit now.")
class CancelQuote:
    refund_bps: int = strawberry.field(
        description="The part of what was paid online that is refunded, in basis points."
    )
    refund: Money = strawberry.field(description="The refunded amount.")
    until: datetime = strawberry.field(
        description="The time until which this holds. Afterwards it is less, or nothing."
    )

    @classmethod
    def of(cls, quote: policies.CancelQuote | None, currency: str) -> Self | None:
        if quote is None:
            return None
        refund = money_of(quote.refund, currency)
        return cls(refund_bps=quote.refund_bps, refund=refund, until=quote.until)


@strawberry.type(
    description="A meeting of a class: a time that several customers share. Visible to those who"
    " have booked it, to the vendor's members with the STAFF role or higher, and admins."
)
class ClassMeeting(Rows[classes.ClassMeeting], relay.Node, access=visible_meeting):
    id: relay.NodeID[UUID]
    meeting_state: MeetingState = column("The state.", of="state")
    service: LazyService = related(service_by_id, by="service_id", description="The service.")
    staff: LazyResource | None = related(
        visible_resource,
        by="staff_id",
        description="The staff. Null if the service needs none, or does not name them.",
    )
    starts_at: datetime = column("The start.")
    ends_at: datetime = column("The end.")
    seats: int = column("The number of customers who can come.")
    taken: int = column("The seats that are booked.")


@strawberry.type(description="A move of a booking to another time.")
class BookingMove(Rows[moves.BookingMove]):
    revision: int = column("The revision that the booking has since the move.")
    moved_at: datetime = column("The time of the move.", of="created_at")
    by_vendor: bool = column("Whether a member of the vendor moved it.")
    from_starts_at: datetime = column("The start before the move.")
    starts_at: datetime = column("The start since the move.")


@strawberry.type(
    description="A time of a service that a user has, or had. Visible to its user, to the vendor's"
    " members with the STAFF role or higher, and admins."
)
class Booking(
    SubjectFields, Rows[rows.Booking], relay.Node, IntakeFields, VisitFields, access=visible_booking
):
    id: relay.NodeID[UUID]
    booking_state: BookingState = column("The state.", of="state")
    booking_source: BookingSource = column("The origin.", of="source")
    revision: int = column("The number of moves. `rescheduleBooking` takes it.")
    starts_at: datetime = column("The start.")
    ends_at: datetime = column("The end.")
    local_start: LocalDateTime = column("The start as clocks at the place show it.")
    time_zone: TimeZone = column("The time zone of the place.")
    expires_at: datetime | None = column(
        "The time until which it has to be confirmed, ordered or answered. Null unless it is HELD"
        " or REQUESTED."
    )
    created_at: datetime = column("The time at which it was made.")
    approved_at: datetime | None = column("The time at which the vendor approved it.")
    confirmed_at: datetime | None = column("The time at which it was confirmed.")
    arrived_at: datetime | None = column("The time at which the customer arrived.")
    ended_at: datetime | None = column("The time at which it got its last state.")
    cancelled_by: CancelledBy | None = column("The party that cancelled it.")
    reason: str | None = column("Why it was cancelled or declined.")
    series_number: int | None = column("Its number in its series, from 0.", of="number")
    moves_left: int = column("The number of times that the customer can still move it.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    service: LazyService = related(service_by_id, by="service_id", description="The service.")
    staff: LazyResource | None = related(
        visible_resource,
        by="staff_id",
        description="The staff. Null if the service needs none, or does not name them.",
    )
    meeting: ClassMeeting | None = related(
        visible_meeting, by="meeting_id", description="The meeting, if the service is a class."
    )
    customer: LazyUser | None = related(
        visible_user,
        by="user_id",
        description="The user. Null for guests, and unless the viewer sees this user.",
    )
    order_line: LazyOrderLine | None = related(
        visible_line,
        by="order_line_id",
        description="The line in which it was ordered. Null unless the viewer sees the order.",
    )
    balance_line: LazyOrderLine | None = related(
        visible_line,
        by="balance_line_id",
        description="The line in which the rest of the price was ordered. Null unless the viewer"
        " sees the order.",
    )
    series: LazyBookingSeries | None = related(
        visible_booking_series,
        by="series_id",
        description="The series with which it was booked.",
    )
    moves: list[BookingMove] = related(
        moves_of_booking,
        by="id",
        description=f"Its moves in their order. Customers can make {policies.MAX_RESCHEDULES}.",
        size=5,
    )

    @loaded(
        bookings_of_visit,
        by="visit_id",
        description="The bookings that were held together with it, by their starts, itself"
        f" included: at most {drafts.MAX_VISIT_BOOKINGS}. Empty if it was held alone.",
        size=2,
    )
    def visit_bookings(root: BookingRoot, found: Sequence[rows.Booking] | None) -> list["Booking"]:
        return [Booking.wrap(one) for one in found or ()]

    @field(
        "The text of the customer to the vendor. For others than the customer null while it is only"
        " a hold.",
        needs=("note", "user_id", "state", "source", "approved_at", "confirmed_at"),
    )
    def customer_note(root: BookingRoot, info: Info) -> str | None:
        is_own = root.user_id is not None and root.user_id == info.context.viewer.user_id
        return root.note if is_own or root.is_presented else None

    @field(
        "Whether the customer confirmed that they come at this time, such as by a reminder.",
        needs=("coming_revision", "revision"),
    )
    def is_coming(root: BookingRoot) -> bool:
        return root.is_coming

    @field("The price of all.", needs=("price", "currency"))
    def price(root: BookingRoot) -> Money:
        return money_of(root.price, root.currency)

    @field(
        "The part of the price that is paid online, before it is confirmed.",
        needs=("due_online", "currency"),
    )
    def due_online(root: BookingRoot) -> Money:
        return money_of(root.due_online, root.currency)

    @field(
        "The amount that was paid of it online, without refunds.",
        needs=("paid_online", "currency"),
    )
    def paid_online(root: BookingRoot) -> Money:
        return money_of(root.paid_online, root.currency)

    @field(
        "The rest of the price, which is paid at the visit. Of a CONFIRMED booking with a deposit,"
        " it can be ordered before.",
        needs=(
            "state",
            "price",
            "due_online",
            "paid_online",
            "due_balance",
            "paid_at_desk",
            "currency",
        ),
    )
    def due_at_visit(root: BookingRoot) -> Money:
        return money_of(root.due_at_visit, root.currency)

    @field(
        "The refund of the customer, if they cancel it now. Null if they cannot any more.",
        needs=(
            "state",
            "starts_at",
            "refund_tiers",
            "refund_cap_bps",
            "paid_online",
            "currency",
        ),
    )
    def cancel_quote(root: BookingRoot) -> CancelQuote | None:
        return CancelQuote.of(root.cancel_quote(now()), root.currency)

    @loaded(
        bookings_of_visit,
        by="visit_id",
        needs=("visit_id", "currency"),
        description="The refund of the customer, if they cancel all of its visit now: `cancelVisit`"
        " takes it. Null if it was held alone, or they cannot any more.",
    )
    def visit_cancel_quote(
        root: BookingRoot, found: Sequence[rows.Booking] | None
    ) -> CancelQuote | None:
        return CancelQuote.of(quote_visit(found or (), now()), root.currency)


@strawberry.input(description="A time of a service to hold.")
class HoldBookingInput:
    service_id: UUID = id_field("Service", "The service's id.")
    starts_at: datetime = column("The start, one of `slots`.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    staff_id: UUID | None = id_field(
        "Resource", "The staff. Defaults to anybody who is free.", default=None
    )
    pet_id: UUID | None = id_field(
        "Pet", "The user's pet that it is for, if the service is for pets.", default=None
    )
    note: str | None = optional("A text to the vendor, at most 1,000 characters.")

    def draft(self) -> drafts.BookingDraft:
        return parse(
            drafts.BookingDraft,
            service_id=self.service_id,
            starts_at=self.starts_at,
            staff_id=self.staff_id,
            pet_id=self.pet_id,
            note=self.note,
        )


@strawberry.input(description="Another time for a booking.")
class RescheduleBookingInput:
    booking_id: UUID = id_field("Booking", "The booking's id.")
    revision: int = column("The revision of the booking that the user has seen.")
    starts_at: datetime = column("The new start, one of `slots`.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    staff_id: UUID | None = id_field(
        "Resource",
        "The staff. Defaults to those of before if they are free, else to anybody.",
        default=None,
    )

    def draft(self) -> drafts.MoveDraft:
        return parse(
            drafts.MoveDraft,
            revision=self.revision,
            starts_at=self.starts_at,
            staff_id=self.staff_id,
        )


@strawberry.input(description="A booking to cancel.")
class CancelBookingInput:
    booking_id: UUID = id_field("Booking", "The booking's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    reason: str | None = optional("Why, at most 500 characters. The other party reads it.")
    refund_bps: int | None = optional(
        "The part that `cancelQuote` has shown to the customer. If less is refunded by now, it is"
        " refused."
    )

    def draft(self) -> drafts.CancelBookingDraft:
        return parse(drafts.CancelBookingDraft, reason=self.reason, refund_bps=self.refund_bps)


@strawberry.input(description="Conditions on bookings; all that are given must hold.")
class BookingWhere:
    states: list[BookingState] | None = optional("Have one of these states.")
    starts_from: datetime | None = optional("Start at this time or later.")
    starts_before: datetime | None = optional("Start before this time.")


def booking_filter(where: BookingWhere | None) -> BookingFilter:
    if where is None:
        return BookingFilter()
    return BookingFilter(where.states, where.starts_from, where.starts_before)


@strawberry.type(description="A change of a booking.")
class BookingChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    booking: Booking | None = strawberry.field(
        default=None,
        description="The booking as it is now. Null if there is only a newer cursor.",
    )
