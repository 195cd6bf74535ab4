"""The texts of reminders, with the time at the place, and in the user's zone if that differs."""

from core.errors import UserMessage
from models.base import localized
from models.bookings.bookings import Booking
from models.bookings.setting_up.services import Service
from models.vendors import Vendor
from services.bookings.starts import describe_start
from services.i18n import translate
from services.notifications.kinds import NotificationText, quoted

TITLE = UserMessage("A reminder of your booking")
BODY = UserMessage("{service} at {vendor} begins on {time}.")
ANSWER = UserMessage("To confirm that you come, or to cancel, open this page:")


def compose_reminder(
    booking: Booking, service: Service, vendor: Vendor, locale: str, zone: str | None
) -> NotificationText:
    """Return the texts. The mail's last line is left to the link."""
    name = localized(service.name, [locale], service.locale)
    known = UserMessage(
        BODY.template,
        service=quoted(name, otherwise=translate(UserMessage("a service"), [locale])),
        vendor=quoted(vendor.name, otherwise=translate(UserMessage("a vendor"), [locale])),
        time=describe_start(booking, zone, locale),
    )
    title, body = translate(TITLE, [locale]), translate(known, [locale])
    return NotificationText(
        push_title=title,
        push_body=body,
        mail_subject=title,
        mail_body=f"{body}\n\n{translate(ANSWER, [locale])}\n\n",
    )
