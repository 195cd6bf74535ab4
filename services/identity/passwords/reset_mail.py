"""The mail with the link for a new password."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.identity.password_resets import RESET_MINUTES, PasswordReset
from services.i18n import translate
from services.identity.addresses.sealed_addresses import open_email
from services.identity.passwords.password_resets import issue_link

RESET_LINK_PATH = "/auth/password"

SUBJECT = UserMessage("Choose a new password for Haat")


async def compose_reset(
    session: AsyncSession, sealer: Sealer, reset_id: UUID, public_url: str
) -> MailMessage | None:
    """Return the mail of a request, or None if its address has no account or it has ended.

    A later mail replaces the link. An address without an account gets none: anyone can enter any
    address, and its holder has nothing to do here.
    """
    rows = select(PasswordReset).where(PasswordReset.id == reset_id)
    reset = (await session.exec(for_change(rows))).first()
    if reset is None or reset.used_at or reset.expires_at <= now():
        return None
    issued = await issue_link(session, reset)
    if issued is None:
        return None
    token, user = issued
    body = UserMessage(
        "Open this link to choose a new password for your account on Haat:\n\n{link}\n\nIt is valid"
        " once, for {minutes} minutes. All devices are then signed out. If that was not you, ignore"
        " this mail: nothing has changed.",
        link=f"{public_url}{RESET_LINK_PATH}#{token}",
        minutes=RESET_MINUTES,
    )
    locales = [user.locale]
    return MailMessage(
        id=new_id(),
        to=open_email(sealer, reset),
        subject=translate(SUBJECT, locales),
        body=f"{translate(body, locales)}\n",
    )
