"""Cancelling the rest of a series: each booking by its own terms."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import CANCELLABLE
from models.bookings.drafts import CancelBookingDraft
from models.bookings.series import BookingSeries, SeriesCancelDraft
from services import idempotency
from services.bookings.cancelling import cancel_for_customer, cancel_for_vendor
from services.bookings.holding.access import lock_booking
from services.bookings.holding.meetings import meeting_order
from services.bookings.ordering.refunding import OrderedBooking, ensure_in_orders, lock_orders_of
from services.bookings.series.access import access_series, bookings_of
from services.viewer import Viewer


async def cancel_series(
    session: AsyncSession,
    viewer: Viewer,
    draft: SeriesCancelDraft,
    *,
    series_id: UUID,
    idempotency_key: str,
) -> BookingSeries:
    """Cancel all bookings of a series to come from a number on, once per idempotency key.

    Orders are locked before the bookings, both by id. Bookings in orders that are not paid stay,
    and end with these. Raises `InvalidBookingState` if one was ordered in this moment.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelSeries",
        idempotency_key,
        series_id=series_id,
        draft=draft.model_dump(),
    )
    series, by_vendor = await access_series(session, viewer, series_id)
    if claimed.replayed:
        return series
    rest = [
        one
        for one in await bookings_of(session, series_id)
        if one.number is not None and one.number >= draft.from_number
    ]
    orders, moment = await lock_orders_of(session, rest), now()
    chosen = []
    for one in sorted(rest, key=lambda one: one.id):
        booking = await lock_booking(session, one.id)
        if booking.state in CANCELLABLE and booking.starts_at > moment:
            ensure_in_orders(booking, orders)
            chosen.append(booking)
    for booking in sorted(chosen, key=meeting_order):
        locked = OrderedBooking(booking, orders)
        if by_vendor:
            await cancel_for_vendor(session, viewer, locked, draft.reason)
        else:
            cancelled = CancelBookingDraft(reason=draft.reason)
            await cancel_for_customer(session, locked, cancelled, moment, viewer=viewer)
    await idempotency.record_result(session, claimed, series_id)
    return series
