"""New passwords, and what ends with the old one."""

from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.identity.accounts import User
from models.identity.api_tokens import ApiToken
from models.identity.revocations import RevocationKind
from services.identity.security_notices import SecurityNotice, send_notice
from services.identity.sessions.revocations import revoke
from services.identity.sessions.sessions import end_sessions


async def set_password(
    session: AsyncSession,
    user: User,
    hashed: str,
    *,
    kept_session_id: UUID | None = None,
    revokes_api_tokens: bool = True,
) -> None:
    """Set the password of a user, who is locked, and end what the old one has opened.

    One session can be kept, and the API tokens. The user gets a mail.
    """
    user.password_hash = hashed
    user.credentials_changed_at = now()
    await end_access(
        session, user, kept_session_id=kept_session_id, revokes_api_tokens=revokes_api_tokens
    )
    await send_notice(session, user.id, SecurityNotice.PASSWORD_CHANGED)


async def end_access(
    session: AsyncSession,
    user: User,
    *,
    kept_session_id: UUID | None = None,
    revokes_api_tokens: bool = True,
) -> None:
    """End the sessions of a user, who is locked, apart from one, and the API tokens if asked to.

    A log-in that has not opened its session yet, a challenge, and a link or a code that was sent
    before, no longer succeed.
    """
    user.epoch += 1
    session.add(user)
    await end_sessions(session, user.id, but=kept_session_id)
    if revokes_api_tokens:
        await revoke_api_tokens(session, user.id)


async def revoke_api_tokens(session: AsyncSession, user_id: UUID) -> None:
    """Revoke all API tokens of a user, who is locked."""
    revoked = await session.exec(
        update(ApiToken)
        .where(col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=now())
        .returning(col(ApiToken.id))
    )
    for token_id in revoked.scalars().all():
        revoke(session, RevocationKind.TOKEN, token_id)
