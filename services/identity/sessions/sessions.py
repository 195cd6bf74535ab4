"""Sessions: opened by a log-in, kept by refresh tokens, ended."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change, for_reliance
from core.errors import NotSignedIn
from core.limits.networks import network_of, place_of
from core.observability.caller import caller_device
from core.security.browser_cookie import new_cookie
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.statements.shared_reads import Question, SharedReads
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork
from models.audit import AuditAct
from models.errors import StepUpRequired
from models.fraud.links import LinkKind
from models.identity.accounts import (
    STEP_UP_MINUTES,
    RefreshToken,
    Role,
    SessionEnded,
    User,
    UserSession,
)
from models.identity.api_tokens import ApiToken
from models.identity.browser import BROWSER_HOURS
from models.identity.factors import FIRST_METHODS, SignInMethod
from models.identity.revocations import RevocationKind
from services.audit import entries as audit
from services.fraud.links import note_link
from services.identity.epochs import ensure_same_epoch
from services.identity.factors.factors import (
    NO_POLICY,
    FactorPolicy,
    find_step_up_methods,
    must_enrol_factor,
)
from services.identity.sessions.impersonations import end_impersonations_of_session
from services.identity.sessions.revocations import revoke
from services.identity.sign_ins.known_networks import remember_network
from services.notifications.devices import forget_devices
from services.viewer import Freshness, Viewer

ENDED = "This session has ended. Sign in again."


@dataclass(frozen=True)
class Lifetimes:
    """How long access tokens, refresh tokens and sessions are valid, and for whom fully."""

    access_minutes: int
    refresh_days: int
    session_days: int
    policy: FactorPolicy = NO_POLICY
    browser: "InBrowser | None" = None

    def idle_until(self, ends_at: datetime) -> datetime:
        """Return when a refresh token that is issued now expires, in a session with this end."""
        return min(now() + timedelta(days=self.refresh_days), ends_at)


@dataclass(frozen=True)
class InBrowser:
    """A sign-in in browser mode. Its cookie takes the place of the one of this session, if any."""

    replaced_id: UUID | None


@dataclass(frozen=True)
class AuthenticatedUser:
    """A user that gave the right password. `new_hash` replaces a hash with outdated parameters."""

    user: User
    new_hash: str | None


@dataclass(frozen=True)
class Tokens:
    """A session's tokens. The access token expires at `expires_at`, in `expires_in` seconds.

    If the user `must_enrol`, it only allows to set up a second factor. A session in browser mode
    has a `cookie`, and no tokens.
    """

    user: User
    session_id: UUID
    access_token: str
    refresh_token: str
    expires_at: datetime
    expires_in: int
    must_enrol: bool
    cookie: str | None = None


_SESSIONS = select(UserSession.id, UserSession.ended_at, UserSession.ends_at)
SESSIONS = Question(
    Statement(_SESSIONS.where(any_of(col(UserSession.id))), UserSession), parameters=(KEYS,)
)
_API_TOKENS = select(ApiToken.id, ApiToken.revoked_at)
API_TOKENS = Question(
    Statement(_API_TOKENS.where(any_of(col(ApiToken.id))), ApiToken), parameters=(KEYS,)
)


async def ensure_session_open(reads: SharedReads, viewer: Viewer) -> None:
    """Raise `NotSignedIn` if the viewer's session ended or their API token was revoked.

    The revocations of a process lag by up to three seconds; this reads the row.
    """
    if viewer.session_id is None:
        return
    question = API_TOKENS if viewer.uses_api_token else SESSIONS
    found = await reads.ask(question, [(viewer.session_id,)])
    (row,) = found.get((viewer.session_id,), [None])
    if viewer.uses_api_token:
        if row is None or row.revoked_at is not None:
            raise NotSignedIn("This API token was revoked. Use another one.")
    elif row is None or not row.is_open:
        raise NotSignedIn(ENDED)


async def ensure_fresh_session(session: AsyncSession, viewer: Viewer, freshness: Freshness) -> None:
    """Lock the viewer's session, so that it cannot end before the commit.

    Raises `NotSignedIn` if it has ended, and `StepUpRequired` unless the user signed in or gave the
    password, or the second factor if they have one, within ten minutes. The user is locked first,
    as everywhere.
    """
    user_id = viewer.require_user()
    locked = col(User.id) == user_id
    if freshness.with_admins:
        locked = or_(locked, User.role == Role.ADMIN)
    await session.exec(for_change(select(User.id).where(locked).order_by(col(User.id))))
    user_session = await lock_open_session(session, viewer)
    if freshness.enrols and user_session.may_enrol:
        return
    methods = await find_step_up_methods(session, user_id)
    by_factor = FIRST_METHODS.isdisjoint(methods)
    is_fresh = user_session.is_fresh(by_factor=by_factor)
    if by_factor and freshness.again and not user_session.used_factor_again:
        is_fresh = False
    if not is_fresh:
        raise _step_up(methods)


async def lock_open_session(session: AsyncSession, viewer: Viewer) -> UserSession:
    """Return the viewer's session, which cannot end before the commit. Raises `NotSignedIn`.

    Lock the user first, as everywhere.
    """
    rows = select(UserSession).where(
        UserSession.id == viewer.session_id, UserSession.user_id == viewer.require_user()
    )
    user_session = (await session.exec(for_reliance(rows))).first()
    if user_session is None or not user_session.is_open:
        raise NotSignedIn(ENDED)
    return user_session


async def ensure_step_up_method(
    session: AsyncSession, viewer: Viewer, method: SignInMethod
) -> None:
    """Raise `StepUpRequired` if this method does not suffice for the viewer."""
    methods = await find_step_up_methods(session, viewer.require_user())
    if method not in methods:
        raise _step_up(methods)


def _step_up(methods: Sequence[SignInMethod]) -> StepUpRequired:
    message = StepUpRequired.message_of_factor
    if SignInMethod.PASSWORD in methods:
        message = StepUpRequired.message
    elif SignInMethod.PROVIDER in methods:
        message = StepUpRequired.message_of_provider
    return StepUpRequired(message, methods=methods, minutes=STEP_UP_MINUTES)


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
    if method in FIRST_METHODS:
        user_session.signed_in_at = proven_at
    else:
        user_session.factor_at = proven_at
    audit.append(session, viewer, AuditAct.REAUTHENTICATE, subject_id=user_session.user_id)
    return proven_at + timedelta(minutes=STEP_UP_MINUTES)


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

    `method` is the last proof that the user gave. Does not ask for a second factor: sign-ins go
    through `services/identity/sign_ins/sign_ins.py`. Raises `WrongCredentials` if the user's
    password has changed since `user` was read.
    """
    await ensure_same_epoch(session, user)
    await remember_network(session, user.id, address)
    await note_link(session, Sealer(keys), user.id, LinkKind.ADDRESS, network_of(address))
    opened = UserSession(
        user_id=user.id,
        ends_at=now() + timedelta(days=lifetimes.session_days),
        device_name=caller_device.get(),
        place=place_of(address),
    )
    if method is SignInMethod.RECOVERY_CODE:
        opened.recovered_at = opened.signed_in_at
    elif method is not SignInMethod.PASSWORD:
        opened.factor_at = opened.signed_in_at
    session.add(opened)
    if lifetimes.browser is not None:
        return await _give_cookie(session, user, opened, lifetimes, lifetimes.browser)
    refresh_token = secrets.token_urlsafe(32)
    _add_refresh_token(session, opened, refresh_token, lifetimes)
    return await sign_tokens(session, user, opened.id, refresh_token, keys, lifetimes)


