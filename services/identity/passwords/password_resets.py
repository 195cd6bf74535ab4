"""Password resets: asked for by anyone, used by who reads the account's mail."""

import secrets

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from core.clock import now
from core.database import for_change
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.password_resets import LinkEnded, PasswordReset
from services import jobs
from services.audit import entries as audit
from services.identity.addresses.sealed_addresses import (
    has_email,
    have_same_email,
    lookup_of,
    seal_email,
)
from services.identity.factors.recent_changes import remove_recent
from services.identity.passwords.new_passwords import set_password
from services.viewer import Viewer


async def request_reset(session: AsyncSession, sealer: Sealer, email: str) -> None:
    """Store a request and have its mail sent.

    Does not ask whether the address has an account: neither the answer nor its time may depend on
    it. The job that sends the mail asks.
    """
    reset = PasswordReset()
    seal_email(sealer, reset, email)
    session.add(reset)
    await jobs.defer(session, "send_password_reset", reset_id=reset.id)


async def issue_link(session: AsyncSession, reset: PasswordReset) -> tuple[str, User] | None:
    """Return the token of a request's link and its account, or None without an account.

    The token is stored as a hash, so no job contains it. Earlier links of the account end.
    """
    rows = select(User).where(has_email(User, lookup_of(reset)))
    user = (await session.exec(for_change(rows))).first()
    if user is None:
        return None
    await session.exec(
        delete(PasswordReset).where(
            col(PasswordReset.user_id) == user.id, col(PasswordReset.id) != reset.id
        )
    )
    token = secrets.token_urlsafe(32)
    reset.user_id, reset.epoch, reset.token_hash = user.id, user.epoch, hash_secret(token)
    return token, user


async def find_reset(session: AsyncSession, token: str) -> tuple[PasswordReset, User] | None:
    """Return the open reset with this token and its account, or None if the link has ended."""
    return (await session.exec(_open_resets(token))).first()


async def access_reset(session: AsyncSession, token: str) -> User:
    """Return the account of a reset. Raises `LinkEnded`."""
    found = await find_reset(session, token)
    if found is None:
        raise LinkEnded
    return found[1]


async def reset_password(session: AsyncSession, token: str, hashed: str) -> User:
    """Use a reset up and set the password. Raises `LinkEnded`.

    The factors and the number of the last 48 hours are removed: a thief may have added them.
    The user is locked before the reset is read again: another reset, a change of the password or of
    the address may have been faster.
    """
    owner = await access_reset(session, token)
    await session.exec(for_change(select(User).where(User.id == owner.id)))
    found = await find_reset(session, token)
    if found is None:
        raise LinkEnded
    reset, user = found
    await session.exec(
        update(PasswordReset).where(col(PasswordReset.id) == reset.id).values(used_at=now())
    )
    audit.append(session, Viewer(user.id), AuditAct.RESET_PASSWORD, subject_id=user.id)
    await set_password(session, user, hashed)
    await remove_recent(session, user, now())
    return user


def _open_resets(token: str) -> Select[PasswordReset, User]:
    return (
        select(PasswordReset, User)
        .join(User, col(User.id) == col(PasswordReset.user_id))
        .where(
            PasswordReset.token_hash == hash_secret(token),
            col(PasswordReset.used_at).is_(None),
            col(PasswordReset.expires_at) > now(),
            PasswordReset.epoch == User.epoch,
            have_same_email(PasswordReset, User),
        )
    )
