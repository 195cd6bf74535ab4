"""Epochs: what was started with an old password does not succeed after a new one."""

from uuid import UUID

from sqlalchemy import BindParameter
from sqlmodel import bindparam, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_reliance
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.admins.suspensions import UserSuspension
from models.identity.accounts import User, UserState, UserSuspended, WrongCredentials
from models.privacy import AccountDeletion

_USER: BindParameter[UUID] = bindparam("user_id")
_IS_DUE = AccountDeletion.user_id == _USER, col(AccountDeletion.due_at) <= current_time()
ACCOUNT = Statement(
    for_reliance(
        select(
            col(User.epoch), col(User.state), exists_in(AccountDeletion, *_IS_DUE).label("is_due")
        ).where(User.id == _USER)
    )
)


async def ensure_same_epoch(session: AsyncSession, user: User) -> None:
    """Keep a user's password until the commit. Raises `WrongCredentials` if it has changed.

    Raises `UserSuspended` if the user is suspended, which the lock also excludes until the commit.
    An account whose deletion is due is as good as gone: its erasure takes many transactions, and a
    session that was opened between them would outlive it.
    `user` was read before, when the caller proved who they are. What sets a new password locks the
    user too. So either it comes first, and the session is not opened; or it waits, and then ends
    the session. Otherwise a thief who signs in while the owner resets the password would stay.
    """
    await session.flush()  # the user may be new
    found = await ACCOUNT.fetch_one(await connection_of(session), user_id=user.id)
    if found is None or found["epoch"] != user.epoch or found["is_due"]:
        raise WrongCredentials
    if found["state"] == UserState.SUSPENDED:
        raise await _suspended(session, user)


async def _suspended(session: AsyncSession, user: User) -> UserSuspended:
    """Return the refusal. It has the reason if no mail could: the user has proven who they are."""
    rows = select(UserSuspension.reason).where(
        UserSuspension.user_id == user.id, col(UserSuspension.ended_at).is_(None)
    )
    reason = None if user.email else (await session.exec(rows)).first()
    if reason is None:
        return UserSuspended()
    return UserSuspended(UserSuspended.message_of_phone, reason=reason)
