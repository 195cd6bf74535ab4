"""The notification that reminds a customer of a booking."""

from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.setting_up.reminders import revision_of
from models.bookings.setting_up.services import Service
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.bookings.reminding.links import link_to
from services.bookings.reminding.texts import compose_reminder
from services.notifications.kinds import DeclaredKind, NotificationText


async def _reminder(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    booking = await session.get_one(Booking, notification.subject_id)
    service = await session.get_one(Service, booking.service_id)
    vendor = await session.get_one(Vendor, booking.vendor_id)
    text = compose_reminder(booking, service, vendor, user.locale, user.time_zone)
    return replace(text, link=link_to(booking))


async def _find_if_over(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery about a booking that was moved or has ended or begun, also in quiet hours."""
    booking = await session.get_one(Booking, notification.subject_id)
    known = booking.revision == revision_of(notification.up_to_sequence)
    waits = booking.state is BookingState.CONFIRMED and now() < booking.starts_at
    return None if known and waits else SkipReason.NO_PART


KINDS = [
    DeclaredKind(
        NotificationKind.BOOKING_REMINDER,
        "A booking of the user begins soon.",
        subject="Booking",
        compose=_reminder,
        find_skip_reason=_find_if_over,
    ),
]
