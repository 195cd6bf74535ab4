"""Tokens for the programs of others: made, listed and revoked by their users alone."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core import tokens
from core.clock import now
from core.database import for_change
from core.keyset import Ordering
from models.errors import NotFound
from models.identity.accounts import User
from models.identity.api_tokens import (
    ApiToken,
    ApiTokenDraft,
    ApiTokenLimitReached,
)
from services.identity.entries import SessionRevoked
from services.journal import append as journal
from services.journal.topics import user_topic
from services.viewer import Viewer

MOST = 20
RECENT = timedelta(hours=1)
COARSE = timedelta(minutes=1)


def visible_api_tokens(viewer: Viewer) -> SelectOfScalar[ApiToken]:
    """Their own for users, all for an admin; none for a program, whose token may have leaked."""
    if viewer.uses_api_token:
        return select(ApiToken).where(false())
    mine = ApiToken.user_id == viewer.user_id
    return select(ApiToken) if viewer.admin else select(ApiToken).where(mine)


def list_api_tokens(viewer: Viewer, user_id: UUID) -> tuple[SelectOfScalar[ApiToken], Ordering]:
    """A user's tokens, the latest first."""
    rows = visible_api_tokens(viewer).where(ApiToken.user_id == user_id)
    key, id = ApiToken.created_at, ApiToken.id
    return rows, Ordering("api tokens", key, id, datetime.fromisoformat, descending=True)


async def create_api_token(
    session: AsyncSession, viewer: Viewer, draft: ApiTokenDraft
) -> tuple[ApiToken, str]:
    """The token, and its secret, which is told this once.

    Each token has a bucket of points of its own, so a new one can't be had at will by
    revoking another: whatever was made in the last hour counts. `ApiTokenLimitReached`.
    """
    await session.exec(for_change(select(User).where(User.id == viewer.require_user())))
    recent = col(ApiToken.created_at) > now() - RECENT
    counted = select(func.count()).where(
        ApiToken.user_id == viewer.require_user(), or_(_is_live(), recent)
    )
    if (await session.exec(counted)).one() >= MOST:
        raise ApiTokenLimitReached(most=MOST)
    secret = tokens.new_token()
    token = ApiToken(
        user_id=viewer.require_user(),
        name=draft.name,
        prefix=secret[: tokens.VISIBLE_LENGTH],
        token_hash=_hash(secret),
        scopes=sorted(draft.scopes),
        expires_at=draft.expires_at,
    )
    session.add(token)
    return token, secret


async def revoke_api_token(
    session: AsyncSession, viewer: Viewer, *, api_token_id: UUID
) -> ApiToken:
    """End a token of the viewer's own, and its sockets. Revoking twice is fine."""
    mine = ApiToken.user_id == viewer.require_user()
    rows = select(ApiToken).where(ApiToken.id == api_token_id, mine)
    token = (await session.exec(for_change(rows))).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = now()
        journal.append(session, SessionRevoked(token.id), to=[user_topic(token.user_id)])
    return token


async def find_live(session: AsyncSession, secret: str) -> ApiToken | None:
    """The token with this secret, unless it has ended or was revoked."""
    rows = select(ApiToken).where(ApiToken.token_hash == _hash(secret), _is_live())
    return (await session.exec(rows)).first()


def used_long_ago(token: ApiToken) -> bool:
    """Whether its use is worth noting: once a minute is, each time would be a write for a read."""
    return token.last_used_at is None or token.last_used_at < now() - COARSE


async def note_use(session: AsyncSession, token: ApiToken) -> None:
    await session.exec(
        update(ApiToken).where(col(ApiToken.id) == token.id).values(last_used_at=now())
    )


def _is_live() -> ColumnElement[bool]:
    ends = col(ApiToken.expires_at)
    return and_(col(ApiToken.revoked_at).is_(None), or_(ends.is_(None), ends > now()))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
