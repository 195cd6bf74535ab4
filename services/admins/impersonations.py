"""Impersonations: begun by an admin for some minutes, and ended."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.keyset import Listing, newest_first
from core.security.signing_keys import SigningKeys
from models.admins.impersonations import Impersonating, Impersonation, UserIsAdmin
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import Role, UserSession, UserState
from services import jobs
from services.admins.access import access_other_user
from services.admins.suspensions import ensure_state
from services.audit import entries as audit
from services.identity.sessions.impersonations import end_impersonations
from services.viewer import Viewer


@dataclass(frozen=True)
class Impersonated:
    """An impersonation that has begun, and its access token. It cannot be refreshed."""

    impersonation: Impersonation
    access_token: str


def visible_impersonations(viewer: Viewer) -> SelectOfScalar[Impersonation]:
    """Select impersonations. Only signed-in admins see them."""
    rows = select(Impersonation)
    return rows if viewer.admin else rows.where(False)


def list_impersonations(viewer: Viewer) -> Listing[Impersonation]:
    viewer.require_admin()
    return Listing(visible_impersonations(viewer), newest_first(Impersonation))


async def impersonate_user(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    user_id: UUID,
    given: Impersonating,
) -> Impersonated:
    """Open a session of a user's account for an admin. It replaces a former one of the admin.

    It has no refresh token, and its network and device are not noted: they are the admin's. Raises
    `OwnAccount`, `UserIsAdmin`, `InvalidUserState` and `NotFound`.
    """
    user = await access_other_user(session, viewer, user_id)
    admin_id = viewer.require_admin()
    if user.role is Role.ADMIN:
        raise UserIsAdmin
    ensure_state(user, UserState.ACTIVE)
    await end_impersonations(session, col(Impersonation.admin_id) == admin_id)
    await session.flush()  # before the next one takes its place
    began_at = now()
    until = began_at + timedelta(minutes=given.minutes)
    opened = UserSession(
        user_id=user_id,
        created_at=began_at,
        idle_until=until,
        ends_at=until,
        impersonator_id=admin_id,
    )
    impersonation = Impersonation(
        user_id=user_id,
        admin_id=admin_id,
        session_id=opened.id,
        admin_session_id=_session_of(viewer),
        reason=given.reason,
        created_at=began_at,
        until=until,
    )
    session.add_all([opened, impersonation])
    await jobs.defer(session, "end_impersonation", at=until, impersonation_id=impersonation.id)
    audit.append(session, viewer, AuditAct.IMPERSONATE_USER, subject_id=user_id)
    token, _ = keys.sign_access(user_id, opened.id, given.minutes, impersonator_id=admin_id)
    return Impersonated(impersonation, token)


async def end_impersonation(
    session: AsyncSession, viewer: Viewer, *, impersonation_id: UUID | None
) -> Impersonation:
    """End an impersonation: that of the request, one by id as an admin, or the admin's newest.

    Ending it again changes nothing. Raises `NotFound`.
    """
    if viewer.impersonator is not None:
        rows = select(Impersonation).where(Impersonation.session_id == viewer.session_id)
    else:
        admin_id = viewer.require_admin()
        rows = visible_impersonations(viewer)
        if impersonation_id is None:
            rows = rows.where(Impersonation.admin_id == admin_id)
    if impersonation_id is not None:
        rows = rows.where(Impersonation.id == impersonation_id)
    newest = rows.order_by(col(Impersonation.created_at).desc()).limit(1)
    found = (await session.exec(newest)).first()
    if found is None:
        raise NotFound
    if found.ended_at is None:
        audit.append(session, viewer, AuditAct.END_IMPERSONATION, subject_id=found.user_id)
        await end_impersonations(session, col(Impersonation.id) == found.id)
    return found


async def end_in_time(session: AsyncSession, impersonation_id: UUID) -> None:
    """End an impersonation whose time is over."""
    await end_impersonations(session, col(Impersonation.id) == impersonation_id)


def _session_of(viewer: Viewer) -> UUID:
    """Return the id of the admin's session, which a fresh mutation has found open."""
    if viewer.session_id is None:
        raise TypeError("An admin without a session cannot impersonate a user.")
    return viewer.session_id
