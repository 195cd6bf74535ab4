"""Answers of customers to reminders: they come, or they cancel."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import Booking, BookingState, InvalidBookingState
from models.bookings.drafts import CancelBookingDraft
from models.bookings.setting_up.reminders import BookingLinkEnded
from models.bookings.setting_up.services import Service
from models.vendors import Vendor
from services.bookings.announcing import announce
from services.bookings.cancelling import cancel_for_customer
from services.bookings.holding.access import access_own_booking, lock_booking
from services.bookings.ordering.refunding import lock_with_order
from services.bookings.reminding.links import BookingLink
from services.viewer import Viewer


async def find_linked(session: AsyncSession, link: BookingLink) -> Booking:
    """Return the booking of a link. Raises `BookingLinkEnded` if it was moved since, or began."""
    booking = await session.get(Booking, link.booking_id)
    if booking is None:
        raise BookingLinkEnded
    _ensure_current(booking, link)
    return booking


async def read_linked(session: AsyncSession, link: BookingLink) -> tuple[Booking, Service, Vendor]:
    """Return what the page of a link shows. Raises `BookingLinkEnded`."""
    booking = await find_linked(session, link)
    service = await session.get_one(Service, booking.service_id)
    return booking, service, await session.get_one(Vendor, booking.vendor_id)


async def confirm_attendance(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Note that the viewer comes to a booking of theirs. A repetition changes nothing."""
    booking = await access_own_booking(session, viewer, booking_id)
    _note_coming(session, booking)
    return booking


async def confirm_by_link(session: AsyncSession, link: BookingLink) -> Booking:
    """Note that the customer comes, as `confirm_attendance` does."""
    booking = await _lock_linked(session, link)
    _note_coming(session, booking)
    return booking


async def cancel_by_link(
    session: AsyncSession, link: BookingLink, draft: CancelBookingDraft
) -> Booking:
    """Cancel a booking by the terms of its time, as its customer does in the app.

    One that is cancelled stays so. Raises `BookingLinkEnded`, `CancelTooLate` and
    `InvalidBookingState`.
    """
    locked = await lock_with_order(session, await find_linked(session, link))
    _ensure_current(locked.booking, link)
    if locked.booking.state is not BookingState.CANCELLED:
        await cancel_for_customer(session, locked, draft, now())
    return locked.booking


async def _lock_linked(session: AsyncSession, link: BookingLink) -> Booking:
    await find_linked(session, link)
    booking = await lock_booking(session, link.booking_id)
    _ensure_current(booking, link)
    return booking


def _ensure_current(booking: Booking, link: BookingLink) -> None:
    if booking.revision != link.revision or booking.starts_at <= now():
        raise BookingLinkEnded


def _note_coming(session: AsyncSession, booking: Booking) -> None:
    if booking.state is not BookingState.CONFIRMED:
        raise InvalidBookingState
    if not booking.is_coming:
        booking.coming_revision = booking.revision
        announce(session, booking)
