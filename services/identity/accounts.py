"""Accounts and sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.errors import NotSignedIn
from core.security.signing_keys import SigningKeys
from models.identity.accounts import (
    RefreshToken,
    Registration,
    Role,
    SessionEnded,
    User,
    UserSession,
)
from models.identity.api_tokens import ApiToken
from services.chat.access import sees
from services.identity.entries import SessionRevoked
from services.identity.known_networks import remember_network
from services.journal import append as journal
from services.journal.topics import user_topic
from services.notifications.devices import forget_devices
from services.viewer import Viewer


@dataclass(frozen=True)
class Lifetimes:
    access_minutes: int
    refresh_days: int


@dataclass(frozen=True)
class Tokens:
    """A session's tokens. `expires_at` is the expiry of the access token."""

    user: User
    access_token: str
    refresh_token: str
    expires_at: datetime


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

    The access token is valid until it expires, since it is verified without a query.
    """
    if viewer.uses_api_token:
        token = await session.get(ApiToken, viewer.session_id, populate_existing=True)
        if token is None or token.revoked_at is not None:
            raise NotSignedIn("This API token was revoked. Use another one.")
        return
    user_session = await session.get(UserSession, viewer.session_id) if viewer.session_id else None
    if user_session is not None and user_session.ended_at is not None:
        raise NotSignedIn("This session has ended. Sign in again.")


async def register(session: AsyncSession, registration: Registration, password_hash: str) -> User:
    """Create an account. The unique constraint raises `EmailTaken`."""
    user = User(email=registration.email, name=registration.name, password_hash=password_hash)
    session.add(user)
    await session.flush()
    return user


async def open_session(
    session: AsyncSession, user: User, keys: SigningKeys, lifetimes: Lifetimes, address: str
) -> Tokens:
    """Open a session, and remember the network of the caller's IP address."""
    opened = UserSession(user_id=user.id)
    session.add(opened)
    await remember_network(session, user.id, address)
    return _issue(session, user, opened, keys, lifetimes)


async def refresh_session(
    session: AsyncSession, refresh_token: str, keys: SigningKeys, lifetimes: Lifetimes
) -> Tokens | None:
    """Return new tokens for a refresh token, which can be used once.

    Returns None if it was used before: it was copied, and one holder is not the user, so the
    session ends for both. That must be committed, so it is not raised.
    """
    hashed = RefreshToken.token_hash == _hash(refresh_token)
    found = (await session.exec(select(RefreshToken).where(hashed))).first()
    if found is None:
        raise SessionEnded
    user_session = await _lock(session, found)
    token = await session.get_one(RefreshToken, found.id, populate_existing=True)
    user_session.ensure_open()
    if token.used_at is not None:
        await _end(session, user_session)
        return None
    if token.expires_at <= now():
        raise SessionEnded
    token.used_at = now()
    user = await session.get_one(User, user_session.user_id)
    return _issue(session, user, user_session, keys, lifetimes)


async def log_out(session: AsyncSession, viewer: Viewer, refresh_token: str | None) -> None:
    """End the session of the refresh token, or else of the access token."""
    if refresh_token is not None:
        hashed = RefreshToken.token_hash == _hash(refresh_token)
        found = (await session.exec(select(RefreshToken).where(hashed))).first()
        user_session = await _lock(session, found) if found else None
    else:
        viewer.require_user()
        user_session = (
            await session.exec(
                for_change(select(UserSession).where(UserSession.id == viewer.session_id))
            )
        ).first()
    if user_session is not None and user_session.ended_at is None:
        await _end(session, user_session)


async def _lock(session: AsyncSession, token: RefreshToken) -> UserSession:
    rows = select(UserSession).where(UserSession.id == token.session_id)
    return (await session.exec(for_change(rows))).one()


def _issue(
    session: AsyncSession,
    user: User,
    user_session: UserSession,
    keys: SigningKeys,
    lifetimes: Lifetimes,
) -> Tokens:
    refresh_token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(
            session_id=user_session.id,
            token_hash=_hash(refresh_token),
            expires_at=now() + timedelta(days=lifetimes.refresh_days),
        )
    )
    access_token, expires = keys.sign_access(
        user.id, user_session.id, lifetimes.access_minutes, admin=user.role is Role.ADMIN
    )
    return Tokens(user, access_token, refresh_token, datetime.fromtimestamp(expires, UTC))


async def _end(session: AsyncSession, user_session: UserSession) -> None:
    user_session.ended_at = now()
    await forget_devices(session, user_session.id)
    revoked = SessionRevoked(user_session.id)
    journal.append(session, revoked, to=[user_topic(user_session.user_id)])


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
