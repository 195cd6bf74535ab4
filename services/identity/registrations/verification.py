"""Verification of an email address, which creates the account of a registration."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.redis.timeouts import RedisAllowance
from core.security.password_threads import IsGone, PasswordThreads
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.identity.accounts import User
from models.identity.providers import ProviderFlow
from models.identity.registrations import CodeEnded, Registration, Verification
from services.identity.addresses.sealed_addresses import open_email, seal_email
from services.identity.passwords import passwords
from services.identity.passwords.hashing_limits import HashingLimits
from services.identity.providers.provider_identities import link_identity
from services.identity.registrations import registrations
from services.identity.registrations.registration_limits import RegistrationLimits
from services.identity.sessions.sessions import Lifetimes, Tokens, open_session
from services.transaction import OpenTransaction
from services.viewer import Viewer


@dataclass(frozen=True)
class ProvenRegistration:
    """A registration whose address is proven, and the password hash of its account.

    `flow_id` is the answer of a provider whose account is linked: that of the same client. Another
    one may have entered the address of a stranger, who opens the link of the mail.
    """

    registration: Registration
    password_hash: str | None
    flow_id: UUID | None


async def prove_registration(
    transaction: OpenTransaction,
    given: Verification,
    sealer: Sealer,
    limits: RegistrationLimits,
    hashing: HashingLimits,
    threads: PasswordThreads,
    *,
    address: str,
    allowance: RedisAllowance,
    is_gone: IsGone,
) -> ProvenRegistration:
    """Check a link's token, or a code, and hash the new password if there is one.

    Holds no connection while it hashes. Raises `CodeEnded`, `CodeWrong`, `PasswordNeeded`,
    `PasswordWeak` and `TooManyRequests`.
    """
    if given.token is not None:
        registration = await _access_proven(transaction, given)
    else:
        async with limits.wrong_code(address, allowance):
            registration = await _access_proven(transaction, given)
            registrations.ensure_code_right(registration, given)
    registrations.ensure_password_known(registration, given)
    own = registrations.is_own_client(registration, given)
    flow_id = registration.flow_id if own else None
    if given.password is None:
        return ProvenRegistration(registration, registration.password_hash, flow_id)
    personal = registration.name, open_email(sealer, registration)
    async with hashing.charged(address, allowance):
        hashed = await passwords.hash_new_password(threads, given.password, personal, is_gone)
    return ProvenRegistration(registration, hashed, flow_id)


async def verify_email(
    session: AsyncSession,
    sealer: Sealer,
    proven: ProvenRegistration,
    keys: SigningKeys,
    lifetimes: Lifetimes,
    address: str,
) -> Tokens | None:
    """Use a registration up, create its account and open a session.

    Returns None if the address has an account by now: the registration is used up without effect,
    which must be committed. Raises `CodeEnded` if another request was faster, or the proof was
    replaced by a newer mail, and `ProviderAccountTaken`.
    """
    registration = proven.registration
    used = await session.exec(
        update(Registration)
        .where(
            col(Registration.id) == registration.id,
            col(Registration.used_at).is_(None),
            col(Registration.expires_at) > now(),
            col(Registration.token_hash) == registration.token_hash,
        )
        .values(used_at=now())
        .returning(col(Registration.id))
    )
    if used.first() is None:
        raise CodeEnded
    user = User(
        name=registration.name,
        password_hash=proven.password_hash,
        locale=registration.locale,
    )
    seal_email(sealer, user, open_email(sealer, registration))
    if not await registrations.create_account(session, user):
        return None
    if proven.flow_id is not None:
        flow = await session.get_one(ProviderFlow, proven.flow_id)
        await link_identity(session, Viewer(user.id), flow, notice=False)
    return await open_session(session, user, keys, lifetimes, address)


async def _access_proven(transaction: OpenTransaction, given: Verification) -> Registration:
    """Commit, because that counts a try, before the code is compared."""
    async with transaction() as session:
        return await registrations.access_proven(session, given)
