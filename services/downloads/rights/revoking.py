"""Rights to files that vendors and admins revoke, and give back, by hand."""

from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.downloads.assets import DigitalAsset
from models.downloads.grants import DownloadGrant
from models.orders.orders import Order, SubOrder
from services import idempotency, jobs
from services.audit import entries as audit
from services.downloads.access import access_sold_grant
from services.orders.changes import publish_change
from services.viewer import Viewer


async def revoke_download(
    session: AsyncSession, viewer: Viewer, *, grant_id: UUID, idempotency_key: str
) -> DownloadGrant:
    """Take a right back by hand, such as of a file that was passed on, once per idempotency key.

    For members of the vendor who change orders, and admins.
    """
    claimed = await idempotency.claim(
        session, viewer, "revokeDownload", idempotency_key, grant_id=grant_id
    )
    grant, part = await access_sold_grant(session, viewer, grant_id)
    if not claimed.replayed and grant.revoked_at is None:
        grant.revoked_at = now()
        grant.copy_version, grant.is_copied = None, False
        await jobs.defer(session, "tidy_copies", grant_id=grant.id)
        audit.append(session, viewer, AuditAct.REVOKE_DOWNLOAD, subject_id=grant.id)
        await _publish(session, part)
    await idempotency.record_result(session, claimed, grant.id)
    return grant


async def reset_downloads(
    session: AsyncSession, viewer: Viewer, *, grant_id: UUID, more: int, idempotency_key: str
) -> DownloadGrant:
    """Allow so many more downloads, once per idempotency key: also of a right that had ended.

    For members of the vendor who change orders, and admins.
    """
    claimed = await idempotency.claim(
        session, viewer, "resetDownloads", idempotency_key, grant_id=grant_id, more=more
    )
    grant, part = await access_sold_grant(session, viewer, grant_id)
    if not claimed.replayed:
        grant.give(more, await session.get_one(DigitalAsset, grant.asset_id))
        audit.append(session, viewer, AuditAct.RESET_DOWNLOADS, subject_id=grant.id)
        await _publish(session, part)
        await idempotency.record_result(session, claimed, grant.id)
    return grant


async def end_downloads(session: AsyncSession, user_id: UUID) -> None:
    """Revoke all rights of a user whose account is erased: links to them end, and so do copies.

    A job that marks a copy right now removes it. The rows are deleted by the erasure.
    """
    own = col(DownloadGrant.user_id) == user_id
    values = {"revoked_at": now(), "copy_version": None, "is_copied": False}
    rows = update(DownloadGrant).where(own, col(DownloadGrant.revoked_at).is_(None))
    await session.exec(rows.values(**values))


async def _publish(session: AsyncSession, part: SubOrder) -> None:
    order = (await session.exec(select(Order).where(Order.id == part.order_id))).one()
    publish_change(session, order, [part])
