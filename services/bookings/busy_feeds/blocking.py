"""The blocks of busy feeds: made, kept and removed as the times of the calendar are."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.reading import BusyTime
from models.bookings.claims import BlockSource, Claim, TimeBlock
from models.bookings.feeds import BusyFeed
from models.bookings.setting_up.resources import Resource
from services.bookings.setting_up.covering import cover_blocks
from services.bookings.setting_up.entries import TimeBlockChanged, announce
from services.bookings.waiting.freeing import serve_waits_at


async def replace_blocks(
    session: AsyncSession, resource: Resource, feed: BusyFeed, times: Sequence[BusyTime]
) -> None:
    """Make the blocks of a feed those of its times, and cover what is free of all blocks.

    The resource is locked. Bookings in the way keep their claims, and are shown by the block. Once
    they are gone, the next call blocks their times as well.
    """
    rows = select(TimeBlock).where(TimeBlock.feed_id == feed.id)
    known = {(one.starts_at, one.ends_at): one.id for one in (await session.exec(rows)).all()}
    wanted = {(one.starts_at, one.ends_at) for one in times}
    gone = [id for span, id in known.items() if span not in wanted]
    if gone:
        await session.exec(delete(Claim).where(col(Claim.block_id).in_(gone)))
        await session.exec(delete(TimeBlock).where(col(TimeBlock.id).in_(gone)))
    made = [
        TimeBlock(
            resource_id=resource.id,
            source=BlockSource.BUSY_FEED,
            feed_id=feed.id,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        for starts_at, ends_at in sorted(wanted - known.keys())
    ]
    if made:
        await session.execute(insert(TimeBlock), [one.model_dump() for one in made])
    await cover_blocks(session, resource)
    if gone:
        await serve_waits_at(session, resource.vendor_id)
    changed = [*gone, *(one.id for one in made)]
    if changed:
        announce(session, resource.vendor_id, TimeBlockChanged(changed[0], resource.id))
