"""Notifications about the security of accounts."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.identity.api_tokens import ApiToken
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText


async def _api_token_created(
    session: AsyncSession, notification: Notification, _: User
) -> NotificationText:
    """Compose the text without the token's name, which a thief would have chosen."""
    token = await session.get(ApiToken, notification.subject_id)
    locales = [notification.locale] if notification.locale else []
    known = {
        "prefix": token.prefix if token else "…",
        "at": f"{notification.created_at:%Y-%m-%d %H:%M} UTC",
    }
    title = translate(UserMessage("A new API token was created for your account"), locales)
    explained = UserMessage(
        "At {at}, the API token {prefix}… was created for your account. A program that has it can"
        " act in your name. If that was not you, sign in and revoke it at once.",
        **known,
    )
    body = translate(explained, locales)
    return NotificationText(
        push_title=title,
        push_body=translate(UserMessage("If that was not you, revoke it."), locales),
        mail_subject=title,
        mail_body=f"{body}\n",
    )


KINDS = [
    DeclaredKind(
        NotificationKind.API_TOKEN_CREATED,
        "An API token was created. Its mail cannot be turned off.",
        subject="ApiToken",
        compose=_api_token_created,
        required=UserMessage(
            "Mails about new API tokens cannot be turned off. They protect the account."
        ),
    )
]
