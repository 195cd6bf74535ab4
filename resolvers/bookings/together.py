"""Bookings that are held, cancelled and moved together, as one visit."""

from collections.abc import Sequence

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.bookings import bookings as rows
from models.bookings import drafts
from models.bookings.setting_up.services import InvalidServiceState
from models.errors import KEYED, InvalidInput, NotFound
from models.payments.disputes import PaymentDisputed
from models.pets.pets import PetArchived, PetNotTaken
from resolvers.bookings.bookings import CANCELLING, TAKING
from schema.bookings.bookings import Booking
from schema.bookings.together import CancelVisitInput, HoldVisitInput, RescheduleVisitInput
from services.bookings.together import cancelling, holding, moving

VISIT_COST = 40  # the engine is asked for each of the times


@strawberry.type
class TogetherMutation:
    @mutation(
        cost=VISIT_COST,
        bookings=list[Booking],
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
    async def hold_visit(self, info: Info, input: HoldVisitInput) -> Sequence[rows.Booking]:
        """Hold several times for ten minutes, all or none, such as for several pets in a row. Order
        or confirm the bookings together.
        """
        async with info.context.transaction() as session:
            return await holding.hold_visit(
                session,
                info.context.viewer,
                input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        bookings=list[Booking],
        raises=(InvalidInput, NotFound, *CANCELLING, *KEYED),
    )
    async def cancel_visit(self, info: Info, input: CancelVisitInput) -> Sequence[rows.Booking]:
        """Cancel all bookings of a visit that have not begun, all or none. Each is refunded by its
        own terms, and wholly if the vendor cancels. For its customer, and the vendor's members with
        the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await cancelling.cancel_visit(
                session,
                info.context.viewer,
                input.draft(),
                booking_id=input.booking_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        cost=VISIT_COST,
        bookings=list[Booking],
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
    async def reschedule_visit(
        self, info: Info, input: RescheduleVisitInput
    ) -> Sequence[rows.Booking]:
        """Move all bookings of a visit, all or none. They can overlap their former times. Prices
        follow the times as those of `rescheduleBooking` do. For its
        customer, as the terms allow, and the vendor's members with the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await moving.reschedule_visit(
                session,
                info.context.viewer,
                input.draft(),
                idempotency_key=input.idempotency_key,
            )
