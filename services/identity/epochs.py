"""Epochs: what was started with an old password does not succeed after a new one."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_reliance
from models.identity.accounts import User, UserState, UserSuspended, WrongCredentials


async def ensure_same_epoch(session: AsyncSession, user: User) -> None:
    """Keep a user's password until the commit. Raises `WrongCredentials` if it has changed.

    Raises `UserSuspended` if the user is suspended, which the lock also excludes until the commit.
    `user` was read before, when the caller proved who they are. What sets a new password locks the
    user too. So either it comes first, and the session is not opened; or it waits, and then ends
    the session. Otherwise a thief who signs in while the owner resets the password would stay.
    """
    rows = select(User.epoch, User.state).where(User.id == user.id)
    found = (await session.exec(for_reliance(rows))).first()
    if found is None or found[0] != user.epoch:
        raise WrongCredentials
    if found[1] is UserState.SUSPENDED:
        raise UserSuspended
