"""The mail that verifies an email address."""

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
from models.identity.registrations import Registration
from services.i18n import translate
from services.identity.accounts import find_user_by_email
from services.identity.addresses.reserved_addresses import is_reserved
from services.identity.addresses.sealed_addresses import lookup_of, open_email
from services.identity.registrations.registrations import hash_code

CODE_DIGITS = 6
LINK_PATH = "/auth/link"

SUBJECT = UserMessage("Confirm your email address for Haat")
TAKEN_SUBJECT = UserMessage("You already have an account on Haat")
TAKEN_BODY = UserMessage(
    "This address was entered to create an account on Haat, but it already has one. Sign in"
    " instead.\n\nIf that was not you, ignore this mail: nothing has changed."
)


async def compose_verification(
    session: AsyncSession, sealer: Sealer, registration_id: UUID, public_url: str
) -> MailMessage | None:
    """Return the mail of a registration, or None if it was used or has expired.

    The link and the code are made here and stored as hashes, so no job contains them. A later mail
    replaces them. An address with an account gets a mail that states so, and no proof. No mail
    contains a text of the caller, such as the name: the address may be another person's.
    """
    rows = select(Registration).where(Registration.id == registration_id)
    registration = (await session.exec(for_change(rows))).first()
    if registration is None or registration.used_at or registration.expires_at <= now():
        return None
    lookup, email = lookup_of(registration), open_email(sealer, registration)
    taken = await find_user_by_email(session, lookup) is not None
    if taken or await is_reserved(session, lookup):
        registration.token_hash = registration.code_hash = None
        return _mail(email, registration.locale, TAKEN_SUBJECT, TAKEN_BODY)
    token, code = secrets.token_urlsafe(32), f"{secrets.randbelow(10**CODE_DIGITS):06}"
    registration.token_hash = hash_secret(token)
    registration.code_hash = hash_code(registration.secret_hash, code)
    body = UserMessage(
        "This address was entered to create an account on Haat.\n\nEnter this code where you"
        " registered:\n\n    {code}\n\nOr open this link:\n\n{link}\n\nBoth are valid until {end}"
        " UTC. If that was not you, ignore this mail: no account will be created.",
        code=code,
        link=f"{public_url}{LINK_PATH}#{token}",
        end=registration.expires_at.replace(tzinfo=None),
    )
    return _mail(email, registration.locale, SUBJECT, body)


def _mail(email: str, locale: str, subject: UserMessage, body: UserMessage) -> MailMessage:
    locales = [locale]
    text = f"{translate(body, locales)}\n"
    return MailMessage(id=new_id(), to=email, subject=translate(subject, locales), body=text)
