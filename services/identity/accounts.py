"""Accounts and sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change, for_reliance
from core.errors import NotSignedIn
from core.security.relying_party import RelyingParty
from core.security.signing_keys import SigningKeys
from models.audit import AuditAct
from models.errors import StepUpRequired
from models.identity.accounts import (
    STEP_UP_MINUTES,
    RefreshToken,
    Role,
    SessionEnded,
    User,
    UserSession,
)
from models.identity.api_tokens import ApiToken
from models.identity.challenges import ChallengePurpose
from models.identity.factors import SignInMethod
from models.identity.revocations import RevocationKind
from services.audit import entries as audit
from services.chat.access import sees
from services.identity import challenges, passkeys
from services.identity.factors import (
    NO_POLICY,
    FactorPolicy,
    SecondFactor,
    find_factors,
    find_step_up_methods,
    must_enrol_factor,
)
from services.identity.known_networks import remember_network
from services.identity.revocations import revoke
from services.notifications.devices import forget_devices
from services.viewer import ANONYMOUS, Viewer

SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"  # in the audit log
ENDED = "This session has ended. Sign in again."


@dataclass(frozen=True)
class Lifetimes:
    """How long access tokens, refresh tokens and sessions are valid, and for whom fully."""

    access_minutes: int
    refresh_days: int
    session_days: int
    policy: FactorPolicy = NO_POLICY


@dataclass(frozen=True)
class AuthenticatedUser:
    """A user that gave the right password. `new_hash` replaces a hash with outdated parameters."""

    user: User
    new_hash: str | None


@dataclass(frozen=True)
class Tokens:
    """A session's tokens. The access token expires at `expires_at`, in `expires_in` seconds.

    If the user `must_enrol`, it only allows to set up a second factor.
    """

    user: User
    session_id: UUID
    access_token: str
    refresh_token: str
    expires_at: datetime
    expires_in: int
    must_enrol: bool


def visible_users(viewer: Viewer) -> SelectOfScalar[User]:
    """Select the viewer, their colleagues and the people in their conversations. Admins see all.

    Customers see only the members that a conversation shows them, see `sees_member`.
    """
    if viewer.admin:
        return select(User)
    return select(User).where(or_(User.id == viewer.user_id, sees(viewer.user_id, col(User.id))))


async def find_user(session: AsyncSession, user_id: UUID | None) -> User | None:
    return await session.get(User, user_id) if user_id else None


async def ensure_session_open(session: AsyncSession, viewer: Viewer) -> None:
    """Raise `NotSignedIn` if the viewer's session ended or their API token was revoked.

    The revocations of a process lag by up to three seconds; this reads the row.
    """
    if viewer.session_id is None:
        return
    if viewer.uses_api_token:
        token = await session.get(ApiToken, viewer.session_id, populate_existing=True)
        if token is None or token.revoked_at is not None:
            raise NotSignedIn("This API token was revoked. Use another one.")
        return
    user_session = await session.get(UserSession, viewer.session_id, populate_existing=True)
    if user_session is None or not user_session.is_open:
        raise NotSignedIn(ENDED)


async def ensure_fresh_session(
    session: AsyncSession, viewer: Viewer, *, enrols: bool = False
) -> None:
    """Lock the viewer's session, so that it cannot end before the commit.

    Raises `NotSignedIn` if it has ended, and `StepUpRequired` unless the user gave the password, or
    the second factor if they have one, within ten minutes. What sets a factor up, `enrols`, is also
    allowed in the session of a recovery code. The user is locked first, as everywhere.
    """
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    rows = select(UserSession).where(
        UserSession.id == viewer.session_id, UserSession.user_id == user_id
    )
    user_session = (await session.exec(for_reliance(rows))).first()
    if user_session is None or not user_session.is_open:
        raise NotSignedIn(ENDED)
    if enrols and user_session.may_enrol:
        return
    methods = await find_step_up_methods(session, user_id)
    by_factor = SignInMethod.PASSWORD not in methods
    if not user_session.is_fresh(by_factor=by_factor):
        raise StepUpRequired(methods=methods, minutes=STEP_UP_MINUTES, by_factor=by_factor)


async def ensure_step_up_method(
    session: AsyncSession, viewer: Viewer, method: SignInMethod
) -> None:
    """Raise `StepUpRequired` if this method does not suffice for the viewer."""
    methods = await find_step_up_methods(session, viewer.require_user())
    if method not in methods:
        raise StepUpRequired(methods=methods, minutes=STEP_UP_MINUTES, by_factor=True)


async def reauthenticate(session: AsyncSession, viewer: Viewer, method: SignInMethod) -> datetime:
    """Note that the viewer gave the password or the factor just now.

    Returns the time until which the session is fresh. Raises `SessionEnded`.
    """
    rows = select(UserSession).where(
        UserSession.id == viewer.session_id, UserSession.user_id == viewer.require_user()
    )
    user_session = (await session.exec(for_change(rows))).first()
    if user_session is None:
        raise SessionEnded
    user_session.ensure_open()
    proven_at = now()
    if method is SignInMethod.PASSWORD:
        user_session.signed_in_at = proven_at
    else:
        user_session.factor_at = proven_at
    audit.append(session, viewer, AuditAct.REAUTHENTICATE, subject_id=user_session.user_id)
    return proven_at + timedelta(minutes=STEP_UP_MINUTES)


async def change_role(
    session: AsyncSession, *, user_id: UUID, role: Role, actor: Viewer = ANONYMOUS
) -> None:
    """Change a user's role, in the name of the actor.

    Access tokens with the former role have no more rights than the user. Open sockets are closed,
    so that they return with the new role. The sessions of a new admin end: a refresh token that was
    stolen from a user must not become an admin's.
    """
    user = (await session.exec(for_change(select(User).where(User.id == user_id)))).one()
    user.role = role
    audit.append(session, actor, AuditAct.CHANGE_ROLE, subject_id=user_id)
    revoke(session, RevocationKind.USER, user_id)
    if role is Role.ADMIN:
        await _end_sessions(session, user_id)


async def open_session(
    session: AsyncSession,
    user: User,
    keys: SigningKeys,
    lifetimes: Lifetimes,
    address: str,
    *,
    method: SignInMethod = SignInMethod.PASSWORD,
) -> Tokens:
    """Open a session, and remember the network of the caller's IP address.

    `method` is the last proof that the user gave.
    """
    await remember_network(session, user.id, address)
    opened = UserSession(user_id=user.id, ends_at=now() + timedelta(days=lifetimes.session_days))
    if method is SignInMethod.RECOVERY_CODE:
        opened.recovered_at = opened.signed_in_at
    elif method is not SignInMethod.PASSWORD:
        opened.factor_at = opened.signed_in_at
    session.add(opened)
    refresh_token = secrets.token_urlsafe(32)
    add_refresh_token(session, opened, refresh_token, lifetimes)
    return await sign_tokens(session, user, opened, refresh_token, keys, lifetimes)


async def log_in(
    session: AsyncSession,
    found: AuthenticatedUser,
    keys: SigningKeys,
    lifetimes: Lifetimes,
    address: str,
    party: RelyingParty,
) -> Tokens | SecondFactor:
    """Open a session, or ask for the second factor of a user who has one.

    Replaces a password hash that has outdated parameters.
    """
    if found.new_hash is not None:
        await session.exec(
            update(User)
            .where(
                col(User.id) == found.user.id, col(User.password_hash) == found.user.password_hash
            )
            .values(password_hash=found.new_hash)
        )
    factors = await find_factors(session, found.user.id)
    if factors:
        return await _ask_for_factor(session, found.user.id, factors, party)
    tokens = await open_session(session, found.user, keys, lifetimes, address)
    append_log_in(session, tokens)
    return tokens


def append_log_in(session: AsyncSession, tokens: Tokens) -> None:
    """Add the audit entry of a sign-in. It names the user as the actor, in the new session."""
    holder = Viewer(tokens.user.id, tokens.session_id)
    audit.append(session, holder, AuditAct.LOG_IN, subject_id=holder.user_id)


async def _ask_for_factor(
    session: AsyncSession, user_id: UUID, factors: list[SignInMethod], party: RelyingParty
) -> SecondFactor:
    """Issue a challenge, whose holder has proved to know the password."""
    act, code = AuditAct.LOG_IN, SECOND_FACTOR_REQUIRED
    audit.append(session, ANONYMOUS, act, subject_id=user_id, code=code)
    challenge_id = challenges.issue(session, ChallengePurpose.SECOND_FACTOR, user_id)
    options = await passkeys.options_of(session, challenge_id, user_id, party)
    return SecondFactor(challenge_id, [*factors, SignInMethod.RECOVERY_CODE], options)


async def log_out(session: AsyncSession, viewer: Viewer, refresh_token: str | None) -> None:
    """End the session of the refresh token, or else of the access token.

    Does nothing if it has ended already.
    """
    if refresh_token is not None:
        found = await find_refresh_token(session, refresh_token)
        user_session = await lock_session_of(session, found) if found else None
    else:
        if viewer.ended_session_id is None:
            viewer.require_user()
        user_session = (
            await session.exec(
                for_change(select(UserSession).where(UserSession.id == viewer.session_id))
            )
        ).first()
    if user_session is not None and user_session.ended_at is None:
        holder = Viewer(user_session.user_id, user_session.id)
        audit.append(session, holder, AuditAct.LOG_OUT, subject_id=holder.user_id)
        await end_session(session, user_session)


async def find_refresh_token(session: AsyncSession, refresh_token: str) -> RefreshToken | None:
    """Return the row of a token in its current state, also if it was read before."""
    hashed = RefreshToken.token_hash == hashlib.sha256(refresh_token.encode()).digest()
    rows = select(RefreshToken).where(hashed).execution_options(populate_existing=True)
    return (await session.exec(rows)).first()


async def lock_session_of(session: AsyncSession, token: RefreshToken) -> UserSession:
    rows = select(UserSession).where(UserSession.id == token.session_id)
    return (await session.exec(for_change(rows))).one()


def add_refresh_token(
    session: AsyncSession, user_session: UserSession, refresh_token: str, lifetimes: Lifetimes
) -> None:
    """Add the session's next refresh token. The session stays open until it expires."""
    expires_at = now() + timedelta(days=lifetimes.refresh_days)
    user_session.idle_until = min(expires_at, user_session.ends_at)
    session.add(
        RefreshToken(
            session_id=user_session.id,
            token_hash=hashlib.sha256(refresh_token.encode()).digest(),
            expires_at=user_session.idle_until,
        )
    )


