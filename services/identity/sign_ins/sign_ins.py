"""Sign-ins: a password, a code by phone or a provider, then the second factor if there is one."""

from dataclasses import dataclass

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.redis.timeouts import RedisAllowance
from core.security.relying_party import RelyingParty
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.challenges import ChallengePurpose
from models.identity.factors import SignInMethod
from models.identity.providers import ProviderFlow
from services.audit import entries as audit
from services.identity import challenges
from services.identity.factors import passkeys
from services.identity.factors.factor_limits import FactorLimits
from services.identity.factors.factors import SecondFactor, find_factors
from services.identity.providers.provider_identities import link_identity
from services.identity.sessions.sessions import AuthenticatedUser, Lifetimes, Tokens, open_session
from services.privacy.deletions import cancel_deletion
from services.transaction import OpenTransaction
from services.viewer import ANONYMOUS, Viewer

SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"  # in the audit log


@dataclass(frozen=True)
class SignIn:
    """The parts of the server that sign-ins need, and the caller's address.

    `allowance` is the time that limits may still wait for Redis.
    """

    transaction: OpenTransaction
    sealer: Sealer
    keys: SigningKeys
    lifetimes: Lifetimes
    party: RelyingParty
    limits: FactorLimits
    address: str
    allowance: RedisAllowance

    async def finish(
        self, session: AsyncSession, user: User, method: SignInMethod = SignInMethod.PASSWORD
    ) -> Tokens:
        """Open the session of a user who has given all proofs, `method` last.

        The audit entry names the user as the actor, in the new session. An account that was to be
        deleted stays.
        """
        tokens = await open_session(
            session, user, self.keys, self.lifetimes, self.address, method=method
        )
        holder = Viewer(user.id, tokens.session_id)
        audit.append(session, holder, AuditAct.LOG_IN, subject_id=holder.user_id)
        await cancel_deletion(session, holder)
        return tokens


async def log_in(
    session: AsyncSession, sign_in: SignIn, found: AuthenticatedUser
) -> Tokens | SecondFactor:
    """Continue a sign-in whose password was right, and replace its hash if it is outdated."""
    if found.new_hash is not None:
        await session.exec(
            update(User)
            .where(
                col(User.id) == found.user.id, col(User.password_hash) == found.user.password_hash
            )
            .values(password_hash=found.new_hash)
        )
    return await continue_sign_in(session, sign_in, found.user)


async def continue_sign_in(
    session: AsyncSession, sign_in: SignIn, user: User, flow: ProviderFlow | None = None
) -> Tokens | SecondFactor:
    """Open the session of a user whose first proof was right, or ask for their second factor.

    `user` was read before the first proof was compared. Raises `WrongCredentials` if the password
    has changed since. The account at a provider that gave the answer `flow` is linked with the
    last proof: who has the mailbox but not the factor must not change how the user signs in.
    """
    factors = await find_factors(session, user.id)
    if not factors:
        if flow is not None:
            await link_identity(session, Viewer(user.id), flow)
        return await sign_in.finish(session, user)
    act, code = AuditAct.LOG_IN, SECOND_FACTOR_REQUIRED
    audit.append(session, ANONYMOUS, act, subject_id=user.id, code=code)
    challenge_id = challenges.issue(
        session, ChallengePurpose.SECOND_FACTOR, user, flow_id=flow.id if flow else None
    )
    options = await passkeys.options_of(session, challenge_id, user.id, sign_in.party)
    return SecondFactor(challenge_id, [*factors, SignInMethod.RECOVERY_CODE], options)
