"""Access to events and what belongs to them, for all and for the members of their vendors."""

from typing import Any
from uuid import UUID

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from models.errors import NotFound
from models.events.date_changes import DateChange
from models.events.dates import EventDate
from models.events.events import Event, EventState
from models.events.seats.charts import Chart, ChartState, PriceCategory
from models.events.ticket_types import TicketQuota, TicketType, TicketTypeState
from models.events.venues import Venue
from models.members import Permission
from models.vendors import Vendor, VendorStatus
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

# The states in which everybody sees an event: also what has ended or is cancelled, for holders of
# tickets and for old links.
SHOWN = (EventState.PUBLISHED, EventState.PAUSED, EventState.ENDED, EventState.CANCELLED)


def _approved() -> SelectOfScalar[UUID]:
    return select(Vendor.id).where(Vendor.status == VendorStatus.APPROVED)


def shown_events() -> SelectOfScalar[Event]:
    """Select events that were published by a vendor that is approved, also unlisted ones."""
    return select(Event).where(col(Event.state).in_(SHOWN), col(Event.vendor_id).in_(_approved()))


def _shown_ids() -> Any:
    return shown_events().with_only_columns(col(Event.id))


def visible_events(viewer: Viewer) -> SelectOfScalar[Event]:
    """Select events that were published, and all of the viewer's vendors. Admins see all."""
    shown = shown_events()
    if viewer.admin:
        return select(Event)
    if viewer.user_id is None or shown.whereclause is None:
        return shown
    own = works_at(viewer.staff, col(Event.vendor_id), Permission.SEE_EVENTS)
    return select(Event).where(or_(and_(shown.whereclause), own))


def visible_dates(viewer: Viewer) -> SelectOfScalar[EventDate]:
    """Select dates of the events that the viewer sees."""
    if viewer.admin:
        return select(EventDate)
    shown = col(EventDate.event_id).in_(_shown_ids())
    if viewer.user_id is None:
        return select(EventDate).where(shown)
    own = works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_EVENTS)
    return select(EventDate).where(or_(shown, own))


def managed_dates(viewer: Viewer) -> SelectOfScalar[EventDate]:
    """Select the dates of the viewer's vendors, with their figures. Admins see all."""
    if viewer.admin:
        return select(EventDate)
    viewer.require_user()
    return select(EventDate).where(
        works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_EVENTS)
    )


def visible_ticket_types(viewer: Viewer) -> SelectOfScalar[TicketType]:
    """Select ticket types of shown events that need no code, and all of the viewer's vendors.

    Holders reach the type of their ticket through the ticket.
    """
    if viewer.admin:
        return select(TicketType)
    shown = and_(
        col(TicketType.event_id).in_(_shown_ids()),
        TicketType.state == TicketTypeState.ACTIVE,
        ~col(TicketType.needs_code),
    )
    if viewer.user_id is None:
        return select(TicketType).where(shown)
    own = works_at(viewer.staff, col(TicketType.vendor_id), Permission.SEE_EVENTS)
    return select(TicketType).where(or_(shown, own))


def visible_quotas(viewer: Viewer) -> SelectOfScalar[TicketQuota]:
    """Select the quotas of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(TicketQuota)
    dates = select(EventDate.id).where(
        works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_EVENTS)
    )
    return select(TicketQuota).where(col(TicketQuota.event_date_id).in_(dates))


def visible_venues(viewer: Viewer) -> SelectOfScalar[Venue]:
    """Select the venues of approved vendors, and of the viewer's. Admins see all."""
    if viewer.admin:
        return select(Venue)
    approved = col(Venue.vendor_id).in_(_approved())
    if viewer.user_id is None:
        return select(Venue).where(approved)
    own = works_at(viewer.staff, col(Venue.vendor_id), Permission.SEE_EVENTS)
    return select(Venue).where(or_(approved, own))


def visible_charts(viewer: Viewer) -> SelectOfScalar[Chart]:
    """Select charts that were published, of approved vendors, and all of the viewer's vendors."""
    if viewer.admin:
        return select(Chart)
    shown = and_(Chart.state != ChartState.DRAFT, col(Chart.vendor_id).in_(_approved()))
    if viewer.user_id is None:
        return select(Chart).where(shown)
    own = works_at(viewer.staff, col(Chart.vendor_id), Permission.SEE_EVENTS)
    return select(Chart).where(or_(shown, own))


