"""Deletions of accounts: asked for, cancelled within 14 days, and due after that."""

from uuid import UUID

from sqlmodel import bindparam, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.security.random_secrets import hash_secret
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.audit import AuditAct
from models.identity.admin_invitations import LastAdmin
from models.identity.password_resets import LinkEnded
from models.privacy import AccountDeletion
from models.vendors import LastOwner, MemberRole, Vendor, VendorMember, VendorStatus
from services import jobs
from services.admins.access import is_only_admin, lock_admins
from services.audit import entries as audit
from services.identity.security_notices import SecurityNotice, send_notice
from services.members.owners import has_other_owner
from services.viewer import Viewer

ONLY_OWNER = (
    "You are the only owner of {vendor}. Make another member an owner first, or ask us to close it."
)
OPEN = (VendorStatus.APPROVED, VendorStatus.SUSPENDED)
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

    Raises `LastAdmin` and `LastOwner`. The user is locked with all admins, then the vendors that
    they own: of two admins or owners who leave at once, the second one is refused.
    """
    user_id = viewer.require_user()
    await lock_admins(session, user_id)
    waiting = await find_deletion(session, user_id)
    if waiting is not None:
        return waiting
    if await is_only_admin(session, user_id):
        raise LastAdmin
    if (vendor := await find_only_owned(session, user_id)) is not None:
        raise LastOwner(ONLY_OWNER, vendor=vendor.name)
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


async def find_only_owned(session: AsyncSession, user_id: UUID) -> Vendor | None:
    """Return an open vendor of which the user is the only owner who stays. Locks their vendors."""
    owned = (
        select(Vendor)
        .join(VendorMember, col(VendorMember.vendor_id) == col(Vendor.id))
        .where(
            VendorMember.user_id == user_id,
            VendorMember.role == MemberRole.OWNER,
            col(Vendor.status).in_(OPEN),
        )
        .order_by(col(Vendor.id))
    )
    for vendor in (await session.exec(for_change(owned, of=Vendor))).all():
        if not await has_other_owner(session, vendor.id, user_id):
            return vendor
    return None
