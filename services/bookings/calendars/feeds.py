"""Calendar feeds: made, listed, found by their secrets, and revoked by their users."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from core.security.random_secrets import hash_secret
from models.audit import AuditAct
from models.bookings.feeds import (
    MAX_FEEDS,
    CalendarFeed,
    CalendarFeedLimitReached,
    FeedScope,
)
from models.bookings.setting_up.resources import Resource
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.members import Permission
from services.audit import entries as audit
from services.links import find_viewer
from services.vendors.access import access_vendor, find_member, may_do
from services.viewer import Viewer

PATH = "/calendar"
SECRET_BYTES = 24
MAX_SECRET_LENGTH = 64
READ_PRECISION = timedelta(hours=1)


def visible_calendar_feeds(viewer: Viewer) -> SelectOfScalar[CalendarFeed]:
    """Select the viewer's feeds. Admins see all, without their secrets."""
    if viewer.admin:
        return select(CalendarFeed)
    return select(CalendarFeed).where(CalendarFeed.user_id == viewer.user_id)


def list_calendar_feeds(viewer: Viewer, user_id: UUID) -> Listing[CalendarFeed]:
    """List a user's feeds that are not revoked, the newest first."""
    rows = visible_calendar_feeds(viewer).where(
        CalendarFeed.user_id == user_id, col(CalendarFeed.revoked_at).is_(None)
    )
    return Listing(rows, newest_first(CalendarFeed))


async def create_calendar_feed(
    session: AsyncSession,
    viewer: Viewer,
    *,
    scope: FeedScope,
    vendor_id: UUID | None = None,
    resource_id: UUID | None = None,
) -> tuple[CalendarFeed, str]:
    """Create a feed. Returns it with its secret, of which only a hash is stored.

    The user is locked, so that two requests at once cannot exceed the limit. Raises
    `CalendarFeedLimitReached`, `InvalidInput` and, without the right to see the bookings,
    `NotFound`.
    """
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    feed = CalendarFeed(user_id=user_id, scope=scope, secret_hash=b"")
    feed.vendor_id = await _find_vendor(session, viewer, scope, vendor_id, resource_id)
    feed.resource_id = resource_id
    counted = select(func.count()).where(
        CalendarFeed.user_id == user_id, col(CalendarFeed.revoked_at).is_(None)
    )
    if (await session.exec(counted)).one() >= MAX_FEEDS:
        raise CalendarFeedLimitReached(most=MAX_FEEDS)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed.secret_hash = hash_secret(secret)
    session.add(feed)
    audit.append(session, viewer, AuditAct.CREATE_CALENDAR_FEED, subject_id=feed.id)
    return feed, secret


async def _find_vendor(
    session: AsyncSession,
    viewer: Viewer,
    scope: FeedScope,
    vendor_id: UUID | None,
    resource_id: UUID | None,
) -> UUID | None:
    """Return the vendor whose bookings the viewer sees, None of a feed of their own."""
    wanted = {FeedScope.MINE: (False, False), FeedScope.VENDOR: (True, False)}
    given = vendor_id is not None, resource_id is not None
    if given != wanted.get(scope, (False, True)):
        raise InvalidInput("Choose a business or a staff member only for a feed of theirs.")
    if resource_id is not None:
        resource = await session.get(Resource, resource_id)
        if resource is None:
            raise NotFound
        vendor_id = resource.vendor_id
    if vendor_id is not None:
        await access_vendor(session, viewer, vendor_id, Permission.SEE_BOOKINGS)
    return vendor_id


async def revoke_calendar_feed(
    session: AsyncSession, viewer: Viewer, *, feed_id: UUID
) -> CalendarFeed:
    """End a feed of the viewer: its address answers as if it had never been. It can be repeated."""
    rows = select(CalendarFeed).where(
        CalendarFeed.id == feed_id, CalendarFeed.user_id == viewer.require_user()
    )
    feed = (await session.exec(for_change(rows))).first()
    if feed is None:
        raise NotFound
    if feed.revoked_at is None:
        feed.revoked_at = now()
        audit.append(session, viewer, AuditAct.REVOKE_CALENDAR_FEED, subject_id=feed.id)
    return feed


async def find_feed(session: AsyncSession, secret: str) -> CalendarFeed:
    """Return the feed of a secret.

    Raises `NotFound` alike for a wrong secret, for a feed that was revoked, for a user who is
    suspended or erased, and for one who does not see the bookings any more.
    """
    if not 0 < len(secret) <= MAX_SECRET_LENGTH:
        raise NotFound
    rows = select(CalendarFeed).where(
        CalendarFeed.secret_hash == hash_secret(secret), col(CalendarFeed.revoked_at).is_(None)
    )
    feed = (await session.exec(rows)).first()
    if feed is None:
        raise NotFound
    viewer = await find_viewer(session, feed.user_id)
    if feed.vendor_id is not None:
        member = await find_member(session, viewer, feed.vendor_id)
        if member is None or not may_do(Permission.SEE_BOOKINGS)(member):
            raise NotFound
    return feed


def is_read_noted(feed: CalendarFeed) -> bool:
    """Return whether the last reading is known to the hour, so that readings write seldom."""
    return feed.read_at is not None and now() - feed.read_at < READ_PRECISION


async def note_reading(session: AsyncSession, feed_id: UUID) -> None:
    rows = select(CalendarFeed).where(CalendarFeed.id == feed_id)
    feed = (await session.exec(for_change(rows, skip_locked=True))).first()
    if feed is not None:
        feed.read_at = now()
