"""Cancelling a visit: all of its bookings that can be, by their terms, or none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import Booking, BookingState, InvalidBookingState
from models.bookings.drafts import CancelBookingDraft, CancelTooLate, VisitCancelDraft
from models.bookings.together import quote_visit, still_to_come
from services import idempotency
from services.bookings.cancelling import cancel_for_customer, cancel_for_vendor
from services.bookings.holding.access import access_booking
from services.bookings.holding.meetings import meeting_order
from services.bookings.together.access import bookings_of, lock_together
from services.viewer import Viewer


async def cancel_visit(
    session: AsyncSession,
    viewer: Viewer,
    draft: VisitCancelDraft,
    *,
    booking_id: UUID,
    idempotency_key: str,
) -> Sequence[Booking]:
    """Cancel the bookings of a visit that have not begun or ended, once per idempotency key.

    Raises `InvalidBookingState` if there is none, or one is in an order that is not paid, and
    `CancelTooLate` if the customer was shown to get back more.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelVisit",
        idempotency_key,
        booking_id=booking_id,
        draft=draft.model_dump(),
    )
    party = await access_booking(session, viewer, booking_id)
    bookings = await bookings_of(session, party.booking)
    if claimed.replayed:
        return bookings
    locked, moment = await lock_together(session, bookings), now()
    coming = still_to_come([one.booking for one in locked], moment)
    if any(one.state is BookingState.PENDING_PAYMENT for one in coming):
        raise InvalidBookingState("This booking is in an order. Cancel the order.")
    if not coming:
        raise InvalidBookingState
    if not party.is_vendor:
        _ensure_as_shown(coming, draft.refund, moment)
    for one in sorted(locked, key=lambda one: meeting_order(one.booking)):
        if one.booking not in coming:
            continue
        if party.is_vendor:
            await cancel_for_vendor(session, viewer, one, draft.reason)
        else:
            cancelled = CancelBookingDraft(reason=draft.reason)
            await cancel_for_customer(session, one, cancelled, moment, viewer=viewer)
    await idempotency.record_result(session, claimed, booking_id)
    return bookings


def _ensure_as_shown(bookings: Sequence[Booking], shown: int | None, moment: datetime) -> None:
    """Raise `CancelTooLate` if the customer was shown a greater sum than the terms give now."""
    quote = quote_visit(bookings, moment)
    if shown is not None and quote is not None and quote.refund < shown:
        raise CancelTooLate(refund_bps=quote.refund_bps)
