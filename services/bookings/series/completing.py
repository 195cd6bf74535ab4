"""Occurrences of a series that have no booking, such as skipped ones, and get one later."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import OCCUPYING, Booking, BookingState
from models.bookings.series import BookingSeries, OccurrenceBooked, OccurrenceDraft
from models.errors import InvalidInput
from models.notifications.inbox import NotificationKind
from services import idempotency
from services.bookings.holding.opening import lock_user, rely_on_service
from services.bookings.notices import notify_parties
from services.bookings.series.access import access_own_series, bookings_of
from services.bookings.series.booking import Visit, book_occurrence, open_series
from services.viewer import Viewer

KEPT = OCCUPYING | {BookingState.COMPLETED, BookingState.NO_SHOW}


async def book_missing(
    session: AsyncSession,
    viewer: Viewer,
    draft: OccurrenceDraft,
    *,
    series_id: UUID,
    idempotency_key: str,
) -> BookingSeries:
    """Book a time for an occurrence that has no booking, once per idempotency key.

    Raises `OccurrenceBooked`, and as `hold_booking`.
    """
    user_id = viewer.require_user()
    claimed = await idempotency.claim(
        session,
        viewer,
        "bookOccurrence",
        idempotency_key,
        series_id=series_id,
        draft=draft.model_dump(),
    )
    await lock_user(session, user_id)
    series = await access_own_series(session, viewer, series_id)
    if claimed.replayed:
        return series
    if draft.number >= series.count:
        raise InvalidInput("The series has no such time.", field=["number"])
    bookings = await bookings_of(session, series_id)
    await _leave_number(session, bookings, draft.number)
    service = await rely_on_service(session, series.service_id)
    opened = await open_series(session, series, service, Visit.of(bookings[0]))
    booked = await book_occurrence(session, opened, draft.number, draft.starts_at)
    booking = await session.get_one(Booking, booked.id)
    if booking.state is BookingState.CONFIRMED:
        await notify_parties(
            session,
            booking,
            customer=NotificationKind.BOOKING_CONFIRMED,
            members=NotificationKind.BOOKING_MADE,
        )
    await idempotency.record_result(session, claimed, series_id)
    return series


async def _leave_number(session: AsyncSession, bookings: Sequence[Booking], number: int) -> None:
    """Take the number of a booking that has ended. Raises `OccurrenceBooked` for another one."""
    for booking in bookings:
        if booking.number != number:
            continue
        if booking.state in KEPT:
            raise OccurrenceBooked
        booking.series_id = booking.number = None
    await session.flush()
