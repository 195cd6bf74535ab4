"""The kinds of notifications, each declared by its domain.

`services/<domain>/notifications.py` lists them as `KINDS`; the value of the enum, in
`models/notifications/inbox.py`, is all that is added elsewhere.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Self, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.writing import CalendarEntry, Method
from core.errors import UserMessage
from core.text.cleaning import clean_line
from core.web.web_addresses import contains_web_address
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Channel, Notification, NotificationKind
from services.declarations import find_declarations
from services.i18n import translate
from services.links import LinkPurpose

QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


@dataclass(frozen=True)
class AttachedFile:
    """A file of the object storage that is attached to a mail."""

    key: str
    name: str
    content_type: str


@dataclass(frozen=True)
class Invitation:
    """An entry for the recipient's calendar, which a mail brings as a file."""

    entry: CalendarEntry
    method: Method


@dataclass(frozen=True)
class PageLink:
    """A signed link to a page, which is the last line of a mail. A push message has none."""

    path: str
    purpose: LinkPurpose
    claims: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True)
class NotificationText:
    """Texts for a push message and a mail, which never quote chat messages.

    Subjects and titles are ours alone: a user whose name stood there could write a mail in our
    name. In the body, names and titles stand in quotation marks, and the recipient's own name is
    left out, because anyone can register an address with a name of their choice. `files` and the
    `invitation` are attached to the mail, and the `link` is its last line.
    """

    push_title: str
    push_body: str
    mail_subject: str
    mail_body: str
    files: Sequence[AttachedFile] = ()
    invitation: Invitation | None = None
    link: PageLink | None = None

    @classmethod
    def of(cls, title: UserMessage, body: UserMessage, locales: list[str]) -> Self:
        """Return the same texts for a push message and a mail."""
        subject, text = translate(title, locales), translate(body, locales)
        return cls(push_title=subject, push_body=text, mail_subject=subject, mail_body=f"{text}\n")


Found = TypeVar("Found")
Find = Callable[[AsyncSession, Notification], Awaitable[Found | None]]
Compose = Callable[[AsyncSession, Notification, User], Awaitable[NotificationText]]


@dataclass(frozen=True)
class DeclaredKind:
    """A kind of notification.

    `subject` is the GraphQL type that the notification is about, which apps open. `required` is the
    refusal to turn its mails off; such mails ignore preferences, quiet hours and whether the user
    has read the notification. They are for the account's security: with a stolen session, a thief
    could otherwise turn them off before the act. `find_skip_reason` is asked before each attempt,
    and `find_sender` for the user whose daily mails are counted.
    """

    kind: NotificationKind
    description: str
    subject: str
    compose: Callable[[AsyncSession, Notification, User], Awaitable[NotificationText]]
    required: UserMessage | None = None
    find_skip_reason: (
        Callable[[AsyncSession, Notification], Awaitable[SkipReason | None]] | None
    ) = None
    find_sender: Callable[[AsyncSession, Notification], Awaitable[UUID | None]] | None = None


@cache
def declared_kinds() -> Mapping[NotificationKind, DeclaredKind]:
    """Return the kinds that the services' modules named `notifications` declare."""
    found = {one.kind: one for one in find_declarations("notifications", "KINDS")}
    return {kind: found[kind] for kind in NotificationKind if kind in found}


def is_required(kind: NotificationKind, channel: Channel) -> bool:
    """Return whether a delivery ignores preferences, quiet hours and whether it was read."""
    return channel is Channel.MAIL and declared_kinds()[kind].required is not None


def quoted(text: str, *, otherwise: str) -> str:
    """Return a text of a user in quotation marks that it cannot close.

    Rows older than the rules for names, and titles of offers, can contain a web address, which a
    mail program would turn into a link: they are replaced by `otherwise`.
    """
    line = clean_line(text).translate(QUOTATION_MARKS)
    return f"“{line}”" if line and not contains_web_address(line) else otherwise
