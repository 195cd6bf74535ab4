"""The mail to a user whose account an admin has used."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.ids import new_id
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.admins.impersonations import Impersonation
from models.identity.accounts import User
from services.i18n import translate
from services.identity.addresses.sealed_addresses import find_email

SUBJECT = UserMessage("Our support has used your account")
BODY = (
    "From {since} to {until}, an admin of Haat used your account to help you. They could not read"
    " your codes, and could not change how you sign in, pay or write messages. If you did not ask"
    " for help, answer this mail.\n\nThe reason:\n\n{reason}"
)


async def compose_impersonation_mail(
    session: AsyncSession, sealer: Sealer, impersonation_id: UUID
) -> MailMessage | None:
    """Return the mail, in the user's language. None without an account or address."""
    one = await session.get_one(Impersonation, impersonation_id)
    user = await session.get(User, one.user_id)
    email = find_email(sealer, user) if user else None
    if user is None or email is None:
        return None
    end = one.ended_at or one.until
    body = UserMessage(
        BODY,
        since=one.created_at,
        until=end,
        reason=one.reason,
    )
    locales = [user.locale]
    return MailMessage(
        id=new_id(),
        to=email,
        subject=translate(SUBJECT, locales),
        body=f"{translate(body, locales)}\n",
    )
