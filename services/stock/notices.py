"""Notices about stock: to users who wait for a variant, and to members if it is low."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.catalog.products import Product
from models.catalog.variants import Variant
from models.members import Permission
from models.notifications.inbox import Notification, NotificationKind
from models.stock.alerts import StockAlert
from models.stock.levels import Stock
from services.catalog.access import live_products
from services.notifications import inbox
from services.stock.alerts import variants_in_stock
from services.vendors.member_notices import notify_members

BATCH_SIZE = 100


async def notify_of_stock(session: AsyncSession, variant_id: UUID) -> bool:
    """Notify a batch of the users who wait for a variant, and end their alerts.

    Returns whether there may be more. If it was sold out or hidden in the meantime, they go on
    waiting.
    """
    if not await is_offered(session, variant_id):
        return False
    rows = (
        select(StockAlert)
        .where(StockAlert.variant_id == variant_id)
        .order_by(col(StockAlert.user_id))
        .limit(BATCH_SIZE)
    )
    alerts = (await session.exec(for_change(rows))).all()
    numbers = await _count_notices(session, variant_id, [one.user_id for one in alerts])
    for alert in alerts:
        await inbox.notify(
            session,
            alert.user_id,
            NotificationKind.BACK_IN_STOCK,
            variant_id,
            up_to_sequence=numbers.get(alert.user_id, 0) + 1,
        )
        await session.delete(alert)
    return len(alerts) == BATCH_SIZE


async def is_offered(session: AsyncSession, variant_id: UUID) -> bool:
    """Return whether everyone can see a variant, and it is in stock."""
    live = live_products().where(Product.id == Variant.product_id).exists()
    rows = variants_in_stock().where(Variant.id == variant_id, live)
    return (await session.exec(rows)).first() is not None


async def _count_notices(
    session: AsyncSession, variant_id: UUID, user_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """Return the number of the last notice about the variant to each user who had one."""
    rows = (
        select(Notification.user_id, func.max(Notification.up_to_sequence))
        .where(
            Notification.kind == NotificationKind.BACK_IN_STOCK,
            Notification.subject_id == variant_id,
            col(Notification.user_id).in_(user_ids),
        )
        .group_by(col(Notification.user_id))
    )
    return dict((await session.exec(rows)).all())


async def notify_of_low_stock(session: AsyncSession, stock_id: UUID, number: int) -> None:
    """Notify the members who change stock that it is low for the `number`th time.

    Nothing is done if it is not low any more.
    """
    stock = (await session.exec(select(Stock).where(Stock.id == stock_id))).first()
    if stock is None or not stock.is_low or stock.low_number != number:
        return
    variant = await session.get_one(Variant, stock.variant_id)
    if not (variant.active and variant.tracks_stock):
        return
    kind, permission = NotificationKind.LOW_STOCK, Permission.EDIT_STOCK
    await notify_members(session, variant.vendor_id, permission, kind, stock_id, number=number)
