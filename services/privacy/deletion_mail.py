"""The mail about the deletion of an account, with the link that cancels it."""

import secrets
from collections.abc import Sequence
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
from models.privacy import AccountDeletion
from services.i18n import translate
from services.identity.addresses.reserved_addresses import find_former
from services.identity.addresses.sealed_addresses import find_email

CANCEL_LINK_PATH = "/auth/keep"

SUBJECT = UserMessage("Your account will be deleted")


async def compose_deletion(
    session: AsyncSession, sealer: Sealer, deletion_id: UUID, public_url: str
) -> Sequence[MailMessage]:
    """Return the mails, none if the deletion was cancelled or is due.

    One is for each address that the account can still take back, as a thief may have changed it.
    The token is made here and stored as a hash, so no job contains it; a retry replaces it.
    """
    rows = select(AccountDeletion).where(AccountDeletion.id == deletion_id)
    deletion = (await session.exec(for_change(rows))).first()
    if deletion is None or deletion.due_at <= now():
        return []
    user = await session.get_one(User, deletion.user_id)
    token = secrets.token_urlsafe(32)
    deletion.token_hash = hash_secret(token)
    locales = [user.locale]
    body = UserMessage(
        "Your account on Haat will be deleted at {due} UTC, with all that you have written and"
        " uploaded. What the law requires us to keep stays without your name.\n\nTo keep the"
        " account, sign in before then, or open this link:\n\n{link}\n\nIf you did not ask for"
        " this, do so at once, and change your password.",
        due=deletion.due_at.replace(tzinfo=None),
        link=f"{public_url}{CANCEL_LINK_PATH}#{token}",
    )
    own = [find_email(sealer, user), *await find_former(session, sealer, user.id)]
    addresses = dict.fromkeys(address for address in own if address is not None)
    return [
        MailMessage(
            id=new_id(),
            to=address,
            subject=translate(SUBJECT, locales),
            body=f"{translate(body, locales)}\n",
        )
        for address in addresses
    ]
