"""Busy feeds: added and removed by the members who block times of a resource."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.keyset import Listing, newest_first
from core.security.sealed import Sealer
from models.audit import AuditAct
from models.bookings.feeds import (
    MAX_BUSY_FEEDS,
    BusyFeed,
    BusyFeedDraft,
    BusyFeedLimitReached,
)
from models.bookings.setting_up.resources import Resource
from models.errors import NotFound
from services import idempotency, jobs
from services.audit import entries as audit
from services.bookings.access import access_blocked_resource, managed_resources
from services.bookings.busy_feeds.blocking import replace_blocks
from services.viewer import Viewer

ADDRESS_COLUMN = "busy_feed.address"


def visible_busy_feeds(viewer: Viewer) -> SelectOfScalar[BusyFeed]:
    """Select the feeds of the resources of the viewer's vendors. Admins see all."""
    resources = managed_resources(viewer).with_only_columns(col(Resource.id))
    return select(BusyFeed).where(col(BusyFeed.resource_id).in_(resources))


def list_busy_feeds(viewer: Viewer, resource_id: UUID) -> Listing[BusyFeed]:
    """List the feeds of a resource that are not removed, the newest first."""
    viewer.require_user()
    rows = visible_busy_feeds(viewer).where(
        BusyFeed.resource_id == resource_id, col(BusyFeed.removed_at).is_(None)
    )
    return Listing(rows, newest_first(BusyFeed))


async def add_busy_feed(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    draft: BusyFeedDraft,
    *,
    resource_id: UUID,
    idempotency_key: str,
) -> BusyFeed:
    """Add a feed, once per idempotency key. It is read at once, and then every half hour.

    Its address is a secret of its owner: it is sealed, and only its host is shown. The resource is
    locked, so that two requests at once cannot exceed the limit. Raises `BusyFeedLimitReached`.
    """
    hashed = sealer.hash(ADDRESS_COLUMN, draft.address).hex()
    claimed = await idempotency.claim(
        session,
        viewer,
        "addBusyFeed",
        idempotency_key,
        resource_id=resource_id,
        address=hashed,
    )
    if claimed.replayed:
        rows = visible_busy_feeds(viewer).where(BusyFeed.id == claimed.replayed)
        return (await session.exec(rows)).one()
    await access_blocked_resource(session, viewer, resource_id)
    counted = select(func.count()).where(
        BusyFeed.resource_id == resource_id, col(BusyFeed.removed_at).is_(None)
    )
    if (await session.exec(counted)).one() >= MAX_BUSY_FEEDS:
        raise BusyFeedLimitReached(most=MAX_BUSY_FEEDS)
    feed = BusyFeed(
        id=new_id(),
        resource_id=resource_id,
        added_by_id=viewer.require_user(),
        address=b"",
        host=draft.host,
        next_at=now(),
    )
    feed.address = sealer.seal(ADDRESS_COLUMN, feed.id, draft.address.encode())
    session.add(feed)
    audit.append(session, viewer, AuditAct.ADD_BUSY_FEED, subject_id=feed.id)
    await jobs.defer(session, "read_busy_feed", feed_id=feed.id)
    await idempotency.record_result(session, claimed, feed.id)
    return feed


async def remove_busy_feed(session: AsyncSession, viewer: Viewer, *, feed_id: UUID) -> BusyFeed:
    """Remove a feed, and free the times that it blocks. It can be repeated."""
    viewer.require_user()
    found = (await session.exec(visible_busy_feeds(viewer).where(BusyFeed.id == feed_id))).first()
    if found is None:
        raise NotFound
    resource = await access_blocked_resource(session, viewer, found.resource_id)
    rows = select(BusyFeed).where(BusyFeed.id == feed_id)
    feed = (await session.exec(for_change(rows))).one()
    if feed.removed_at is None:
        feed.removed_at = now()
        await session.flush()
        await replace_blocks(session, resource, feed, [])
        audit.append(session, viewer, AuditAct.REMOVE_BUSY_FEED, subject_id=feed.id)
    return feed
