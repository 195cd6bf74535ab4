"""The reading of busy feeds: leased before a calendar is fetched, and stored after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.reading import BusyTime, joined
from core.clock import now
from core.database import for_change
from core.security.sealed import Sealer
from core.statements.statement import KEYS, any_of
from models.bookings.bookings import Booking
from models.bookings.classes import ClassMeeting
from models.bookings.feeds import (
    MAX_BUSY_TIMES,
    READING_TIME,
    BusyFeed,
    BusyFeedProblem,
)
from models.bookings.setting_up.resources import Resource
from services import jobs
from services.bookings.access import lock_resource
from services.bookings.busy_feeds.blocking import replace_blocks
from services.bookings.busy_feeds.managing import ADDRESS_COLUMN
from services.bookings.setting_up.covering import cover_blocks

MOST_AT_ONCE = 1_000  # of five minutes


@dataclass(frozen=True)
class LeasedFeed:
    """A feed that this process reads, until others may."""

    feed_id: UUID
    address: str
    etag: str | None
    time_zone: str


@dataclass(frozen=True)
class ReadCalendar:
    """The times of a calendar, or None if they are those of the last reading."""

    times: Sequence[BusyTime] | None
    etag: str | None


async def defer_due(session: AsyncSession) -> None:
    """Defer the reading of the feeds that are due for longest, up to 1,000."""
    rows = select(BusyFeed.id).where(
        col(BusyFeed.removed_at).is_(None), col(BusyFeed.next_at) <= now()
    )
    ordered = rows.order_by(col(BusyFeed.next_at)).limit(MOST_AT_ONCE)
    for id in (await session.exec(ordered)).all():
        await jobs.defer(session, "read_busy_feed", feed_id=id)


async def lease(session: AsyncSession, sealer: Sealer, feed_id: UUID) -> LeasedFeed | None:
    """Return what to read, and keep other workers from it for a while. None unless it is due."""
    rows = select(BusyFeed).where(
        BusyFeed.id == feed_id,
        col(BusyFeed.removed_at).is_(None),
        col(BusyFeed.next_at) <= now(),
    )
    feed = (await session.exec(for_change(rows))).first()
    if feed is None:
        return None
    feed.next_at = now() + READING_TIME
    resource = await session.get_one(Resource, feed.resource_id)
    address = sealer.open(ADDRESS_COLUMN, feed.id, feed.address).decode()
    return LeasedFeed(feed.id, address, feed.etag, resource.time_zone)


async def store(session: AsyncSession, feed_id: UUID, read: ReadCalendar) -> None:
    """Block the times of a calendar, unless the feed was removed in the meantime.

    Without new times, what became free of them since is blocked.
    """
    rows = select(BusyFeed).where(BusyFeed.id == feed_id)
    resource_id = (await session.exec(rows)).one().resource_id
    resource = await lock_resource(session, resource_id)
    feed = (await session.exec(for_change(rows))).one()
    if feed.removed_at is not None:
        return
    if read.times is None:
        feed.note_reading(now(), read.etag)
        await session.flush()
        await cover_blocks(session, resource)
        return
    times = joined(await _of_others(session, read.times))
    if len(times) > MAX_BUSY_TIMES:
        feed.note_failure(now(), BusyFeedProblem.TOO_COMPLEX)
        return
    feed.note_reading(now(), read.etag)
    await session.flush()
    await replace_blocks(session, resource, feed, times)


async def _of_others(session: AsyncSession, times: Sequence[BusyTime]) -> list[BusyTime]:
    """Leave out our own bookings, which the calendar may have by a feed of ours."""
    uids = {uid for one in times if (uid := _uuid(one.uid)) is not None}
    ours: set[UUID] = set()
    for id in (col(Booking.id), col(ClassMeeting.id)) if uids else ():
        rows = select(id).where(any_of(id))
        ours.update((await session.exec(rows, params={KEYS: list(uids)})).all())
    return [one for one in times if _uuid(one.uid) not in ours]


def _uuid(uid: str) -> UUID | None:
    try:
        return UUID(uid)
    except ValueError:
        return None


async def note_failure(session: AsyncSession, feed_id: UUID, problem: BusyFeedProblem) -> None:
    rows = select(BusyFeed).where(BusyFeed.id == feed_id)
    feed = (await session.exec(for_change(rows))).one()
    feed.note_failure(now(), problem)
