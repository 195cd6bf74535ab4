"""Texts about an admin's decision on a business, in the language of the recipient."""

from core.errors import UserMessage
from models.identity.accounts import User
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import NotificationText, quoted

REQUIRED = UserMessage("Mails about decisions on your business cannot be turned off.")


def name_of(vendor: Vendor, user: User) -> str:
    """Return the vendor's name in quotation marks."""
    return quoted(vendor.name, otherwise=translate(UserMessage("Your business"), [user.locale]))


def compose_decision(
    user: User, title: UserMessage, body: UserMessage, *, reason: str | None = None
) -> NotificationText:
    """Return the texts. The mail quotes the admin's reason, in the language of the admin."""
    locales = [user.locale]
    subject, text = translate(title, locales), translate(body, locales)
    because = ""
    if reason is not None:
        because = translate(UserMessage("The reason:\n\n{reason}", reason=reason), locales)
        because = f"\n\n{because}"
    return NotificationText(
        push_title=subject, push_body=text, mail_subject=subject, mail_body=f"{text}{because}\n"
    )
