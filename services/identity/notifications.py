"""Notifications about the security of accounts."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.identity.api_tokens import ApiToken
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.identity.phones.sms_shares import find_pause
from services.notifications.decisions import compose_decision
from services.notifications.kinds import DeclaredKind, NotificationText


async def _api_token_created(
    session: AsyncSession, notification: Notification, _: User
) -> NotificationText:
    """Compose the text without the token's name, which a thief would have chosen."""
    token = await session.get(ApiToken, notification.subject_id)
    locales = [notification.locale] if notification.locale else []
    known = {
        "prefix": token.prefix if token else "…",
        "at": notification.created_at,
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


async def _sms_paused(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    pause = await find_pause(session, notification.up_to_sequence)
    title = UserMessage("Codes by phone are paused in a country")
    if pause is None:  # it was deleted after 90 days
        return compose_decision(user, title, title)
    body = UserMessage(
        "Of {sent} codes that were sent to phone numbers in {country} within an hour, {confirmed}"
        " were entered. Perhaps someone asks for them to earn money with the messages. Until"
        " {until}, only numbers of accounts get codes there. If it goes on, take the country out of"
        " SMS_COUNTRIES.",
        sent=pause.sent,
        country=pause.country,
        confirmed=pause.confirmed,
        until=pause.until,
    )
    return compose_decision(user, title, body)


KINDS = [
    DeclaredKind(
        NotificationKind.SMS_PAUSED,
        "For admins: hardly any codes by phone are entered in a country, so they are paused there.",
        subject="User",
        compose=_sms_paused,
    ),
    DeclaredKind(
        NotificationKind.API_TOKEN_CREATED,
        "An API token was created. Its mail cannot be turned off.",
        subject="ApiToken",
        compose=_api_token_created,
        required=UserMessage(
            "Mails about new API tokens cannot be turned off. They protect the account."
        ),
    ),
]
