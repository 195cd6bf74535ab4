"""Accounts, and signing in and out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core import passwords
from core.clock import now
from core.database import Database, for_change
from core.errors import NotSignedIn
from core.signing_keys import SigningKeys
from models.chat.conversations import Conversation, Participant
from models.chat.messages import Message
from models.identity.accounts import (
    RefreshToken,
    Registration,
    Role,
    SessionEnded,
    User,
    UserSession,
    WrongCredentials,
)
from models.identity.api_tokens import ApiToken
from models.vendors import VendorMember
from services.identity.entries import SessionRevoked
from services.journal import append as journal
from services.journal.topics import user_topic
from services.notifications.devices import forget_devices
from services.vendors import own_vendor_ids
from services.viewer import Viewer


@dataclass(frozen=True)
class Lifetimes:
    """How long the two tokens of a session hold."""

    access_minutes: int
    refresh_days: int


@dataclass(frozen=True)
class Tokens:
    """What a client keeps of its session; `expires_at` is the access token's end."""

    user: User
    access_token: str
    refresh_token: str
    expires_at: datetime


def visible_users(viewer: Viewer) -> SelectOfScalar[User]:
    """Oneself, one's colleagues, and those one is in a conversation with; all for an admin.

    Of a vendor's members, a user sees those who write to them, those whom receipts name as having
    what they write, and those who look after the conversation.
    """
    if viewer.admin:
        return select(User)
    vendors = own_vendor_ids(viewer)
    mine = col(Conversation.user_id) == viewer.user_id
    colleagues = exists().where(
        col(VendorMember.user_id) == User.id, col(VendorMember.vendor_id).in_(vendors)
    )
    users = exists().where(
        col(Conversation.user_id) == User.id, col(Conversation.vendor_id).in_(vendors)
    )
    writers = exists().where(
        mine,
        col(Message.conversation_id) == Conversation.id,
        col(Message.sender_id) == User.id,
    )
    receivers = exists().where(
        mine,
        col(Participant.conversation_id) == Conversation.id,
        col(Participant.user_id) == User.id,
    )
    assignees = exists().where(mine, col(Conversation.assignee_id) == User.id)
    known = or_(User.id == viewer.user_id, colleagues, users, writers, receivers, assignees)
    return select(User).where(known)


async def find_user(session: AsyncSession, user_id: UUID | None) -> User | None:
    return await session.get(User, user_id) if user_id else None


async def ensure_session_open(session: AsyncSession, viewer: Viewer) -> None:
    """`NotSignedIn` once the viewer's session has ended, though the access token has not.

    Or once the API token that a program calls with is revoked.
    """
    if viewer.uses_api_token:
        token = await session.get(ApiToken, viewer.session_id, populate_existing=True)
        if token is None or token.revoked_at is not None:
            raise NotSignedIn("This API token was revoked. Use another one.")
        return
    family = await session.get(UserSession, viewer.session_id) if viewer.session_id else None
    if family is not None and family.ended_at is not None:
        raise NotSignedIn("This session has ended. Sign in again.")


async def register(session: AsyncSession, registration: Registration, password_hash: str) -> User:
    """A new account. `EmailTaken` comes from the table's own constraint."""
    user = User(email=registration.email, name=registration.name, password_hash=password_hash)
    session.add(user)
    await session.flush()
    return user


async def authenticate(database: Database, email: str, password: str) -> User:
    """Whose address and password these are. `WrongCredentials` names neither as the wrong one.

    The slow comparison runs with no connection held.
    """
    async with database.session() as session:
        user = (await session.exec(select(User).where(User.email == email))).first()
    if not await passwords.matches(password, user.password_hash if user else None) or not user:
        raise WrongCredentials
    return user


async def open_session(
    session: AsyncSession, user: User, keys: SigningKeys, lifetimes: Lifetimes
) -> Tokens:
    opened = UserSession(user_id=user.id)
    session.add(opened)
    return _issue(session, user, opened, keys, lifetimes)


async def refresh_session(
    session: AsyncSession, refresh_token: str, keys: SigningKeys, lifetimes: Lifetimes
) -> Tokens | None:
    """New tokens for an old refresh token, which is good for one use.

    None, when it was used before: then one of its two holders is a thief, and
    the session ends for both. That must be kept, so it is not raised.
    """
    hashed = RefreshToken.token_hash == _hash(refresh_token)
    found = (await session.exec(select(RefreshToken).where(hashed))).first()
    if found is None:
        raise SessionEnded
    family = await _lock(session, found)
    token = await session.get_one(RefreshToken, found.id, populate_existing=True)
    family.ensure_open()
    if token.used_at is not None:
        await _end(session, family)
        return None
    if token.expires_at <= now():
        raise SessionEnded
    token.used_at = now()
    user = await session.get_one(User, family.user_id)
    return _issue(session, user, family, keys, lifetimes)


async def log_out(session: AsyncSession, viewer: Viewer, refresh_token: str | None) -> None:
    """End the session of the refresh token, or else of the access token. Ending twice is fine."""
    if refresh_token is not None:
        hashed = RefreshToken.token_hash == _hash(refresh_token)
        found = (await session.exec(select(RefreshToken).where(hashed))).first()
        family = await _lock(session, found) if found else None
    else:
        viewer.require_user()
        family = (
            await session.exec(
                for_change(select(UserSession).where(UserSession.id == viewer.session_id))
            )
        ).first()
    if family is not None and family.ended_at is None:
        await _end(session, family)


async def _lock(session: AsyncSession, token: RefreshToken) -> UserSession:
    rows = select(UserSession).where(UserSession.id == token.session_id)
    return (await session.exec(for_change(rows))).one()


def _issue(
    session: AsyncSession, user: User, family: UserSession, keys: SigningKeys, lifetimes: Lifetimes
) -> Tokens:
    refresh_token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(
            session_id=family.id,
            token_hash=_hash(refresh_token),
            expires_at=now() + timedelta(days=lifetimes.refresh_days),
        )
    )
    access_token, expires = keys.sign_access(
        user.id, family.id, lifetimes.access_minutes, admin=user.role is Role.ADMIN
    )
    return Tokens(user, access_token, refresh_token, datetime.fromtimestamp(expires, UTC))


async def _end(session: AsyncSession, family: UserSession) -> None:
    family.ended_at = now()
    await forget_devices(session, family.id)
    journal.append(session, SessionRevoked(family.id), to=[user_topic(family.user_id)])


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