def visible_categories(viewer: Viewer) -> SelectOfScalar[PriceCategory]:
    """Select the price categories of the charts that the viewer sees."""
    charts: Any = visible_charts(viewer).with_only_columns(col(Chart.id))
    return select(PriceCategory).where(col(PriceCategory.chart_id).in_(charts))


def visible_date_changes(viewer: Viewer) -> SelectOfScalar[DateChange]:
    """Select changes of dates of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(DateChange)
    dates = select(EventDate.id).where(
        works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_EVENTS)
    )
    return select(DateChange).where(col(DateChange.event_date_id).in_(dates))


async def access_managed_event(
    session: AsyncSession,
    viewer: Viewer,
    event_id: UUID,
    permission: Permission = Permission.EDIT_EVENTS,
) -> Event:
    """Return an event at whose vendor the viewer has a permission, locked.

    The vendor is locked shared. Whatever changes an event, its dates, types or quotas locks the
    event first; holds rely on it.
    """
    rows = select(Event.vendor_id).where(Event.id == event_id)
    await _access_vendor_of(session, viewer, rows, permission)
    return await lock_event(session, event_id)


async def lock_event(session: AsyncSession, event_id: UUID) -> Event:
    rows = select(Event).where(Event.id == event_id)
    return (await session.exec(for_change(rows))).one()


async def access_managed_date(
    session: AsyncSession,
    viewer: Viewer,
    event_date_id: UUID,
    permission: Permission = Permission.EDIT_EVENTS,
) -> tuple[Event, EventDate]:
    """Return a date that the viewer manages, and its event. Both are locked."""
    viewer.require_user()
    rows = select(EventDate.event_id).where(EventDate.id == event_date_id)
    event_id = (await session.exec(rows)).first()
    if event_id is None:
        raise NotFound
    event = await access_managed_event(session, viewer, event_id, permission)
    dates = select(EventDate).where(EventDate.id == event_date_id)
    return event, (await session.exec(for_change(dates))).one()


async def access_managed_type(
    session: AsyncSession, viewer: Viewer, ticket_type_id: UUID
) -> tuple[Event, TicketType]:
    """Return a ticket type that the viewer manages, and its event. Both are locked."""
    viewer.require_user()
    rows = select(TicketType.event_id).where(TicketType.id == ticket_type_id)
    event_id = (await session.exec(rows)).first()
    if event_id is None:
        raise NotFound
    event = await access_managed_event(session, viewer, event_id)
    types = select(TicketType).where(TicketType.id == ticket_type_id)
    return event, (await session.exec(for_change(types))).one()


async def access_managed_quota(
    session: AsyncSession, viewer: Viewer, quota_id: UUID
) -> tuple[Event, EventDate, TicketQuota]:
    """Return a quota that the viewer manages, its date and its event. All are locked."""
    viewer.require_user()
    rows = select(TicketQuota.event_date_id).where(TicketQuota.id == quota_id)
    event_date_id = (await session.exec(rows)).first()
    if event_date_id is None:
        raise NotFound
    event, date = await access_managed_date(session, viewer, event_date_id)
    quotas = select(TicketQuota).where(TicketQuota.id == quota_id)
    return event, date, (await session.exec(for_change(quotas))).one()


async def access_managed_venue(session: AsyncSession, viewer: Viewer, venue_id: UUID) -> Venue:
    """Return a venue that the viewer manages, locked. The vendor is locked shared."""
    rows = select(Venue.vendor_id).where(Venue.id == venue_id)
    await _access_vendor_of(session, viewer, rows, Permission.EDIT_EVENTS)
    venues = select(Venue).where(Venue.id == venue_id)
    return (await session.exec(for_change(venues))).one()


async def _access_vendor_of(
    session: AsyncSession, viewer: Viewer, rows: SelectOfScalar[UUID], permission: Permission
) -> Vendor:
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    return await access_vendor(session, viewer, vendor_id, permission)
