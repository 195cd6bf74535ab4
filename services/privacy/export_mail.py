"""The mail with the link to an export."""

import secrets
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.identity.accounts import User
from models.privacy import DataExport
from services.i18n import translate
from services.identity.addresses.sealed_addresses import find_email

EXPORT_LINK_PATH = "/auth/export"

SUBJECT = UserMessage("Your data is ready")


async def compose_export(
    session: AsyncSession, sealer: Sealer, export_id: UUID, public_url: str
) -> MailMessage | None:
    """Return the mail, or None if the export has ended, or the user has no address.

    The token is made here and stored as a hash, so no job contains it; a retry replaces it.
    """
    rows = select(DataExport).where(DataExport.id == export_id)
    export = (await session.exec(for_change(rows))).first()
    if export is None or export.ready_at is None or not export.is_live:
        return None
    user = await session.get_one(User, export.user_id)
    email = find_email(sealer, user)
    if email is None:
        return None
    token = secrets.token_urlsafe(32)
    export.token_hash = hash_secret(token)
    locales = [user.locale]
    body = UserMessage(
        "The copy of your data on Haat that you asked for is ready. Open this link to download"
        " it:\n\n{link}\n\nIt is valid until {end} UTC, once, and only for your account. If you did"
        " not ask for it, change your password at once.",
        link=f"{public_url}{EXPORT_LINK_PATH}#{token}",
        end=export.expires_at.replace(tzinfo=None),
    )
    subject = translate(SUBJECT, locales)
    return MailMessage(id=new_id(), to=email, subject=subject, body=f"{translate(body, locales)}\n")
