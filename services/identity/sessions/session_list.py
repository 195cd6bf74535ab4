"""The devices on which a user is signed in, as only the user sees and ends them."""

from uuid import UUID

from sqlmodel import col, false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from core.statements.parameters import current_time
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User, UserSession
from services.audit import entries as audit
from services.identity.passwords.new_passwords import revoke_api_tokens
from services.identity.sessions.sessions import end_session, end_sessions
from services.viewer import Viewer


def visible_sessions(viewer: Viewer) -> SelectOfScalar[UserSession]:
    """Select the viewer's sessions that have not ended. Programs see none.

    Admins do not see them either, not even if they impersonate the user: the places of a person are
    private.
    """
    if viewer.uses_api_token or viewer.impersonator is not None:
        return select(UserSession).where(false())
    return select(UserSession).where(
        UserSession.user_id == viewer.user_id,
        col(UserSession.ended_at).is_(None),
        col(UserSession.impersonator_id).is_(None),
        col(UserSession.idle_until) > current_time(),
        col(UserSession.ends_at) > current_time(),
    )


def list_sessions(viewer: Viewer, user_id: UUID) -> Listing[UserSession]:
    rows = visible_sessions(viewer).where(UserSession.user_id == user_id)
    return Listing(rows, newest_first(UserSession))


async def revoke_session(session: AsyncSession, viewer: Viewer, *, session_id: UUID) -> None:
    """End one of the viewer's sessions. Ending it again changes nothing. Raises `NotFound`."""
    mine = UserSession.user_id == viewer.require_user()
    rows = select(UserSession).where(UserSession.id == session_id, mine)
    user_session = (await session.exec(for_change(rows))).first()
    if user_session is None:
        raise NotFound
    if user_session.ended_at is None:
        await end_session(session, user_session)
        audit.append(session, viewer, AuditAct.REVOKE_SESSION, subject_id=user_session.user_id)


async def revoke_other_sessions(
    session: AsyncSession, viewer: Viewer, *, revokes_api_tokens: bool
) -> int:
    """End all sessions of the viewer but this one, and the API tokens if asked to.

    Returns how many sessions ended.
    """
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    if revokes_api_tokens:
        await revoke_api_tokens(session, user_id)
    ended = await end_sessions(session, user_id, but=viewer.session_id)
    if ended or revokes_api_tokens:
        audit.append(session, viewer, AuditAct.REVOKE_SESSION, subject_id=user_id)
    return len(ended)
