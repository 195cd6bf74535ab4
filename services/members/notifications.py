"""Notifications about memberships."""

from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.inbox import notify
from services.notifications.kinds import DeclaredKind, NotificationText, quoted

ROLE_CHANGED = (
    UserMessage("Your role at a vendor was changed"),
    UserMessage("At {vendor}, you have another role now. Open the app to see it."),
)
REMOVED = (
    UserMessage("You are no longer a member of a vendor"),
    UserMessage("A manager of {vendor} removed you from its members."),
)
ACCEPTED = (
    UserMessage("Your invitation was accepted"),
    UserMessage("A person whom you invited is a member of {vendor} now."),
)


async def notify_user(
    session: AsyncSession, user_id: UUID, kind: NotificationKind, vendor_id: UUID
) -> None:
    """Notify a user about a vendor that is locked, in the user's language.

    Roles change more than once, so these notifications are numbered per user, kind and vendor.
    """
    earlier = select(func.max(Notification.up_to_sequence)).where(
        Notification.user_id == user_id,
        Notification.kind == kind,
        Notification.subject_id == vendor_id,
    )
    number = ((await session.exec(earlier)).one() or 0) + 1
    user = await session.get_one(User, user_id)
    await notify(session, user_id, kind, vendor_id, up_to_sequence=number, locale=user.locale)


async def _role_changed(
    session: AsyncSession, notification: Notification, _: User
) -> NotificationText:
    return await _text(session, notification, *ROLE_CHANGED)


async def _removed(session: AsyncSession, notification: Notification, _: User) -> NotificationText:
    return await _text(session, notification, *REMOVED)


async def _accepted(session: AsyncSession, notification: Notification, _: User) -> NotificationText:
    return await _text(session, notification, *ACCEPTED)


async def _text(
    session: AsyncSession, notification: Notification, title: UserMessage, body: UserMessage
) -> NotificationText:
    vendor = await session.get_one(Vendor, notification.subject_id)
    locales = [notification.locale] if notification.locale else []
    otherwise = translate(UserMessage("a vendor"), locales)
    known = UserMessage(body.template, vendor=quoted(vendor.name, otherwise=otherwise))
    return NotificationText.of(title, known, locales)


KINDS = [
    DeclaredKind(
        NotificationKind.MEMBER_ROLE_CHANGED,
        "The user's role at a vendor was changed.",
        subject="Vendor",
        compose=_role_changed,
    ),
    DeclaredKind(
        NotificationKind.MEMBER_REMOVED,
        "The user was removed from the members of a vendor.",
        subject="Vendor",
        compose=_removed,
    ),
    DeclaredKind(
        NotificationKind.INVITATION_ACCEPTED,
        "A person whom the user invited is a member of a vendor now.",
        subject="Vendor",
        compose=_accepted,
    ),
]
