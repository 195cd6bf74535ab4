"""Registration: an account exists once its email address is verified, by a link or a code."""

import hashlib
import hmac
import secrets

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from core.text.search_text import searchable
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.providers import ProviderFlow
from models.identity.registrations import (
    MAX_CODE_TRIES,
    CodeEnded,
    CodeWrong,
    PasswordNeeded,
    Registration,
    RegistrationDraft,
    Verification,
)
from services import jobs
from services.audit import entries as audit
from services.identity.addresses.reserved_addresses import is_reserved
from services.identity.addresses.sealed_addresses import lookup_of, seal_email
from services.viewer import Viewer


async def register(
    session: AsyncSession,
    sealer: Sealer,
    draft: RegistrationDraft,
    password_hash: str,
    *,
    locale: str,
) -> str:
    """Store a registration and have its mail sent. Returns its secret, which is not stored.

    Does not ask whether the address has an account: neither the answer nor its time may depend on
    it. The job that sends the mail asks.
    """
    registration = Registration(
        name=draft.name,
        password_hash=password_hash,
        locale=locale,
        secret_hash=b"",
    )
    seal_email(sealer, registration, draft.email)
    return await _add(session, registration)


async def register_with_provider(
    session: AsyncSession, sealer: Sealer, flow: ProviderFlow, email: str, name: str, *, locale: str
) -> str:
    """Do the same for a user of a provider, without a password.

    The account at the provider is linked if the client that signed in there verifies the address.
    """
    registration = Registration(
        name=name,
        password_hash=None,
        flow_id=flow.id,
        locale=locale,
        secret_hash=b"",
    )
    seal_email(sealer, registration, email)
    return await _add(session, registration)


async def _add(session: AsyncSession, registration: Registration) -> str:
    """Store a registration with a new secret, which is returned, and have its mail sent."""
    secret = secrets.token_urlsafe(32)
    registration.secret_hash = hash_secret(secret)
    session.add(registration)
    await jobs.defer(session, "send_verification", registration_id=registration.id)
    return secret


async def access_registration(session: AsyncSession, secret: str) -> Registration:
    """Return the open registration with this secret. Raises `CodeEnded`."""
    rows = _open_registrations().where(
        Registration.secret_hash == hash_secret(secret), Registration.tries < MAX_CODE_TRIES
    )
    registration = (await session.exec(rows)).first()
    if registration is None:
        raise CodeEnded
    return registration


async def find_by_token(session: AsyncSession, token: str) -> Registration | None:
    """Return the open registration whose mail has a link with this token."""
    rows = _open_registrations().where(Registration.token_hash == hash_secret(token))
    return (await session.exec(rows)).first()


async def resend_verification(session: AsyncSession, secret: str) -> None:
    """Have another mail sent. Its link and code replace the former ones."""
    registration = await access_registration(session, secret)
    await jobs.defer(session, "send_verification", registration_id=registration.id)


async def access_proven(session: AsyncSession, given: Verification) -> Registration:
    """Return the registration that the link's token, or the code and the secret, belong to.

    Raises `CodeEnded`. With a code, commit before you call `ensure_code_right`: the try is counted
    before the code is compared, or parallel guesses would all be compared.
    """
    if given.token is not None:
        registration = await find_by_token(session, given.token)
    else:
        registration = await _take_try(session, given.registration_secret or "")
    if registration is None:
        raise CodeEnded
    return registration


def ensure_code_right(registration: Registration, given: Verification) -> None:
    """Raise `CodeWrong` unless the code is right."""
    expected = registration.code_hash or b""
    typed = "".join((given.code or "").split())
    if not hmac.compare_digest(expected, hash_code(registration.secret_hash, typed)):
        raise CodeWrong(left=MAX_CODE_TRIES - registration.tries)


def ensure_password_known(registration: Registration, given: Verification) -> None:
    """Raise `PasswordNeeded` unless the caller is the client that registered, or gives a password.

    A link alone proves the mailbox, but the password of the registration is that of the client
    which registered, perhaps an attacker's.
    """
    if given.password is None and not is_own_client(registration, given):
        raise PasswordNeeded(field=["password"])


def is_own_client(registration: Registration, given: Verification) -> bool:
    """Return whether the caller is the client that registered."""
    return hash_secret(given.registration_secret or "") == registration.secret_hash


async def create_account(session: AsyncSession, user: User) -> bool:
    """Insert a user. Returns False if the address has an account by now."""
    created = await session.exec(
        insert(User)
        .values(user.model_dump() | {"search_text": searchable(user.name)})
        .on_conflict_do_nothing()
        .returning(col(User.id))
    )
    if created.first() is None:
        return False
    # Asked after the insert, which waits for a change of address that is being committed.
    if await is_reserved(session, lookup_of(user)):
        await session.exec(delete(User).where(col(User.id) == user.id))
        return False
    audit.append(session, Viewer(user.id), AuditAct.CREATE_ACCOUNT, subject_id=user.id)
    return True


def hash_code(secret_hash: bytes, code: str) -> bytes:
    """Hash a code of six digits for one registration.

    A copy of the database reveals the code, by a million hashes, but not the registration's
    secret, without which the code proves nothing.
    """
    return hashlib.sha256(secret_hash + code.encode()).digest()


def _open_registrations() -> SelectOfScalar[Registration]:
    return select(Registration).where(
        col(Registration.used_at).is_(None), col(Registration.expires_at) > now()
    )


async def _take_try(session: AsyncSession, secret: str) -> Registration | None:
    """Count a try of a code, unless there were five: one statement, which no guess overtakes."""
    taken = await session.exec(
        update(Registration)
        .where(
            col(Registration.secret_hash) == hash_secret(secret),
            col(Registration.used_at).is_(None),
            col(Registration.expires_at) > now(),
            col(Registration.tries) < MAX_CODE_TRIES,
        )
        .values(tries=col(Registration.tries) + 1)
        .returning(Registration)
    )
    found: Registration | None = taken.scalars().first()
    return found
