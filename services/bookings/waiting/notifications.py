"""Notifications about waits. They quote the service and its start."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import UserMessage
from models.base import localized
from models.bookings.bookings import Booking
from models.bookings.setting_up.services import Service
from models.bookings.waits import BookingWait
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from services.bookings.starts import describe_start
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted


async def _held(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    booking = await session.get_one(Booking, notification.subject_id)
    body = UserMessage(
        "{service} on {time} is free, and held for you for a short time. Open the app to book it.",
        service=await _quoted(session, booking, user),
        time=describe_start(booking, user.time_zone, user.locale),
    )
    return NotificationText.of(UserMessage("A time is held for you"), body, [user.locale])


async def _lapsed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    wait = await session.get_one(BookingWait, notification.subject_id)
    body = UserMessage(
        "The times of {service} that were held for you were not booked. Join the waitlist again if"
        " you still want one.",
        service=await _quoted(session, wait, user),
    )
    title = UserMessage("You are not on the waitlist any more")
    return NotificationText.of(title, body, [user.locale])


async def _quoted(session: AsyncSession, row: Booking | BookingWait, user: User) -> str:
    service = await session.get_one(Service, row.service_id)
    name = localized(service.name, [user.locale], service.locale)
    return quoted(name, otherwise=translate(UserMessage("a service"), [user.locale]))


async def _find_if_over(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery about a time that is held no more."""
    booking = await session.get_one(Booking, notification.subject_id)
    return None if booking.is_held(now()) else SkipReason.NO_PART


KINDS = [
    DeclaredKind(
        NotificationKind.BOOKING_WAIT_HOLD,
        "A time that the user has waited for is held for them, until a time.",
        subject="Booking",
        compose=_held,
        find_skip_reason=_find_if_over,
    ),
    DeclaredKind(
        NotificationKind.BOOKING_WAIT_LAPSED,
        "The user did not book two times that were held for them, and waits for none any more.",
        subject="BookingWait",
        compose=_lapsed,
    ),
]
