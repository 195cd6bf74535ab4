"""Access to users about whom admins decide."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import and_, col, not_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from core.errors import NotAllowed
from models.admins.suspensions import OwnAccount
from models.errors import NotFound
from models.identity.accounts import Role, User, UserState
from models.privacy import AccountDeletion, Erasure
from services.viewer import ADMINS_ONLY, Viewer

MAX_NOTIFIED = 20  # admins


async def access_other_user(session: AsyncSession, viewer: Viewer, user_id: UUID) -> User:
    """Return a user for an admin to decide about, locked together with all admins.

    The viewer's own rights are read again under the lock. So two admins who take each other's
    rights at once act one after the other, and the second one is an admin no more: one always
    stays. An account that was erased, or is being erased, is gone. Raises `OwnAccount`,
    `NotAllowed` and `NotFound`.
    """
    admin_id = viewer.require_admin()
    if user_id == admin_id:
        raise OwnAccount
    locked = {one.id: one for one in await lock_admins(session, user_id)}
    if admin_id not in locked or not locked[admin_id].is_active_admin:
        raise NotAllowed(ADMINS_ONLY)
    if user_id not in locked or await is_erased(session, user_id):
        raise NotFound
    return locked[user_id]


async def lock_admins(session: AsyncSession, *user_ids: UUID) -> list[User]:
    """Lock all admins, and other users, by ascending id."""
    rows = select(User).where(or_(User.role == Role.ADMIN, col(User.id).in_(user_ids)))
    return list((await session.exec(for_change(rows.order_by(col(User.id))))).all())


async def find_admins_to_notify(session: AsyncSession, *but: UUID) -> Sequence[UUID]:
    """Return the ids of active admins, in the order in which inboxes are locked."""
    rows = (
        select(User.id)
        .where(User.role == Role.ADMIN, User.state == UserState.ACTIVE, col(User.id).not_in(but))
        .order_by(col(User.id))
        .limit(MAX_NOTIFIED)
    )
    return (await session.exec(rows)).all()


async def is_only_admin(session: AsyncSession, user_id: UUID) -> bool:
    """Return whether the user is an admin, and no other one stays. Lock all admins first.

    One who is suspended, or whose account will be deleted, does not stay.
    """
    is_admin = exists_in(User, User.id == user_id, User.role == Role.ADMIN)
    other_stays = exists_in(
        User,
        User.role == Role.ADMIN,
        User.id != user_id,
        User.state == UserState.ACTIVE,
        col(User.id).not_in(select(AccountDeletion.user_id)),
    )
    return (await session.exec(select(and_(is_admin, not_(other_stays))))).one()


async def is_erased(session: AsyncSession, user_id: UUID) -> bool:
    """Return whether an account was erased, or its erasure may have begun."""
    was_erased = exists_in(Erasure, Erasure.user_id == user_id)
    is_due = exists_in(
        AccountDeletion, AccountDeletion.user_id == user_id, col(AccountDeletion.due_at) <= now()
    )
    return (await session.exec(select(or_(was_erased, is_due)))).one()