async def sign_tokens(
    session: AsyncSession,
    user: User,
    user_session: UserSession,
    refresh_token: str,
    keys: SigningKeys,
    lifetimes: Lifetimes,
) -> Tokens:
    """Return a new access token beside the refresh token."""
    must_enrol = await must_enrol_factor(session, user, lifetimes.policy)
    access_token, expires = keys.sign_access(
        user.id,
        user_session.id,
        lifetimes.access_minutes,
        admin=user.role is Role.ADMIN,
        rotation=user_session.rotations,
        enrols=must_enrol,
    )
    return Tokens(
        user,
        user_session.id,
        access_token,
        refresh_token,
        expires_at=datetime.fromtimestamp(expires, UTC),
        expires_in=int(lifetimes.access_minutes * 60),
        must_enrol=must_enrol,
    )


async def _end_sessions(session: AsyncSession, user_id: UUID) -> None:
    rows = (
        select(UserSession)
        .where(UserSession.user_id == user_id, col(UserSession.ended_at).is_(None))
        .order_by(col(UserSession.id))
    )
    for user_session in (await session.exec(for_change(rows))).all():
        await end_session(session, user_session)


async def end_session(session: AsyncSession, user_session: UserSession) -> None:
    """End a session: its tokens, its connections and its devices."""
    user_session.ended_at = now()
    await forget_devices(session, user_session.id)
    revoke(session, RevocationKind.SESSION, user_session.id)
