"""The desk: bookings for customers who are there or call, and what they pay."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.audit import AuditAct
from models.bookings import bookings as rows
from models.bookings.setting_up.services import InvalidServiceState
from models.bookings.visits.desk import VisitOverpaid
from models.errors import KEYED, InvalidInput, NotFound
from models.pets.pets import PetArchived, PetNotTaken
from resolvers.bookings.bookings import TAKING
from schema.bookings.bookings import Booking
from schema.bookings.visits.desk import BookAtDeskInput, RecordVisitPaymentInput, VendorBookingWhere
from services.bookings.desk import booking, payments
from services.bookings.desk.listing import VendorBookingFilter, list_vendor_bookings

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
PaymentId = Annotated[UUID, id_of("VisitPayment", "The payment's id.")]
Where = Annotated[VendorBookingWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class BookingDeskQuery:
    @connection(
        LiveConnection[Booking],
        "The bookings of a vendor, the latest start first. Subscription: `agendaChanges`. Requires"
        " the vendor's STAFF role or higher.",
    )
    async def vendor_bookings(
        self, info: Info, vendor_id: VendorId, where: Where = None
    ) -> Listing[Any]:
        wanted = VendorBookingFilter() if where is None else where.filter()
        async with info.context.read_session() as session:
            return await list_vendor_bookings(
                session, info.context.viewer, info.context.app.sealer, vendor_id, wanted
            )


@strawberry.type
class BookingDeskMutation:
    @mutation(
        booking=Booking,
        audit=AuditAct.BOOK_AT_DESK,
        raises=(
            InvalidInput,
            NotFound,
            InvalidServiceState,
            PetArchived,
            PetNotTaken,
            *TAKING,
            *KEYED,
        ),
    )
    async def book_at_desk(self, info: Info, input: BookAtDeskInput) -> rows.Booking:
        """Book a time for a customer: a user, or a guest without an account, who gets a mail. It is
        confirmed at once, and paid at the visit. Requires the vendor's STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await booking.book_at_desk(
                session,
                info.context.viewer,
                info.context.app.sealer,
                input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        booking=Booking,
        audit=AuditAct.RECORD_VISIT_PAYMENT,
        raises=(InvalidInput, NotFound, rows.InvalidBookingState, VisitOverpaid, *KEYED),
    )
    async def record_visit_payment(
        self, info: Info, input: RecordVisitPaymentInput
    ) -> rows.Booking:
        """Note that the vendor took money for a booking that is confirmed or took place, at most
        `dueAtVisit`. Requires the vendor's STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await payments.record_visit_payment(
                session,
                info.context.viewer,
                input.draft(),
                booking_id=input.booking_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        booking=Booking,
        audit=AuditAct.UNDO_VISIT_PAYMENT,
        raises=(NotFound,),
        repeatable="undoes a payment once",
    )
    async def undo_visit_payment(self, info: Info, payment_id: PaymentId) -> rows.Booking:
        """Take a payment at the desk back: it was a mistake, or the money was returned. Requires
        the vendor's STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await payments.undo_visit_payment(
                session, info.context.viewer, payment_id=payment_id
            )
