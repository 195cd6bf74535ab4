"""Suspensions of users by admins."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.admins.suspensions import InvalidUserState, UserSuspension, UserSuspensionDraft
from models.audit import AuditAct
from models.identity.accounts import User, UserState
from models.identity.revocations import RevocationKind
from models.notifications.inbox import NotificationKind
from services import jobs
from services.admins.access import access_other_user
from services.audit import entries as audit
from services.identity.passwords.new_passwords import end_access
from services.identity.sessions.revocations import revoke
from services.members.owners import ensure_vendors_keep_owner
from services.notifications import inbox
from services.viewer import ANONYMOUS, Viewer


async def suspend_user(
    session: AsyncSession, viewer: Viewer, *, user_id: UUID, given: UserSuspensionDraft
) -> User:
    """Suspend a user: everything that they are signed in to ends, and they cannot sign in.

    Their memberships give no rights, and their vouchers are refused. Raises `InvalidUserState`,
    and `LastOwner` for the only owner of a vendor that sells: no one else could run it.
    """
    user = await access_other_user(session, viewer, user_id)
    ensure_state(user, UserState.ACTIVE)
    user.state = UserState.SUSPENDED
    await end_access(session, user)
    revoke(session, RevocationKind.USER, user_id)  # the cached right of an admin
    await session.flush()  # so that the user does not count as an owner
    await ensure_vendors_keep_owner(session, user_id)
    suspension = UserSuspension(
        user_id=user_id,
        number=await _next_number(session, user_id),
        reason=given.reason,
        admin_id=viewer.require_admin(),
        until=given.until,
    )
    session.add(suspension)
    if suspension.until is not None:
        await jobs.defer(
            session, "end_user_suspension", at=suspension.until, suspension_id=suspension.id
        )
    audit.append(session, viewer, AuditAct.SUSPEND_USER, subject_id=user_id)
    await _notify(session, NotificationKind.USER_SUSPENDED, suspension)
    return user


async def restore_user(session: AsyncSession, viewer: Viewer, *, user_id: UUID) -> User:
    """End the suspension of a user, who can sign in again. Raises `InvalidUserState`."""
    user = await access_other_user(session, viewer, user_id)
    ensure_state(user, UserState.SUSPENDED)
    open = UserSuspension.user_id == user_id, col(UserSuspension.ended_at).is_(None)
    suspension = (await session.exec(for_change(select(UserSuspension).where(*open)))).one()
    suspension.restorer_id = viewer.require_admin()
    await _restore(session, viewer, user, suspension)
    return user


async def end_suspension(session: AsyncSession, suspension_id: UUID) -> None:
    """End a suspension whose time is over, unless an admin has ended it before."""
    found = await session.get_one(UserSuspension, suspension_id)
    rows = select(User).where(User.id == found.user_id)
    user = (await session.exec(for_change(rows))).one()
    await session.refresh(found)
    if found.ended_at is None:
        await _restore(session, ANONYMOUS, user, found)


async def find_suspension(
    session: AsyncSession, user_id: UUID, number: int
) -> UserSuspension | None:
    rows = select(UserSuspension).where(
        UserSuspension.user_id == user_id, UserSuspension.number == number
    )
    return (await session.exec(rows)).first()


def ensure_state(user: User, needed: UserState) -> None:
    if user.state is not needed:
        raise InvalidUserState(state=user.state)


async def _restore(
    session: AsyncSession, actor: Viewer, user: User, suspension: UserSuspension
) -> None:
    user.state, suspension.ended_at = UserState.ACTIVE, now()
    audit.append(session, actor, AuditAct.RESTORE_USER, subject_id=user.id)
    await _notify(session, NotificationKind.USER_RESTORED, suspension)


async def _next_number(session: AsyncSession, user_id: UUID) -> int:
    newest = select(func.coalesce(func.max(UserSuspension.number), 0))
    return (await session.exec(newest.where(UserSuspension.user_id == user_id))).one() + 1


async def _notify(
    session: AsyncSession, kind: NotificationKind, suspension: UserSuspension
) -> None:
    await inbox.notify(
        session,
        suspension.user_id,
        kind,
        suspension.user_id,
        up_to_sequence=suspension.number,
        deliver_after=timedelta(),  # its mail is sent whether or not it is read
    )
