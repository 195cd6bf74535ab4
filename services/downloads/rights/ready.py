"""News that the files of an order are ready: to the buyer, once."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.downloads.assets import DigitalAsset
from models.downloads.grants import DownloadGrant
from models.downloads.keys import LicenseKey
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order, SubOrder
from services.notifications import inbox
from services.orders.changes import publish_change
from services.orders.notices import to_buyer


async def announce_if_ready(session: AsyncSession, grant: DownloadGrant) -> None:
    """Publish that a file is ready, and notify the buyer when all of the order are."""
    await session.flush()
    rows = select(Order).join(SubOrder, col(SubOrder.order_id) == Order.id)
    order = (await session.exec(rows.where(SubOrder.id == grant.suborder_id))).one()
    await notify_if_ready(session, order)
    publish_change(session, order)


async def notify_if_ready(session: AsyncSession, order: Order) -> None:
    """Notify the buyer once that all files and keys of an order can be used."""
    parts = select(SubOrder.id).where(SubOrder.order_id == order.id)
    rows = (
        select(DownloadGrant, DigitalAsset)
        .join(DigitalAsset, col(DigitalAsset.id) == DownloadGrant.asset_id)
        .where(col(DownloadGrant.suborder_id).in_(parts), col(DownloadGrant.revoked_at).is_(None))
    )
    grants = (await session.exec(rows)).all()
    keys = select(LicenseKey.id).where(col(LicenseKey.suborder_id).in_(parts)).limit(1)
    if not all(grant.is_prepared(asset) for grant, asset in grants):
        return
    if not grants and (await session.exec(keys)).first() is None:
        return
    kind = NotificationKind.DOWNLOADS_READY
    known = select(Notification.id).where(
        Notification.user_id == order.user_id,
        Notification.kind == kind,
        Notification.subject_id == order.id,
    )
    if (await session.exec(known)).first() is None:
        await inbox.notify_all(session, await to_buyer(session, order, kind, order.id))
