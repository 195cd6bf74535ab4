"""Deletions of accounts: asked for, cancelled within 14 days, and due after that."""

from uuid import UUID

from sqlmodel import bindparam, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.random_secrets import hash_secret
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.audit import AuditAct
from models.identity.password_resets import LinkEnded
from models.privacy import AccountDeletion
from services import jobs
from services.admins.access import lock_admins
from services.audit import entries as audit
from services.identity.security_notices import SecurityNotice, send_notice
from services.privacy.hindrances import find_hindrance
from services.viewer import Viewer

CANCEL = Statement(
    delete(AccountDeletion)
    .where(
        col(AccountDeletion.user_id) == bindparam("user_id"),
        col(AccountDeletion.due_at) > current_time(),
    )
    .returning(col(AccountDeletion.user_id))
)


async def request_deletion(session: AsyncSession, viewer: Viewer) -> AccountDeletion:
    """Have the viewer's account deleted in 14 days, or return the deletion that waits already.

    Raises `LastAdmin`, `LastOwner`, `OrdersOpen` and `WalletNotEmpty`. The user is locked with
    all admins, then the vendors that they own: of two admins or owners who leave at once, the
    second one is refused.
    """
    user_id = viewer.require_user()
    await lock_admins(session, user_id)
    waiting = await find_deletion(session, user_id)
    if waiting is not None:
        return waiting
    if (hindrance := await find_hindrance(session, user_id)) is not None:
        raise hindrance
    deletion = AccountDeletion(user_id=user_id)
    session.add(deletion)
    audit.append(session, viewer, AuditAct.DELETE_ACCOUNT, subject_id=user_id)
    await jobs.defer(session, "send_account_deletion", deletion_id=deletion.id)
    await jobs.defer(session, "erase_account", at=deletion.due_at, user_id=user_id)
    return deletion


async def find_deletion(session: AsyncSession, user_id: UUID) -> AccountDeletion | None:
    rows = select(AccountDeletion).where(AccountDeletion.user_id == user_id)
    return (await session.exec(rows)).first()


async def find_by_token(session: AsyncSession, token: str) -> AccountDeletion | None:
    """Return the deletion that this token cancels, until its time is over."""
    rows = select(AccountDeletion).where(
        AccountDeletion.token_hash == hash_secret(token), col(AccountDeletion.due_at) > now()
    )
    return (await session.exec(rows)).first()


async def cancel_by_token(session: AsyncSession, token: str) -> None:
    """Keep the account. Raises `LinkEnded`."""
    found = await find_by_token(session, token)
    if found is None or not await cancel_deletion(session, Viewer(found.user_id)):
        raise LinkEnded


async def cancel_deletion(session: AsyncSession, viewer: Viewer) -> bool:
    """Keep the viewer's account. Returns whether it was to be deleted.

    Once it is due, it is too late: the erasure may have begun.
    """
    user_id = viewer.require_user()
    if await CANCEL.fetch_one(await connection_of(session), user_id=user_id) is None:
        return False
    audit.append(session, viewer, AuditAct.CANCEL_DELETION, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.DELETION_CANCELLED)
    return True
