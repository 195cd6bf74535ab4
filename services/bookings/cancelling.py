"""Bookings that their customers or the vendor's members cancel."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.bookings.bookings import Booking, BookingState, CancelledBy, InvalidBookingState
from models.bookings.drafts import CancelBookingDraft, CancelTooLate
from models.notifications.inbox import NotificationKind
from models.orders.timeline import OrderActor
from models.pricing.amounts import share
from services import idempotency
from services.audit import entries as audit
from services.bookings.announcing import announce
from services.bookings.holding.access import access_booking
from services.bookings.holding.ending import free_times
from services.bookings.notices import notify_customer, notify_of_own_act
from services.bookings.ordering.refunding import (
    OrderedBooking,
    lock_with_order,
    refund_booking,
    return_surplus_of,
)
from services.bookings.waiting.states import return_waits
from services.viewer import Viewer


async def cancel_booking(
    session: AsyncSession,
    viewer: Viewer,
    draft: CancelBookingDraft,
    *,
    booking_id: UUID,
    idempotency_key: str,
) -> Booking:
    """Cancel a booking before its start, once per idempotency key, and free its time.

    A customer gets back what the terms give at the moment, all if the vendor cancels. The order is
    locked before the booking. Raises
    `CancelTooLate` if that is less than the customer was shown, `InvalidBookingState` for one that
    has begun or ended, or that is in an order: that one is cancelled with its order.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelBooking",
        idempotency_key,
        booking_id=booking_id,
        draft=draft.model_dump(),
    )
    party = await access_booking(session, viewer, booking_id)
    if claimed.replayed:
        return party.booking
    locked = await lock_with_order(session, party.booking)
    if party.is_vendor:
        await cancel_for_vendor(session, viewer, locked, draft.reason)
    else:
        await cancel_for_customer(session, locked, draft, now(), viewer=viewer)
    await idempotency.record_result(session, claimed, booking_id)
    return locked.booking


async def cancel_for_vendor(
    session: AsyncSession, viewer: Viewer, locked: OrderedBooking, reason: str | None
) -> None:
    """Cancel a booking that is locked, and refund all of it."""
    booking = locked.booking
    _ensure_cancellable(booking, now(), by_vendor=True)
    audit.append(session, viewer, AuditAct.CANCEL_BOOKING, subject_id=booking.id)
    paid, vendor = booking.paid_online, OrderActor.VENDOR
    await refund_booking(session, locked, paid, actor=vendor, viewer=viewer, note=reason)
    await end_as_cancelled(session, booking, reason, by_vendor=True)


async def cancel_for_customer(
    session: AsyncSession,
    locked: OrderedBooking,
    draft: CancelBookingDraft,
    moment: datetime,
    *,
    viewer: Viewer | None = None,
) -> None:
    """Cancel a booking that is locked by its terms at a moment, by whichever way a customer asks.

    Those that are cancelled together have one moment, so that each gives what the sum has.
    """
    booking = locked.booking
    _ensure_cancellable(booking, moment, by_vendor=False)
    _ensure_as_shown(booking, draft.refund_bps, moment)
    await return_surplus_of(session, locked)
    amount = share(booking.paid_online, booking.refund_bps(moment))
    buyer, note = OrderActor.BUYER, draft.reason
    await refund_booking(session, locked, amount, actor=buyer, viewer=viewer, note=note)
    await end_as_cancelled(session, booking, draft.reason, by_vendor=False)


async def end_as_cancelled(
    session: AsyncSession, booking: Booking, reason: str | None, *, by_vendor: bool
) -> None:
    """Cancel a booking that is locked, free its time, and notify the parties."""
    was_held = booking.state is BookingState.HELD
    await free_times(session, [booking])
    await return_waits(session, [booking], BookingState.CANCELLED)
    booking.state, booking.reason, booking.ended_at = BookingState.CANCELLED, reason, now()
    booking.expires_at = booking.hard_until = None
    booking.cancelled_by = CancelledBy.VENDOR if by_vendor else CancelledBy.CUSTOMER
    announce(session, booking)
    if by_vendor:
        await notify_customer(session, booking, NotificationKind.BOOKING_CANCELLED)
    elif not was_held:  # members know nothing of a hold
        await notify_of_own_act(session, booking, NotificationKind.BOOKING_CANCELLED)


def _ensure_cancellable(booking: Booking, moment: datetime, *, by_vendor: bool) -> None:
    """Raise `InvalidBookingState` for one that is over or in an order, or begun for customers."""
    booking.ensure_can_become(BookingState.CANCELLED)
    if booking.state is BookingState.PENDING_PAYMENT:
        raise InvalidBookingState("This booking is in an order. Cancel the order.")
    if not by_vendor and booking.starts_at <= moment:
        raise InvalidBookingState("This booking has begun, so you cannot cancel it any more.")


def _ensure_as_shown(booking: Booking, shown_bps: int | None, moment: datetime) -> None:
    """Raise `CancelTooLate` if a customer was shown more than the terms give now."""
    refund_bps = booking.refund_bps(moment)
    if shown_bps is not None and refund_bps < shown_bps:
        raise CancelTooLate(refund_bps=refund_bps)
