"""Accounts: found, and given a role."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.security.sealed import Lookup
from models.admins.impersonations import Impersonation
from models.audit import AuditAct
from models.identity.accounts import Role, User
from models.identity.revocations import RevocationKind
from services.audit import entries as audit
from services.identity.addresses.sealed_addresses import has_email
from services.identity.sessions.impersonations import end_impersonations
from services.identity.sessions.revocations import revoke
from services.identity.sessions.sessions import end_sessions
from services.viewer import ANONYMOUS, Viewer


async def find_user(session: AsyncSession, user_id: UUID | None) -> User | None:
    return await session.get(User, user_id) if user_id else None


async def find_user_by_email(session: AsyncSession, email: Lookup) -> User | None:
    """Return the user with the email address that has these hashes."""
    return (await session.exec(select(User).where(has_email(User, email)))).first()


async def change_role(
    session: AsyncSession, *, user_id: UUID, role: Role, actor: Viewer = ANONYMOUS
) -> None:
    """Change a user's role, in the name of the actor.

    Access tokens with the former role have no more rights than the user. Open sockets are closed,
    so that they return with the new role. The sessions of a new admin end: a refresh token that was
    stolen from a user must not become an admin's. What a former admin has begun in the name of
    users ends.
    """
    user = (await session.exec(for_change(select(User).where(User.id == user_id)))).one()
    user.role = role
    audit.append(session, actor, AuditAct.CHANGE_ROLE, subject_id=user_id)
    revoke(session, RevocationKind.USER, user_id)
    if role is Role.ADMIN:
        await end_sessions(session, user_id)
    else:
        await end_impersonations(session, col(Impersonation.admin_id) == user_id)
