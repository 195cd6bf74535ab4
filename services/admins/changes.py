"""Changes of admins: requested by one admin, confirmed by the same call of another one."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.admins.changes import AdminAct, AdminChange, AdminChangeState, InvalidRole
from models.audit import AuditAct
from models.identity.accounts import User, UserState
from models.notifications.inbox import NotificationKind
from services import jobs
from services.admins.access import access_other_user, find_admins_to_notify
from services.admins.suspensions import ensure_state
from services.audit import entries as audit
from services.identity.accounts import change_role
from services.identity.security_notices import SecurityNotice, send_notice
from services.notifications import inbox
from services.viewer import Viewer

AUDITED = {AdminAct.GRANT: AuditAct.GRANT_ADMIN, AdminAct.REVOKE: AuditAct.REVOKE_ADMIN}
NOTICES = {
    AdminAct.GRANT: SecurityNotice.ADMIN_GRANTED,
    AdminAct.REVOKE: SecurityNotice.ADMIN_REVOKED,
}


def visible_admin_changes(viewer: Viewer) -> SelectOfScalar[AdminChange]:
    """Select changes of admins. Only signed-in admins see them."""
    rows = select(AdminChange)
    return rows if viewer.admin else rows.where(False)


def list_admin_changes(
    viewer: Viewer, *, state: AdminChangeState | None = None
) -> Listing[AdminChange]:
    viewer.require_admin()
    rows = visible_admin_changes(viewer)
    if state is not None:
        rows = rows.where(AdminChange.state == state)
    return Listing(rows, newest_first(AdminChange))


async def change_admin(
    session: AsyncSession, viewer: Viewer, *, user_id: UUID, act: AdminAct
) -> AdminChange:
    """Request a change of a user's rights, or confirm the request of another admin.

    An open request for the opposite is withdrawn instead. A repetition by the requester changes
    nothing. All admins are locked: those who request and confirm are admins, so one always stays.
    Raises `OwnAccount`, `InvalidRole`, `InvalidUserState` and `NotFound`.
    """
    user = await access_other_user(session, viewer, user_id)
    admin_id = viewer.require_admin()
    open = await _find_open(session, user_id)
    if open is not None and not open.is_open:
        open.end(AdminChangeState.EXPIRED)
        await session.flush()  # before the next one takes its place
        open = None
    if open is not None and open.act is not act:
        open.end(AdminChangeState.WITHDRAWN, decider_id=admin_id)
        audit.append(session, viewer, AUDITED[open.act], subject_id=user_id, code="WITHDRAWN")
        return open
    _ensure_possible(user, act)
    if open is not None and open.requester_id == admin_id:
        return open
    audit.append(session, viewer, AUDITED[act], subject_id=user_id)
    if open is not None and await _is_admin(session, open.requester_id):
        await _confirm(session, viewer, open)
        return open
    if open is not None:  # its requester is no admin any more
        open.end(AdminChangeState.WITHDRAWN, decider_id=admin_id)
        await session.flush()
    return await _request(session, viewer, user_id, act)


async def expire_change(session: AsyncSession, change_id: UUID) -> None:
    """End a request that no second admin has confirmed in time."""
    rows = select(AdminChange).where(AdminChange.id == change_id)
    change = (await session.exec(for_change(rows))).one()
    if change.state is AdminChangeState.REQUESTED:
        change.end(AdminChangeState.EXPIRED)


def _ensure_possible(user: User, act: AdminAct) -> None:
    if user.role is act.role:
        raise InvalidRole(role=user.role)
    if act is AdminAct.GRANT:
        ensure_state(user, UserState.ACTIVE)


async def _find_open(session: AsyncSession, user_id: UUID) -> AdminChange | None:
    rows = select(AdminChange).where(
        AdminChange.user_id == user_id, AdminChange.state == AdminChangeState.REQUESTED
    )
    return (await session.exec(for_change(rows))).first()


async def _is_admin(session: AsyncSession, user_id: UUID) -> bool:
    return (await session.get_one(User, user_id)).is_active_admin


async def _confirm(session: AsyncSession, viewer: Viewer, change: AdminChange) -> None:
    change.end(AdminChangeState.CONFIRMED, decider_id=viewer.require_admin())
    await change_role(session, user_id=change.user_id, role=change.act.role, actor=viewer)
    await send_notice(session, change.user_id, NOTICES[change.act])


async def _request(
    session: AsyncSession, viewer: Viewer, user_id: UUID, act: AdminAct
) -> AdminChange:
    """Store a request, and notify the other admins in the order in which inboxes are locked."""
    change = AdminChange(user_id=user_id, act=act, requester_id=viewer.require_admin())
    session.add(change)
    await jobs.defer(session, "expire_admin_change", at=change.expires_at, change_id=change.id)
    for admin_id in await find_admins_to_notify(session, change.requester_id, user_id):
        await inbox.notify(
            session,
            admin_id,
            NotificationKind.ADMIN_CHANGE_REQUESTED,
            change.id,
            deliver_after=timedelta(),
        )
    return change
