"""Fields of bookings about the visit: the guest, the arrival, and payments at the desk."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from dataloaders.bookings.booked import (
    currency_of_booking,
    payments_of_booking,
    visible_booking,
    visible_visit_payment,
)
from engine.context import Info
from engine.types import Rows, column, field, loaded, related
from models.bookings import bookings as rows
from models.bookings.visits import arrivals, desk
from models.bookings.visits.arrivals import arrival_of
from schema.bookings.visits.enums import ArrivalState, VisitPaymentMethod
from schema.lazy import LazyBooking
from schema.money import Money, money_of
from services.bookings.guests import open_guest

BookingRoot = strawberry.Parent[rows.Booking]


@strawberry.type(
    description="A customer without an account, whom the vendor booked for. What is known of them"
    f" is deleted {desk.GUEST_DAYS} days after the visit."
)
class BookingGuest:
    name: str = strawberry.field(description="The name.")
    email: str | None = strawberry.field(description="The email address, if it is known.")
    phone: str | None = strawberry.field(description="The phone number, if it is known.")


@strawberry.type(
    description="Money that the vendor took at a visit, or gave back. Visible to all who see the"
    " booking."
)
class VisitPayment(Rows[desk.VisitPayment], relay.Node, access=visible_visit_payment):
    id: relay.NodeID[UUID]
    paid_with: VisitPaymentMethod = column("How it was paid.", of="method")
    created_at: datetime = column("The time at which it was recorded.")
    booking: LazyBooking | None = related(
        visible_booking,
        by="booking_id",
        description="The booking that it pays.",
    )

    @loaded(
        currency_of_booking,
        by="booking_id",
        description="The amount. Negative if it undoes another one.",
        needs=("booking_id", "amount"),
    )
    def amount(root: strawberry.Parent[desk.VisitPayment], currency: str) -> Money:
        return money_of(root.amount, currency)

    @field("Whether it undoes another one.", needs=("undoes_id",))
    def is_undo(root: strawberry.Parent[desk.VisitPayment]) -> bool:
        return root.undoes_id is not None


@strawberry.type
class VisitFields:
    """Fields of bookings."""

    visit_payments: list[VisitPayment] = related(
        payments_of_booking,
        by="id",
        description="The payments at the desk, those that undo others included, in their order.",
        size=2,
    )

    @field(
        "The customer, if they have no account. Null otherwise, and once they are forgotten. For"
        " the vendor's members with the STAFF role or higher, and admins.",
        needs=("id", "guest_name", "guest_email", "guest_phone"),
    )
    def guest(root: BookingRoot, info: Info) -> BookingGuest | None:
        sealer = info.context.app.sealer
        name = open_guest(sealer, root, "guest_name")
        if name is None:
            return None
        return BookingGuest(
            name=name,
            email=open_guest(sealer, root, "guest_email"),
            phone=open_guest(sealer, root, "guest_phone"),
        )

    @field(
        "The sum of its payments at the desk, without those that were undone.",
        needs=("paid_at_desk", "currency"),
    )
    def paid_at_desk(root: BookingRoot) -> Money:
        return money_of(root.paid_at_desk, root.currency)

    @field("Four signs by which a waiting room calls the customer.", needs=("id",))
    def visit_code(root: BookingRoot) -> str:
        return arrivals.visit_code(root.id)

    @field(
        "How far the visit is. Null for a booking that is not confirmed.",
        needs=("state", "arrived_at", "starts_at"),
    )
    def arrival(root: BookingRoot) -> ArrivalState | None:
        return arrival_of(root, now())
