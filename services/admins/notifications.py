"""Notifications about suspensions of users and changes of admins."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.admins.changes import AdminAct, AdminChange
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.admins.suspensions import find_suspension
from services.i18n import translate
from services.notifications.decisions import compose_decision
from services.notifications.kinds import DeclaredKind, NotificationText, quoted

REQUIRED = UserMessage("Mails about the security of the account cannot be turned off.")
REQUESTED = {
    AdminAct.GRANT: UserMessage(
        "Another admin asks to make {user} an admin of Haat. It happens if a second admin confirms"
        " it within 24 hours. Look at the request in the app."
    ),
    AdminAct.REVOKE: UserMessage(
        "Another admin asks to take the rights of the admin {user} on Haat away. It happens if a"
        " second admin confirms it within 24 hours. Look at the request in the app."
    ),
}


async def _suspended(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    found = await find_suspension(session, user.id, notification.up_to_sequence)
    until = found.until if found else None
    body = UserMessage(
        "Your account on Haat was suspended. You cannot sign in, and your vouchers cannot be"
        " redeemed. If you think that this is a mistake, answer this mail."
    )
    if until is not None:
        body = UserMessage(
            "Your account on Haat was suspended until {until}. Until then you cannot sign in, and"
            " your vouchers cannot be redeemed. If you think that this is a mistake, answer this"
            " mail.",
            until=until,
        )
    return compose_decision(
        user,
        UserMessage("Your account was suspended"),
        body,
        reason=found.reason if found else None,
    )


async def _restored(_: AsyncSession, __: Notification, user: User) -> NotificationText:
    return compose_decision(
        user,
        UserMessage("Your account was restored"),
        UserMessage(
            "Your account on Haat is no longer suspended. You can sign in again, and vouchers that"
            " have not expired can be redeemed."
        ),
    )


async def _requested(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    change = await session.get_one(AdminChange, notification.subject_id)
    of = await session.get_one(User, change.user_id)
    name = quoted(of.name, otherwise=translate(UserMessage("a user"), [user.locale]))
    return compose_decision(
        user,
        UserMessage("A change of admins needs your confirmation"),
        UserMessage(REQUESTED[change.act].template, user=name),
    )


KINDS = [
    DeclaredKind(
        NotificationKind.USER_SUSPENDED,
        "The account was suspended. Its mail cannot be turned off.",
        subject="User",
        compose=_suspended,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.USER_RESTORED,
        "The suspension of the account has ended. Its mail cannot be turned off.",
        subject="User",
        compose=_restored,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.ADMIN_CHANGE_REQUESTED,
        "For admins: another admin asks to change who is an admin. Its mail cannot be turned off.",
        subject="AdminChange",
        compose=_requested,
        required=REQUIRED,
    ),
]
