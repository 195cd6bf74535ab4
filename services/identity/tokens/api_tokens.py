"""API tokens for programs, which only their users create, list and revoke."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from core.security import tokens
from core.security.random_secrets import hash_secret
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User
from models.identity.api_tokens import (
    UNUSED_TOKEN_DAYS,
    ApiToken,
    ApiTokenDraft,
    ApiTokenLimitReached,
)
from models.identity.revocations import RevocationKind
from models.notifications.inbox import NotificationKind
from services.audit import entries as audit
from services.identity.factors.recent_changes import ensure_no_recent_change
from services.identity.sessions.revocations import revoke
from services.notifications.inbox import notify
from services.viewer import Viewer

MAX_TOKENS = 20
CREATION_WINDOW = timedelta(hours=1)
USE_PRECISION = timedelta(minutes=5)


def visible_api_tokens(viewer: Viewer) -> SelectOfScalar[ApiToken]:
    """Select the viewer's tokens. Admins see all, programs none: their token may have leaked."""
    if viewer.uses_api_token:
        return select(ApiToken).where(false())
    mine = ApiToken.user_id == viewer.user_id
    return select(ApiToken) if viewer.admin else select(ApiToken).where(mine)


def list_api_tokens(viewer: Viewer, user_id: UUID) -> Listing[ApiToken]:
    rows = visible_api_tokens(viewer).where(ApiToken.user_id == user_id)
    return Listing(rows, newest_first(ApiToken))


async def create_api_token(
    session: AsyncSession, viewer: Viewer, draft: ApiTokenDraft
) -> tuple[ApiToken, str]:
    """Create a token. Returns it with its secret, which is not stored.

    The user gets a mail in their language: a token made by a thief must be noticed. Raises
    `AccountRecentlyChanged`, and `ApiTokenLimitReached` at twenty. Tokens revoked in the last hour
    count as well: each token has its own cost budget, which a user could otherwise renew by
    replacing tokens.
    """
    rows = select(User).where(User.id == viewer.require_user())
    user = (await session.exec(for_change(rows))).one()
    ensure_no_recent_change(user)
    recent = col(ApiToken.created_at) > now() - CREATION_WINDOW
    counted = select(func.count()).where(
        ApiToken.user_id == viewer.require_user(), or_(_is_live(), recent)
    )
    if (await session.exec(counted)).one() >= MAX_TOKENS:
        raise ApiTokenLimitReached(most=MAX_TOKENS)
    secret = tokens.new_token()
    token = ApiToken(
        user_id=viewer.require_user(),
        name=draft.name,
        prefix=secret[: tokens.VISIBLE_LENGTH],
        token_hash=hash_secret(secret),
        scopes=sorted(draft.scopes),
        expires_at=draft.end,
    )
    session.add(token)
    audit.append(session, viewer, AuditAct.CREATE_API_TOKEN, subject_id=token.id)
    kind = NotificationKind.API_TOKEN_CREATED
    await notify(session, user.id, kind, token.id, deliver_after=timedelta(), locale=user.locale)
    return token, secret


async def revoke_api_token(
    session: AsyncSession, viewer: Viewer, *, api_token_id: UUID
) -> ApiToken:
    """Revoke the viewer's token and close its sockets. Revoking it again changes nothing."""
    mine = ApiToken.user_id == viewer.require_user()
    rows = select(ApiToken).where(ApiToken.id == api_token_id, mine)
    token = (await session.exec(for_change(rows))).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = now()
        audit.append(session, viewer, AuditAct.REVOKE_API_TOKEN, subject_id=token.id)
        revoke(session, RevocationKind.TOKEN, token.id)
    return token


async def find_live(session: AsyncSession, secret: str) -> ApiToken | None:
    """Return the token with this secret, unless it has expired, lapsed or been revoked."""
    rows = select(ApiToken).where(ApiToken.token_hash == hash_secret(secret), _is_live())
    return (await session.exec(rows)).first()


def use_is_outdated(token: ApiToken) -> bool:
    """Return whether to record a use: every five minutes, or every read would cause a write."""
    return token.last_used_at is None or token.last_used_at < now() - USE_PRECISION


async def record_use(session: AsyncSession, token: ApiToken) -> None:
    await session.exec(
        update(ApiToken).where(col(ApiToken.id) == token.id).values(last_used_at=now())
    )


def _is_live() -> ColumnElement[bool]:
    used = func.coalesce(ApiToken.last_used_at, ApiToken.created_at)
    return and_(
        col(ApiToken.revoked_at).is_(None),
        col(ApiToken.expires_at) > now(),
        used > now() - timedelta(days=UNUSED_TOKEN_DAYS),
    )
