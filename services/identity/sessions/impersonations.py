"""The ends of impersonations, with the session of the user's account."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.admins.impersonations import Impersonation
from models.identity.accounts import UserSession
from models.identity.revocations import RevocationKind
from services import jobs
from services.identity.sessions.revocations import revoke


async def end_impersonations(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """End impersonations, and have their mails sent. Those that have ended stay as they are.

    The session is locked before its impersonation, as by those that end the session.
    """
    open = col(Impersonation.ended_at).is_(None)
    rows = select(Impersonation.session_id).where(open, which)
    for session_id in (await session.exec(rows.order_by(col(Impersonation.session_id)))).all():
        await _end(session, session_id)


async def end_impersonations_of_session(session: AsyncSession, session_id: UUID) -> None:
    """End an impersonation with its own session, or with that of the admin."""
    own = Impersonation.session_id == session_id
    await end_impersonations(session, or_(own, Impersonation.admin_session_id == session_id))


async def _end(session: AsyncSession, session_id: UUID) -> None:
    of_user = select(UserSession).where(UserSession.id == session_id)
    user_session = (await session.exec(for_change(of_user))).first()
    rows = select(Impersonation).where(Impersonation.session_id == session_id)
    impersonation = (await session.exec(for_change(rows))).one()
    if impersonation.ended_at is not None:
        return
    impersonation.ended_at = min(now(), impersonation.until)
    if user_session is not None and user_session.ended_at is None:
        user_session.ended_at = now()
        revoke(session, RevocationKind.SESSION, session_id)
    await jobs.defer(session, "send_impersonation_mail", impersonation_id=impersonation.id)
