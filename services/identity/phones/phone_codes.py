"""Codes by phone: asked for, sent, tried."""

import secrets
from uuid import UUID

from sqlmodel import case, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Lookup, Sealer
from gateways.sms import SmsMessage
from models.identity.accounts import User
from models.identity.phones import (
    CHALLENGE_COLUMN,
    CODE_MINUTES,
    MAX_LONG_CODE_TRIES,
    PHONE,
    Phone,
    PhoneChallenge,
    PhoneProof,
    PhonePurpose,
)
from models.identity.registrations import MAX_CODE_TRIES, CodeEnded, CodeWrong
from services import jobs
from services.i18n import translate
from services.identity.phones.phone_guesses import is_guessed
from services.identity.phones.sms_shares import count_sent, ensure_not_paused, is_paused

CODE = "CODE"  # the kind of keyed hashes
ENDED = "This code is no longer valid. Ask for a new one."


async def request_code(
    session: AsyncSession,
    sealer: Sealer,
    number: str,
    purpose: PhonePurpose,
    *,
    locale: str,
    user_id: UUID | None = None,
) -> str:
    """Store a request and have its message sent. Returns its secret, which is not stored.

    `user_id` is that of the user whose number it is to become. Does not ask whether the number has
    an account: neither the answer nor its time may depend on it. The job that sends the message
    asks, for the language. Raises `NumberNotServed` for a user's new number in a country that is
    paused.
    """
    secret, id, epoch = secrets.token_urlsafe(32), new_id(), None
    if user_id is not None:
        await ensure_not_paused(session, number)
        epoch = (await session.exec(select(User.epoch).where(User.id == user_id))).one()
    challenge = PhoneChallenge(
        id=id,
        purpose=purpose,
        locale=locale,
        user_id=user_id,
        epoch=epoch,
        is_long=await is_guessed(session, sealer, number),
        number=sealer.seal(CHALLENGE_COLUMN, id, number.encode()),
        lookup=sealer.lookup(PHONE, number).oldest,
        secret_hash=hash_secret(secret),
    )
    session.add(challenge)
    await jobs.defer(session, "send_phone_code", challenge_id=id)
    return secret


async def compose_code(
    session: AsyncSession, sealer: Sealer, challenge_id: UUID
) -> SmsMessage | None:
    """Return the message of a request, or None if it has ended.

    None, too, for a number without an account in a country that is paused.
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
        has_number = Phone.has_number(lookup_of(sealer, challenge))
        owner = owner.join(Phone, col(Phone.user_id) == col(User.id)).where(has_number)
    user = (await session.exec(owner)).first()
    if user is None and challenge.purpose is PhonePurpose.CHANGE_PHONE:
        return None
    number = sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number).decode()
    if user is None and await is_paused(session, number):
        return None
    code = f"{secrets.randbelow(10**challenge.digits):0{challenge.digits}}"
    challenge.code_hash = sealer.hash(CODE, _bound(challenge, code))
    body = UserMessage(
        "{code} is your code for Haat. It is valid for {minutes} minutes. Do not give it to anyone:"
        " we never ask for it.",
        code=code,
        minutes=CODE_MINUTES,
    )
    await count_sent(session, number, challenge.created_at)
    return SmsMessage(
        new_id(), number, translate(body, [user.locale if user else challenge.locale])
    )


async def take_try(session: AsyncSession, given: PhoneProof) -> PhoneChallenge:
    """Count a try of a code, and return its request. Raises `CodeEnded` after five, or two.

    Commit before you call `ensure_code_right`, or parallel guesses would all be compared. One
    statement counts, which no guess overtakes.
    """
    taken = await session.exec(
        update(PhoneChallenge)
        .where(
            col(PhoneChallenge.secret_hash) == hash_secret(given.challenge_id),
            col(PhoneChallenge.used_at).is_(None),
            col(PhoneChallenge.expires_at) > now(),
            col(PhoneChallenge.tries)
            < case((col(PhoneChallenge.is_long), MAX_LONG_CODE_TRIES), else_=MAX_CODE_TRIES),
        )
        .values(tries=col(PhoneChallenge.tries) + 1)
        .returning(PhoneChallenge)
    )
    challenge: PhoneChallenge | None = taken.scalars().first()
    if challenge is None:
        raise CodeEnded(ENDED)
    return challenge


def lookup_of(sealer: Sealer, challenge: PhoneChallenge) -> Lookup:
    """Return the hashes of the number of a request, of the present keys."""
    number = sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number).decode()
    return sealer.lookup(PHONE, number)


async def find_owner(
    session: AsyncSession, sealer: Sealer, challenge: PhoneChallenge
) -> UUID | None:
    """Return the user who signs in or changes the number by a request. None without an account."""
    if challenge.user_id is not None:
        return challenge.user_id
    rows = select(Phone.user_id).where(Phone.has_number(lookup_of(sealer, challenge)))
    return (await session.exec(rows)).first()


def ensure_code_right(sealer: Sealer, challenge: PhoneChallenge, given: PhoneProof) -> None:
    """Raise `CodeWrong` unless the code is right."""
    typed = "".join(given.code.split())
    if not sealer.matches(challenge.code_hash or b"", CODE, _bound(challenge, typed)):
        raise CodeWrong(left=challenge.most_tries - challenge.tries)


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


def _bound(challenge: PhoneChallenge, code: str) -> str:
    """Return a code of one request, which is stored as a keyed hash.

    Without a key, a million hashes would reveal it.
    """
    return f"{challenge.id}:{code}"
