"""The mails to the new and the old address of an account."""

import secrets
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.identity.accounts import User
from models.identity.email_changes import UNDO_HOURS, EmailChange
from services.i18n import translate
from services.identity.addresses.changed_addresses import find_old_email, open_new_email

EMAIL_LINK_PATH = "/auth/email"
UNDO_LINK_PATH = "/auth/undo"

SUBJECT = UserMessage("Confirm your new email address for Haat")
CHANGED_SUBJECT = UserMessage("The email address of your account was changed")


async def compose_change(
    session: AsyncSession, sealer: Sealer, change_id: UUID, public_url: str
) -> MailMessage | None:
    """Return the mail to the new address, or None if the change has ended.

    The token is made here and stored as a hash, so no job contains it. The mail has no text of the
    user: the address may be another person's.
    """
    change = await _lock(session, change_id)
    if change is None or change.used_at or change.expires_at <= now():
        return None
    token = secrets.token_urlsafe(32)
    change.token_hash = hash_secret(token)
    body = UserMessage(
        "This address was entered as the new address of an account on Haat. Open this link to"
        " confirm it:\n\n{link}\n\nIt is valid until {end} UTC. If that was not you, ignore this"
        " mail: nothing will change.",
        link=f"{public_url}{EMAIL_LINK_PATH}#{token}",
        end=change.expires_at.replace(tzinfo=None),
    )
    return await _mail(session, change, open_new_email(sealer, change), SUBJECT, body)


async def compose_changed(
    session: AsyncSession, sealer: Sealer, change_id: UUID, public_url: str
) -> MailMessage | None:
    """Return the mail to the old address, with the link that undoes the change."""
    change = await _lock(session, change_id)
    if change is None or change.undo_until is None or change.undo_until <= now():
        return None
    former = find_old_email(sealer, change)
    if former is None:
        return None
    token = secrets.token_urlsafe(32)
    change.undo_hash = hash_secret(token)
    body = UserMessage(
        "The email address of your account on Haat was changed. This address is no longer used."
        "\n\nIf that was not you, open this link within {hours} hours to undo it. All devices are"
        " then signed out, and you choose a new password:\n\n{link}",
        link=f"{public_url}{UNDO_LINK_PATH}#{token}",
        hours=UNDO_HOURS,
    )
    return await _mail(session, change, former, CHANGED_SUBJECT, body)


async def _lock(session: AsyncSession, change_id: UUID) -> EmailChange | None:
    rows = select(EmailChange).where(EmailChange.id == change_id)
    return (await session.exec(for_change(rows))).first()


async def _mail(
    session: AsyncSession,
    change: EmailChange,
    address: str,
    subject: UserMessage,
    body: UserMessage,
) -> MailMessage:
    locales = [(await session.get_one(User, change.user_id)).locale]
    text = f"{translate(body, locales)}\n"
    return MailMessage(id=new_id(), to=address, subject=translate(subject, locales), body=text)
