"""Notifications about bookings. They quote the service and its start, and name no customer.

Customers read at which vendor it is.
"""

from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.writing import Method
from core.errors import UserMessage
from models.base import localized
from models.bookings.bookings import Booking, BookingState
from models.bookings.setting_up.services import Service
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.bookings.calendars.entries import find_entry
from services.bookings.starts import describe_start
from services.i18n import translate
from services.notifications.kinds import (
    Compose,
    DeclaredKind,
    Invitation,
    NotificationText,
    quoted,
)


def _about_booking(title: UserMessage, body: UserMessage, method: Method | None = None) -> Compose:
    """Return the function that composes texts of a title and of a body with service and time.

    With a method, the mail to the customer brings the booking to a calendar, or takes it away.
    """
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        booking = await session.get_one(Booking, notification.subject_id)
        service = await session.get_one(Service, booking.service_id)
        name = localized(service.name, [user.locale], service.locale)
        known = UserMessage(
            template,
            service=quoted(name, otherwise=translate(UserMessage("a service"), [user.locale])),
            time=describe_start(booking, user.time_zone, user.locale),
        )
        if booking.user_id == user.id:
            known = await _for_customer(session, booking, user, known)
        text = NotificationText.of(title, known, [user.locale])
        if method is None or booking.user_id != user.id:
            return text
        entry = await find_entry(session, booking, [user.locale])
        return replace(text, invitation=Invitation(entry, method))

    return compose


async def _for_customer(
    session: AsyncSession, booking: Booking, user: User, known: UserMessage
) -> UserMessage:
    """Return a text with the vendor beside the service."""
    vendor, locales = await session.get_one(Vendor, booking.vendor_id), [user.locale]
    name = quoted(vendor.name, otherwise=translate(UserMessage("a vendor"), locales))
    there = UserMessage("{service} at {vendor}", service=known.values["service"], vendor=name)
    return UserMessage(known.template, **known.values | {"service": translate(there, locales)})


async def _find_if_answered(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery about a booking that waits for an answer no more."""
    booking = await session.get_one(Booking, notification.subject_id)
    return None if booking.state is BookingState.REQUESTED else SkipReason.NO_PART


async def _find_if_moved_on(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery about a booking that has been moved again or has ended."""
    booking = await session.get_one(Booking, notification.subject_id)
    known = booking.occupies and booking.revision == notification.up_to_sequence
    return None if known else SkipReason.NO_PART


KINDS = [
    DeclaredKind(
        NotificationKind.BOOKING_MADE,
        "A customer has booked a time at the vendor.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("You have a new booking"),
            UserMessage("{service} was booked for {time}."),
        ),
        find_skip_reason=_find_if_moved_on,
    ),
    DeclaredKind(
        NotificationKind.BOOKING_REQUESTED,
        "A customer wants a time at the vendor, which has to answer.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("A booking waits for your answer"),
            UserMessage("A customer wants {service} on {time}. Open the app to answer."),
        ),
        find_skip_reason=_find_if_answered,
    ),
    DeclaredKind(
        NotificationKind.BOOKING_APPROVED,
        "The vendor approved a booking of the user, which is confirmed once it is paid.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("Your booking was approved"),
            UserMessage("{service} on {time} was approved. Pay for it in the app to confirm it."),
        ),
        find_skip_reason=_find_if_moved_on,
    ),
    DeclaredKind(
        NotificationKind.BOOKING_CONFIRMED,
        "A booking of the user is confirmed.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("Your booking is confirmed"),
            UserMessage("{service} on {time} is confirmed."),
            Method.REQUEST,
        ),
        find_skip_reason=_find_if_moved_on,
    ),
    DeclaredKind(
        NotificationKind.BOOKING_DECLINED,
        "The vendor declined a booking of the user.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("Your booking was declined"),
            UserMessage("{service} on {time} was declined. Open the app to choose another time."),
        ),
    ),
    DeclaredKind(
        NotificationKind.BOOKING_UNANSWERED,
        "The vendor did not answer a booking of the user in time, so it has ended.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("Your booking was not answered"),
            UserMessage(
                "{service} on {time} was not answered in time, so it is not booked. Open the app to"
                " choose another time."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.BOOKING_MOVED,
        "A booking of the user, or one at the vendor, was moved.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("A booking has a new time"),
            UserMessage("{service} now starts on {time}."),
            Method.REQUEST,
        ),
        find_skip_reason=_find_if_moved_on,
    ),
    DeclaredKind(
        NotificationKind.BOOKING_CANCELLED,
        "A booking of the user, or one at the vendor, was cancelled.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("A booking was cancelled"),
            UserMessage("{service} on {time} was cancelled."),
            Method.CANCEL,
        ),
    ),
    DeclaredKind(
        NotificationKind.BOOKING_NO_SHOW,
        "The vendor noted that the user did not come to a booking.",
        subject="Booking",
        compose=_about_booking(
            UserMessage("You were missed"),
            UserMessage(
                "You did not come to {service} on {time}. If that is wrong, contact the business."
            ),
        ),
    ),
]
