"""Codes by phone: asked for, sent, tried."""

import hmac
import secrets
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from gateways.sms import SmsMessage
from models.identity.accounts import User
from models.identity.phones import (
    CHALLENGE_COLUMN,
    CODE_MINUTES,
    Phone,
    PhoneChallenge,
    PhoneProof,
    PhonePurpose,
)
from models.identity.registrations import MAX_CODE_TRIES, CodeEnded, CodeWrong
from services import jobs
from services.i18n import translate
from services.transaction import OpenTransaction

PHONE, CODE = "PHONE", "CODE"  # the kinds of keyed hashes
CODE_DIGITS = 6
ENDED = "This code is no longer valid. Ask for a new one."


async def request_code(
    session: AsyncSession,
    sealer: Sealer,
    number: str,
    purpose: PhonePurpose,
    *,
    user_id: UUID | None = None,
) -> str:
    """Store a request and have its message sent. Returns its secret, which is not stored.

    Does not ask whether the number has an account: neither the answer nor its time may depend on
    it. The job that sends the message asks.
    """
    secret, id = secrets.token_urlsafe(32), new_id()
    challenge = PhoneChallenge(
        id=id,
        purpose=purpose,
        user_id=user_id,
        number=sealer.seal(CHALLENGE_COLUMN, id, number.encode()),
        lookup=sealer.lookup_hash(PHONE, number),
        secret_hash=hash_secret(secret),
    )
    session.add(challenge)
    await jobs.defer(session, "send_phone_code", challenge_id=id)
    return secret


async def compose_code(
    session: AsyncSession, sealer: Sealer, challenge_id: UUID
) -> SmsMessage | None:
    """Return the message of a request, or None if it has ended, or its number has no account.

    The code is made here and stored as a keyed hash, so no job contains it.
    """
    rows = select(PhoneChallenge).where(PhoneChallenge.id == challenge_id)
    challenge = (await session.exec(for_change(rows))).first()
    if challenge is None or challenge.used_at or challenge.expires_at <= now():
        return None
    owner = select(User)
    if challenge.purpose is PhonePurpose.CHANGE_PHONE:
        owner = owner.where(User.id == challenge.user_id)
    else:
        owner = owner.join(Phone, col(Phone.user_id) == col(User.id)).where(
            Phone.lookup == challenge.lookup
        )
    user = (await session.exec(owner)).first()
    if user is None:
        return None
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    challenge.code_hash = _hash_code(sealer, challenge, code)
    number = sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number).decode()
    body = UserMessage(
        "{code} is your code for Haat. It is valid for {minutes} minutes. Do not give it to anyone:"
        " we never ask for it.",
        code=code,
        minutes=CODE_MINUTES,
    )
    return SmsMessage(new_id(), number, translate(body, [user.locale]))


async def take_try(session: AsyncSession, given: PhoneProof) -> PhoneChallenge:
    """Count a try of a code, and return its request. Raises `CodeEnded` after five.

    Commit before you call `ensure_code_right`, or parallel guesses would all be compared. One
    statement counts, which no guess overtakes.
    """
    taken = await session.exec(
        update(PhoneChallenge)
        .where(
            col(PhoneChallenge.secret_hash) == hash_secret(given.challenge_id),
            col(PhoneChallenge.used_at).is_(None),
            col(PhoneChallenge.expires_at) > now(),
            col(PhoneChallenge.tries) < MAX_CODE_TRIES,
        )
        .values(tries=col(PhoneChallenge.tries) + 1)
        .returning(PhoneChallenge)
    )
    challenge: PhoneChallenge | None = taken.scalars().first()
    if challenge is None:
        raise CodeEnded(ENDED)
    return challenge


def ensure_code_right(sealer: Sealer, challenge: PhoneChallenge, given: PhoneProof) -> None:
    """Raise `CodeWrong` unless the code is right."""
    typed = "".join(given.code.split())
    if not hmac.compare_digest(challenge.code_hash or b"", _hash_code(sealer, challenge, typed)):
        raise CodeWrong(left=MAX_CODE_TRIES - challenge.tries)


async def prove(
    transaction: OpenTransaction, sealer: Sealer, given: PhoneProof, purpose: PhonePurpose
) -> PhoneChallenge:
    """Return the request whose code is right. The try is committed before it is compared.

    Raises `CodeEnded` and `CodeWrong`.
    """
    async with transaction() as session:
        challenge = await take_try(session, given)
    if challenge.purpose is not purpose:
        raise CodeEnded(ENDED)
    ensure_code_right(sealer, challenge, given)
    return challenge


async def use_up(session: AsyncSession, challenge: PhoneChallenge) -> None:
    """Use a request up. Raises `CodeEnded` if another request did, or its code was replaced."""
    used = await session.exec(
        update(PhoneChallenge)
        .where(
            col(PhoneChallenge.id) == challenge.id,
            col(PhoneChallenge.used_at).is_(None),
            col(PhoneChallenge.expires_at) > now(),
            col(PhoneChallenge.code_hash) == challenge.code_hash,
        )
        .values(used_at=now())
        .returning(col(PhoneChallenge.id))
    )
    if used.first() is None:
        raise CodeEnded(ENDED)


def _hash_code(sealer: Sealer, challenge: PhoneChallenge, code: str) -> bytes:
    """Hash a code of one request. Without the key, a million hashes would reveal it."""
    return sealer.lookup_hash(CODE, f"{challenge.id}:{code}")
