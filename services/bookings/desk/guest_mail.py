"""Mails to guests: their booking for their calendar, and a link to answer or cancel it."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.writing import Guest, Method
from core.errors import UserMessage
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from gateways.mail import MailMessage
from models.base import localized
from models.bookings.bookings import Booking
from models.bookings.setting_up.services import Service
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor
from services.bookings.calendars.entries import find_entry
from services.bookings.guests import open_guest
from services.bookings.reminding.links import link_to
from services.bookings.reminding.texts import ANSWER
from services.bookings.starts import describe_start
from services.i18n import translate
from services.notifications.finishing import invite, sign_page_link
from services.notifications.kinds import Invitation, quoted


@dataclass(frozen=True)
class GuestText:
    """The texts of a mail to a guest, and what it does to their calendar."""

    title: UserMessage
    body: UserMessage
    method: Method


TEXTS = {
    NotificationKind.BOOKING_CONFIRMED: GuestText(
        UserMessage("Your booking is confirmed"),
        UserMessage("{service} at {vendor} begins on {time}."),
        Method.REQUEST,
    ),
    NotificationKind.BOOKING_MOVED: GuestText(
        UserMessage("A booking has a new time"),
        UserMessage("{service} at {vendor} begins on {time}."),
        Method.REQUEST,
    ),
    NotificationKind.BOOKING_CANCELLED: GuestText(
        UserMessage("A booking was cancelled"),
        UserMessage("{service} on {time} was cancelled."),
        Method.CANCEL,
    ),
}


@dataclass(frozen=True)
class GuestMailer:
    """Keys and addresses of mails to guests. The organizer of entries is the sender."""

    sealer: Sealer
    keys: SigningKeys
    public_url: str
    organizer: str


async def compose_for_guest(
    session: AsyncSession,
    mailer: GuestMailer,
    booking_id: UUID,
    kind: NotificationKind,
    revision: int,
) -> MailMessage | None:
    """Return a mail in the vendor's language, whose Message-ID is that of its repetition.

    There is none of other kinds, for a guest who is forgotten, and for a booking that was moved or
    has ended since.
    """
    booking = await session.get_one(Booking, booking_id)
    email = open_guest(mailer.sealer, booking, "guest_email")
    text = TEXTS.get(kind)
    if email is None or text is None or booking.revision != revision:
        return None
    if booking.occupies != (text.method is Method.REQUEST):
        return None
    vendor = await session.get_one(Vendor, booking.vendor_id)
    locales = [vendor.locale]
    entry = await find_entry(session, booking, locales)
    body = await _body(session, booking, vendor, text)
    if text.method is Method.REQUEST:
        link = sign_page_link(mailer.keys, mailer.public_url, link_to(booking))
        body += f"\n\n{translate(ANSWER, locales)}\n\n{link}"
    return MailMessage(
        id=uuid5(booking.id, f"{kind}:{revision}"),
        to=email,
        subject=translate(text.title, locales),
        body=f"{body}\n",
        attachments=[invite(Invitation(entry, text.method), Guest(mailer.organizer, email))],
    )


async def _body(session: AsyncSession, booking: Booking, vendor: Vendor, text: GuestText) -> str:
    service = await session.get_one(Service, booking.service_id)
    locales = [vendor.locale]
    name = localized(service.name, locales, service.locale)
    known = {
        "service": quoted(name, otherwise=translate(UserMessage("a service"), locales)),
        "vendor": quoted(vendor.name, otherwise=translate(UserMessage("a vendor"), locales)),
        "time": describe_start(booking, None, vendor.locale),
    }
    used = {key: value for key, value in known.items() if f"{{{key}}}" in text.body.template}
    return translate(UserMessage(text.body.template, **used), locales)
