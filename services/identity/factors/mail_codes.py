"""Codes by mail, for accounts whose codes of the app others guess: they know the password."""

import hmac
import secrets
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security import codes
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.identity.accounts import EmailNeeded, User
from models.identity.challenges import ChallengePurpose, FactorChallenge
from services import jobs
from services.i18n import translate
from services.identity import challenges
from services.identity.addresses.sealed_addresses import find_email
from services.identity.registrations.registrations import hash_code

CODE_DIGITS = 6
SUBJECT = UserMessage("Your code to sign in to Haat")


async def access_address(session: AsyncSession, sealer: Sealer, secret: str) -> str:
    """Return the address of the account that is signing in.

    Raises `ChallengeEnded`, and `EmailNeeded` without an address.
    """
    _, user = await challenges.access_open(session, secret, ChallengePurpose.SECOND_FACTOR)
    email = find_email(sealer, user)
    if email is None:
        raise EmailNeeded
    return email


async def request_mail_code(session: AsyncSession, secret: str) -> None:
    """Have a code sent for the second step of a sign-in. Raises `ChallengeEnded`."""
    challenge, _ = await challenges.access_open(session, secret, ChallengePurpose.SECOND_FACTOR)
    await jobs.defer(session, "send_mail_code", challenge_id=challenge.id)


async def compose_mail_code(
    session: AsyncSession, sealer: Sealer, challenge_id: UUID
) -> MailMessage | None:
    """Return the mail of a challenge, or None if it has ended.

    The code is made here and stored as a hash, so no job contains it. A later mail replaces it.
    """
    rows = (
        select(FactorChallenge, User)
        .join(User, col(User.id) == col(FactorChallenge.user_id))
        .where(FactorChallenge.id == challenge_id, *challenges.is_open())
    )
    found = (await session.exec(for_change(rows))).first()
    if found is None:
        return None
    challenge, user = found
    email = find_email(sealer, user)
    if email is None:
        return None
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    challenge.mail_code_hash = hash_code(challenge.secret_hash, code)
    body = UserMessage(
        "Enter this code where you sign in to Haat, together with that of your app:"
        "\n\n    {code}\n\nIf that was not you, another person knows your password: change it at"
        " once. Do not give the code to anyone.",
        code=code,
    )
    locales = [user.locale]
    return MailMessage(
        id=new_id(),
        to=email,
        subject=translate(SUBJECT, locales),
        body=f"{translate(body, locales)}\n",
    )


def is_right(challenge: FactorChallenge, typed: str) -> bool:
    """Return whether a code is that of the challenge's mail."""
    expected = challenge.mail_code_hash or b""
    return hmac.compare_digest(expected, hash_code(challenge.secret_hash, codes.read_digits(typed)))
