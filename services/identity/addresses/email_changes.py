"""Changes of the email address: asked for by the user, confirmed at the new address.

The reader of an address's mail can reset the password. So the old address gets a mail when a change
is asked for and when it applies, and can undo it: a thief cannot lock the owner out.
"""

from datetime import timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.errors import InvalidInput
from models.identity.accounts import EmailTaken, User
from models.identity.email_changes import UNDO_HOURS, EmailChange
from models.identity.password_resets import LinkEnded
from services import jobs
from services.audit import entries as audit
from services.identity.addresses.changed_addresses import (
    find_old_email,
    open_new_email,
    seal_new_email,
    seal_old_email,
)
from services.identity.addresses.reserved_addresses import is_reserved
from services.identity.addresses.sealed_addresses import (
    clear_email,
    find_email,
    lookup_of,
    seal_email,
)
from services.identity.factors.recent_changes import remove_recent
from services.identity.passwords.new_passwords import end_access
from services.identity.passwords.password_resets import request_reset
from services.identity.providers.provider_identities import unlink_all
from services.identity.security_notices import SecurityNotice, send_notice
from services.transaction import OpenTransaction
from services.viewer import Viewer


async def request_change(session: AsyncSession, sealer: Sealer, viewer: Viewer, email: str) -> None:
    """Store a new address and have its mail sent, and a notice to the old one.

    Whether another account has the address is answered once the caller has proved to read its
    mail. An earlier change that still waits is replaced.
    """
    rows = select(User).where(User.id == viewer.require_user())
    user = (await session.exec(for_change(rows))).one()
    own = find_email(sealer, user)
    if email == own:
        raise InvalidInput("This is the address of your account already.", field=["email"])
    await session.exec(
        delete(EmailChange).where(
            col(EmailChange.user_id) == user.id, col(EmailChange.used_at).is_(None)
        )
    )
    change = EmailChange(user_id=user.id, epoch=user.epoch)
    seal_old_email(sealer, change, own)
    seal_new_email(sealer, change, email)
    session.add(change)
    await jobs.defer(session, "send_email_change", change_id=change.id)
    await send_notice(session, user.id, SecurityNotice.EMAIL_CHANGE_REQUESTED)


async def find_change(session: AsyncSession, token: str) -> EmailChange | None:
    """Return the change that waits for this token."""
    rows = (
        select(EmailChange)
        .join(User, col(User.id) == col(EmailChange.user_id))
        .where(
            EmailChange.token_hash == hash_secret(token),
            col(EmailChange.used_at).is_(None),
            col(EmailChange.expires_at) > now(),
            EmailChange.epoch == User.epoch,
        )
    )
    return (await session.exec(rows)).first()


async def apply_change(session: AsyncSession, sealer: Sealer, token: str) -> User | None:
    """Give the account its new address. Returns None if no change waits for this token.

    Raises `EmailTaken`. The user is locked before the change is read again: a newer change or
    another password may have been faster. Whether another account can still take the address back
    is asked after the update, which waits for a change of that account that is being committed.
    """
    found = await find_change(session, token)
    if found is None:
        return None
    user = await _lock_user(session, found)
    change = await find_change(session, token)
    if change is None:
        return None
    seal_old_email(sealer, change, find_email(sealer, user))
    seal_email(sealer, user, open_new_email(sealer, change))
    change.used_at = user.credentials_changed_at = now()
    change.undo_until = now() + timedelta(hours=UNDO_HOURS)
    audit.append(session, Viewer(user.id), AuditAct.CHANGE_EMAIL, subject_id=user.id)
    if change.old_email is not None:
        await jobs.defer(session, "send_email_changed", change_id=change.id)
    await session.flush()  # another account may have the address: `EmailTaken`
    if await is_reserved(session, lookup_of(user), but_for=user.id):
        raise EmailTaken
    return user


async def apply_by_link(transaction: OpenTransaction, sealer: Sealer, token: str) -> User | None:
    """Do the same in a transaction of its own."""
    async with transaction() as session:
        return await apply_change(session, sealer, token)


async def find_undo(session: AsyncSession, token: str) -> EmailChange | None:
    """Return the change that this token undoes."""
    rows = select(EmailChange).where(
        EmailChange.undo_hash == hash_secret(token),
        col(EmailChange.undone_at).is_(None),
        col(EmailChange.undo_until) > now(),
    )
    return (await session.exec(rows)).first()


async def undo_change(session: AsyncSession, sealer: Sealer, token: str) -> None:
    """Give the account its old address back. Raises `LinkEnded`.

    Ends all sessions and API tokens, the password and the links to providers: a thief may have set
    them. So are the factors and the number of the 48 hours before the change and since. The owner
    gets a mail with a link for a new password. Changes after this one cannot be undone any more.
    """
    found = await find_undo(session, token)
    if found is None:
        raise LinkEnded
    user = await _lock_user(session, found)
    change = await find_undo(session, token)
    if change is None:
        raise LinkEnded
    change.undone_at = now()
    await session.exec(
        delete(EmailChange).where(
            col(EmailChange.user_id) == user.id, col(EmailChange.created_at) > change.created_at
        )
    )
    former, user.password_hash = find_old_email(sealer, change), None
    if former is None:
        clear_email(user)
    else:
        seal_email(sealer, user, former)
    user.credentials_changed_at = now()
    await end_access(session, user)
    await unlink_all(session, user.id)
    await remove_recent(session, user, change.created_at)
    audit.append(session, Viewer(user.id), AuditAct.UNDO_CHANGE, subject_id=user.id)
    if former is not None:
        await request_reset(session, sealer, former)
    await session.flush()


async def _lock_user(session: AsyncSession, change: EmailChange) -> User:
    return (await session.exec(for_change(select(User).where(User.id == change.user_id)))).one()