async def _give_cookie(
    session: AsyncSession,
    user: User,
    opened: UserSession,
    lifetimes: Lifetimes,
    browser: InBrowser,
) -> Tokens:
    """Make a new session one of a browser, and end the one whose cookie it replaces."""
    cookie = new_cookie()
    opened.cookie_hash = hash_secret(cookie)
    opened.ends_at = opened.idle_until = now() + timedelta(hours=BROWSER_HOURS)
    if browser.replaced_id is not None:
        rows = select(UserSession).where(UserSession.id == browser.replaced_id)
        replaced = (await session.exec(for_change(rows))).first()
        if replaced is not None and replaced.ended_at is None:
            await end_session(session, replaced)
    return Tokens(
        user,
        opened.id,
        access_token="",
        refresh_token="",
        expires_at=opened.ends_at,
        expires_in=BROWSER_HOURS * 3600,
        must_enrol=await must_enrol_factor(session, user, lifetimes.policy),
        cookie=cookie,
    )


async def log_out(session: AsyncSession, viewer: Viewer, refresh_token: str | None) -> None:
    """End the session of the refresh token, or else of the access token.

    Does nothing if it has ended already.
    """
    if refresh_token is not None:
        user_session = await lock_session_of(session, refresh_token)
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


async def lock_session_of(session: AsyncSession, refresh_token: str) -> UserSession | None:
    """Lock the session of a refresh token. None if the token is unknown."""
    token = select(RefreshToken.session_id).where(
        RefreshToken.token_hash == hash_secret(refresh_token)
    )
    rows = select(UserSession).where(UserSession.id == token.scalar_subquery())
    return (await session.exec(for_change(rows))).first()


def _add_refresh_token(
    session: AsyncSession, opened: UserSession, refresh_token: str, lifetimes: Lifetimes
) -> None:
    """Add the first refresh token of a session, which stays open until it expires."""
    opened.idle_until = lifetimes.idle_until(opened.ends_at)
    session.add(
        RefreshToken(
            session_id=opened.id,
            token_hash=hash_secret(refresh_token),
            expires_at=opened.idle_until,
        )
    )


async def sign_tokens(
    unit: UnitOfWork,
    user: User,
    session_id: UUID,
    refresh_token: str,
    keys: SigningKeys,
    lifetimes: Lifetimes,
    *,
    rotation: int = 0,
) -> Tokens:
    """Return a new access token beside the refresh token, which this rotation has issued."""
    must_enrol = await must_enrol_factor(unit, user, lifetimes.policy)
    access_token, expires = keys.sign_access(
        user.id,
        session_id,
        lifetimes.access_minutes,
        admin=user.role is Role.ADMIN,
        rotation=rotation,
        enrols=must_enrol,
    )
    return Tokens(
        user,
        session_id,
        access_token,
        refresh_token,
        expires_at=datetime.fromtimestamp(expires, UTC),
        expires_in=int(lifetimes.access_minutes * 60),
        must_enrol=must_enrol,
    )


async def end_sessions(
    session: AsyncSession, user_id: UUID, *, but: UUID | None = None
) -> list[UUID]:
    """End the sessions of a user, apart from the one with the id `but`. Returns their ids."""
    rows = (
        select(UserSession)
        .where(UserSession.user_id == user_id, col(UserSession.ended_at).is_(None))
        .order_by(col(UserSession.id))
    )
    if but is not None:
        rows = rows.where(UserSession.id != but)
    found = (await session.exec(for_change(rows))).all()
    for user_session in found:
        await end_session(session, user_session)
    return [one.id for one in found]


async def end_session(session: AsyncSession, user_session: UserSession) -> None:
    """End a session: its tokens, connections and devices, and impersonations begun in it."""
    user_session.ended_at = now()
    await forget_devices(session, user_session.id)
    revoke(session, RevocationKind.SESSION, user_session.id)
    await end_impersonations_of_session(session, user_session.id)
