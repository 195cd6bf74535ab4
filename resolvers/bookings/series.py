"""Series of bookings: booked, completed and cancelled."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.bookings import bookings as booked
from models.bookings import drafts
from models.bookings import series as rows
from models.bookings.setting_up.services import InvalidServiceState
from models.errors import KEYED, InvalidInput, NotFound
from models.payments.disputes import PaymentDisputed
from models.pets.pets import PetArchived, PetNotTaken
from resolvers.bookings.bookings import TAKING
from schema.bookings.series import (
    BookingSeries,
    BookOccurrenceInput,
    BookSeriesInput,
    CancelSeriesInput,
)
from services.bookings.series import booking, cancelling, completing

SERIES_COST = 200  # the engine is asked for each of the times
REFUSED = (
    InvalidInput,
    NotFound,
    InvalidServiceState,
    drafts.PetRequired,
    PetArchived,
    PetNotTaken,
    booked.BookingLimit,
    booked.HeldBookingLimit,
)


@strawberry.type
class SeriesMutation:
    @mutation(
        cost=SERIES_COST, series=BookingSeries, raises=(*REFUSED, rows.SeriesConflicts, *KEYED)
    )
    async def book_series(self, info: Info, input: BookSeriesInput) -> rows.BookingSeries:
        """Book a service at the same time on several days, all at once. Of a service that is paid
        online, the times are held for ten minutes: order their bookings together.
        """
        async with info.context.transaction() as session:
            return await booking.book_series(
                session,
                info.context.viewer,
                input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(series=BookingSeries, raises=(*REFUSED, rows.OccurrenceBooked, *TAKING, *KEYED))
    async def book_occurrence(self, info: Info, input: BookOccurrenceInput) -> rows.BookingSeries:
        """Book a time for an occurrence that was skipped or cancelled, as a part of its series."""
        async with info.context.transaction() as session:
            return await completing.book_missing(
                session,
                info.context.viewer,
                input.draft(),
                series_id=input.series_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        series=BookingSeries,
        raises=(InvalidInput, NotFound, booked.InvalidBookingState, PaymentDisputed, *KEYED),
    )
    async def cancel_series(self, info: Info, input: CancelSeriesInput) -> rows.BookingSeries:
        """Cancel the bookings of a series to come, from a number on. Each is refunded by its own
        terms, and wholly if the vendor cancels. For its customer, and the vendor's members with
        the STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await cancelling.cancel_series(
                session,
                info.context.viewer,
                input.draft(),
                series_id=input.series_id,
                idempotency_key=input.idempotency_key,
            )
