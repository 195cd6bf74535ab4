"""The answers of vendors to bookings that need one."""

from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.bookings.bookings import PAY_HOURS, Booking, BookingHoldExpired, BookingState
from models.bookings.drafts import DeclineDraft
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor
from services.audit import entries as audit
from services.bookings.announcing import announce
from services.bookings.holding.access import lock_booking, lock_customers_booking
from services.bookings.holding.confirming import confirm_row, postpone_end
from services.bookings.holding.ending import free_times
from services.bookings.notices import notify_customer
from services.bookings.waiting.states import return_waits
from services.viewer import Viewer

ANSWERED = {BookingState.CONFIRMED, BookingState.HELD, BookingState.PENDING_PAYMENT}


async def approve_booking(
    session: AsyncSession, viewer: Viewer, *, booking_id: UUID, revision: int | None = None
) -> Booking:
    """Confirm a booking that was requested, or hold it for a day until it is paid.

    One that was approved stays as it is, so two members at once notify the customer once. Raises
    `InvalidBookingState`, `VendorSuspended`, `BookingHoldExpired` after the time to answer, and
    `BookingChanged` if the member has seen another revision: what is approved is the time that was
    shown.
    """
    booking = await lock_customers_booking(session, viewer, booking_id)
    if booking.approved_at is not None and booking.state in ANSWERED:
        return booking
    moment = now()
    _ensure_requested(booking)
    if revision is not None:
        booking.ensure_revision(revision)
    (await session.get_one(Vendor, booking.vendor_id)).ensure_not_suspended()
    booking.approved_at = moment
    audit.append(session, viewer, AuditAct.APPROVE_BOOKING, subject_id=booking_id)
    if booking.due_online:
        booking.ensure_can_become(BookingState.HELD)
        booking.state = BookingState.HELD
        until = min(moment + timedelta(hours=PAY_HOURS), booking.starts_at)
        await postpone_end(session, booking, until)
        await notify_customer(session, booking, NotificationKind.BOOKING_APPROVED)
    else:
        await confirm_row(session, booking)
        await notify_customer(session, booking, NotificationKind.BOOKING_CONFIRMED)
    return booking


async def decline_booking(
    session: AsyncSession, viewer: Viewer, draft: DeclineDraft, *, booking_id: UUID
) -> Booking:
    """Decline a booking that was requested, and free its time. The customer reads the reason.

    One that was declined stays as it is. Raises as `approve_booking` does.
    """
    booking = await lock_customers_booking(session, viewer, booking_id)
    if booking.state is BookingState.DECLINED:
        return booking
    _ensure_requested(booking)
    await free_times(session, [booking])
    await return_waits(session, [booking], BookingState.DECLINED)
    booking.state, booking.reason = BookingState.DECLINED, draft.reason
    booking.ended_at, booking.expires_at, booking.hard_until = now(), None, None
    audit.append(session, viewer, AuditAct.DECLINE_BOOKING, subject_id=booking_id)
    announce(session, booking)
    await notify_customer(session, booking, NotificationKind.BOOKING_DECLINED)
    return booking


async def announce_unanswered(session: AsyncSession, booking_id: UUID) -> None:
    """Notify the customer that the vendor did not answer in time."""
    booking = await lock_booking(session, booking_id)
    if booking.state is BookingState.EXPIRED:
        await notify_customer(session, booking, NotificationKind.BOOKING_UNANSWERED)


def _ensure_requested(booking: Booking) -> None:
    """Raise `InvalidBookingState` unless a booking waits for an answer."""
    booking.ensure_can_become(BookingState.DECLINED)
    if booking.expires_at is not None and booking.expires_at <= now():
        raise BookingHoldExpired
