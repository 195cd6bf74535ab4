"""Venues: managed by the members of a vendor."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.keyset import Listing, Ordering
from models.events.dates import EventDate, to_come
from models.events.venues import (
    MAX_VENUES,
    Venue,
    VenueDraft,
    VenueInUse,
    VenueLimitReached,
    VenuePatch,
)
from models.members import Permission
from services import idempotency, jobs
from services.events.access import access_managed_venue, visible_venues
from services.events.listing import refresh_listed
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

BATCH_SIZE = 100
BY_NAME = Ordering("name", Venue.name, Venue.id, str)


def list_venues(viewer: Viewer, vendor_id: UUID) -> Listing[Venue]:
    """List the venues of a vendor that are not archived, by their names."""
    rows = visible_venues(viewer).where(
        Venue.vendor_id == vendor_id, col(Venue.archived_at).is_(None)
    )
    return Listing(rows, BY_NAME)


async def create_venue(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    draft: VenueDraft,
    idempotency_key: str,
) -> Venue:
    """Create a venue in the vendor's country, once per idempotency key.

    The vendor is locked, so that two requests at once cannot exceed the limit.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createVenue",
        idempotency_key,
        vendor_id=vendor_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return await access_managed_venue(session, viewer, claimed.replayed)
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_EVENTS, change=True)
    counted = select(func.count()).where(
        Venue.vendor_id == vendor_id, col(Venue.archived_at).is_(None)
    )
    if (await session.exec(counted)).one() >= MAX_VENUES:
        raise VenueLimitReached(most=MAX_VENUES)
    venue = Venue(
        vendor_id=vendor_id,
        country=vendor.country,
        time_zone=draft.time_zone or vendor.time_zone,
        **draft.columns(vendor.country),
    )
    session.add(venue)
    await idempotency.record_result(session, claimed, venue.id)
    return venue


async def update_venue(
    session: AsyncSession, viewer: Viewer, *, venue_id: UUID, patch: VenuePatch
) -> Venue:
    """Change a venue. A job lists the events that will take place there at its new place."""
    venue = await access_managed_venue(session, viewer, venue_id)
    venue.ensure_usable()
    for name, value in patch.columns(venue.country).items():
        setattr(venue, name, value)
    await jobs.defer(session, "relist_events", venue_id=venue.id)
    return venue


async def relist_events(session: AsyncSession, venue_id: UUID, after: UUID) -> UUID | None:
    """Refresh a batch of the events that will take place at a venue, in the order of their ids.

    Returns the last event's id, or None after the last batch.
    """
    coming = select(EventDate.event_id).where(*_coming(venue_id), EventDate.event_id > after)
    ids = coming.distinct().order_by(col(EventDate.event_id)).limit(BATCH_SIZE)
    batch = (await session.exec(ids)).all()
    for event_id in batch:
        await refresh_listed(session, event_id)
    return batch[-1] if len(batch) == BATCH_SIZE else None


async def archive_venue(session: AsyncSession, viewer: Viewer, *, venue_id: UUID) -> Venue:
    """Archive a venue for good. Raises `VenueInUse` if events will take place there."""
    venue = await access_managed_venue(session, viewer, venue_id)
    if venue.archived_at is not None:
        return venue
    if (await session.exec(select(EventDate.id).where(*_coming(venue_id)).limit(1))).first():
        raise VenueInUse
    venue.archived_at = now()
    return venue


async def count_dates_to_come(
    session: AsyncSession, viewer: Viewer, venue_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    """Count the dates to come at venues of the viewer's vendors that are not archived."""
    if viewer.optional_user_id is None:
        return {}
    rows = select(Venue.id, func.count(col(EventDate.id))).outerjoin(
        EventDate, and_(col(EventDate.venue_id) == col(Venue.id), to_come())
    )
    if not viewer.admin:
        own = works_at(viewer.staff, col(Venue.vendor_id), Permission.SEE_EVENTS)
        rows = rows.where(own)
    rows = rows.where(col(Venue.id).in_(venue_ids), col(Venue.archived_at).is_(None))
    return dict((await session.exec(rows.group_by(col(Venue.id)))).all())


def _coming(venue_id: UUID) -> tuple[ColumnElement[bool] | bool, ...]:
    return EventDate.venue_id == venue_id, to_come()
