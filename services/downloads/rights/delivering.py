"""Digital lines of a confirmed order: delivered by themselves, without a parcel."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.downloads.assets import DigitalAsset, Watermark
from models.downloads.grants import DownloadGrant
from models.orders.orders import Order, SubOrder
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from services.downloads.rights.ready import notify_if_ready
from services.downloads.serving.copies import make_copy_later
from services.orders.access import lock_order
from services.orders.changes import publish_change
from services.orders.parts import find_lines, lock_parts
from services.orders.timeline import record_step


async def deliver_files(session: AsyncSession, order_id: UUID, return_days: int) -> None:
    """Count the digital units of an order as shipped, and have its copies marked.

    A part without anything else is delivered with that, and its time for returns begins. Of the
    others, the rest is shipped by the vendor. A second call changes nothing.
    """
    order = await lock_order(session, order_id)
    if order is None or order.confirmed_at is None:
        return
    parts = await lock_parts(session, order)
    touched = [
        part
        for part in parts
        if part.can_be_cancelled and await _deliver(session, order, part, return_days)
    ]
    await session.flush()
    for grant_id in await _find_unmarked(session, parts):
        await make_copy_later(session, grant_id)
    await notify_if_ready(session, order)
    if touched:
        publish_change(session, order, touched)


async def _deliver(session: AsyncSession, order: Order, part: SubOrder, return_days: int) -> bool:
    """Ship the digital lines of a part. Returns whether there were any."""
    lines = await find_lines(session, part.id)
    digital = [line for line in lines if line.is_digital and line.open_units]
    for line in digital:
        line.ship(line.open_units)
    if digital and not any(line.open_units for line in lines):
        part.become(SubOrderState.SHIPPED)
        platform = OrderActor.PLATFORM
        record_step(session, order, OrderStepKind.SHIPPED, platform, suborder=part)
        if all(line.is_digital for line in lines if line.shipped):
            part.deliver(return_days)
            record_step(session, order, OrderStepKind.DELIVERED, platform, suborder=part)
    return bool(digital)


async def _find_unmarked(session: AsyncSession, parts: Sequence[SubOrder]) -> list[UUID]:
    """Return the rights of parts to files that are to be marked."""
    rows = (
        select(DownloadGrant.id)
        .join(DigitalAsset, col(DigitalAsset.id) == DownloadGrant.asset_id)
        .where(
            col(DownloadGrant.suborder_id).in_([part.id for part in parts]),
            DigitalAsset.watermark != Watermark.NONE,
            col(DownloadGrant.copy_version).is_distinct_from(DigitalAsset.version),
            col(DownloadGrant.revoked_at).is_(None),
        )
        .order_by(col(DownloadGrant.id))
    )
    return list((await session.exec(rows)).all())
