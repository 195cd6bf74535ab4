"""Members who leave a vendor: their staff entry and their calendars."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.bookings.feeds import BusyFeed
from models.bookings.setting_up.resources import Resource, ResourceState
from services.bookings.busy_feeds.blocking import replace_blocks
from services.bookings.setting_up.entries import ResourceChanged, announce


async def stop_working(session: AsyncSession, vendor_id: UUID, user_id: UUID) -> None:
    """Take no new bookings for the staff entry of a member, and read their calendars no more.

    Bookings to come stay, for the vendor to move. A manager can restore the entry.
    """
    feeds = (
        select(BusyFeed)
        .join(Resource, col(Resource.id) == col(BusyFeed.resource_id))
        .where(
            Resource.vendor_id == vendor_id,
            BusyFeed.added_by_id == user_id,
            col(BusyFeed.removed_at).is_(None),
        )
    )
    added = (await session.exec(feeds)).all()
    wanted = {one.resource_id for one in added}
    rows = select(Resource).where(
        Resource.vendor_id == vendor_id,
        (col(Resource.member_id) == user_id) | col(Resource.id).in_(wanted),
    )
    locked = (await session.exec(for_change(rows.order_by(col(Resource.id))))).all()
    for resource in locked:
        if resource.member_id == user_id and resource.active:
            resource.state = ResourceState.RETIRED
            announce(session, vendor_id, ResourceChanged(resource.id))
    by_id = {one.id: one for one in locked}
    current = feeds.order_by(col(BusyFeed.id))
    for feed in (await session.exec(for_change(current, of=BusyFeed))).all():
        if feed.resource_id not in by_id:  # added meanwhile, with a right that ends now
            continue
        feed.removed_at = now()
        await session.flush()
        await replace_blocks(session, by_id[feed.resource_id], feed, [])
