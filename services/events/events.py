"""Events: created, changed, published, paused and archived by the members of a vendor."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.events.dates import EventDate, to_come
from models.events.drafts import EventDraft, EventPatch
from models.events.events import (
    MAX_EVENTS,
    Event,
    EventIncomplete,
    EventLimitReached,
    EventState,
)
from models.events.ticket_types import TicketQuota, TicketType, TicketTypeState, TypeQuota
from models.members import Permission
from models.pictures import PictureDraft
from models.quotas import DailyAct
from models.validation import parse
from models.vendors import Vendor
from services import idempotency
from services.categories.queries import ensure_category_can_be_chosen
from services.events.access import access_managed_event
from services.events.announcing import announce_event
from services.events.listing import PLACE, refresh
from services.events.slugs import change_slug, give_slug
from services.pictures.places import set_event_pictures
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def create_event(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    draft: EventDraft,
    category_id: UUID | None,
    pictures: Sequence[PictureDraft] = (),
    idempotency_key: str,
) -> Event:
    """Create a draft, once per idempotency key. The category defaults to the vendor's.

    The vendor is locked, so that two requests at once cannot exceed the limit. Raises
    `EventLimitReached` and `DailyLimitReached`, and as `set_event_pictures`.
    """
    given: dict[str, Any] = {"pictures": [one.model_dump() for one in pictures]} if pictures else {}
    claimed = await idempotency.claim(
        session,
        viewer,
        "createEvent",
        idempotency_key,
        vendor_id=vendor_id,
        draft=draft.model_dump(),
        category_id=category_id,
        **given,
    )
    if claimed.replayed:
        return await access_managed_event(session, viewer, claimed.replayed)
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_EVENTS, change=True)
    event = await add_event(session, vendor, draft.model_dump(), category_id)
    await set_event_pictures(session, viewer, event.id, pictures)
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_EVENT)
    await idempotency.record_result(session, claimed, event.id)
    return event


async def add_event(
    session: AsyncSession, vendor: Vendor, values: Mapping[str, Any], category_id: UUID | None
) -> Event:
    """Add a draft without dates to a vendor that is locked."""
    counted = select(func.count()).where(
        Event.vendor_id == vendor.id, Event.state != EventState.ARCHIVED
    )
    if (await session.exec(counted)).one() >= MAX_EVENTS:
        raise EventLimitReached(most=MAX_EVENTS)
    event = Event(
        vendor_id=vendor.id,
        category_id=await _choose_category(session, category_id or vendor.category_id),
        locale=vendor.locale,
        currency=vendor.currency,
        **values,
        **vendor.model_dump(include=set(PLACE)),
    )
    session.add(event)
    await give_slug(session, event)
    await refresh(session, event)
    announce_event(session, event)
    return event


async def update_event(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_id: UUID,
    patch: EventPatch,
    pictures: Sequence[PictureDraft] | None = None,
) -> Event:
    """Change the values set in the patch. The event is validated as a whole.

    Tickets keep the policies of their sale. Raises `EventSlugTaken` and `EventSlugLimitReached`,
    and as `set_event_pictures`.
    """
    event = await access_managed_event(session, viewer, event_id)
    event.ensure_editable()
    current = event.model_dump(include=set(EventDraft.model_fields))
    draft = parse(EventDraft, **current | patch.values())
    for name, value in draft.model_dump().items():
        setattr(event, name, value)
    if "category_id" in patch.model_fields_set:
        vendor = await session.get_one(Vendor, event.vendor_id)
        event.category_id = await _choose_category(
            session, patch.category_id or vendor.category_id, kept=event.category_id
        )
    if patch.slug is not None:
        await change_slug(session, event, patch.slug)
    if pictures is not None:
        await set_event_pictures(session, viewer, event.id, pictures)
    await refresh(session, event)
    announce_event(session, event)
    return event


async def publish_event(session: AsyncSession, viewer: Viewer, *, event_id: UUID) -> Event:
    """Publish an event. Raises `EventIncomplete` unless it sells tickets of a coming date."""
    event = await access_managed_event(session, viewer, event_id)
    vendor = await session.get_one(Vendor, event.vendor_id)
    vendor.ensure_approved()
    if event.state is EventState.PUBLISHED:
        return event
    event.state.ensure_can_become(EventState.PUBLISHED)
    await _ensure_complete(session, event)
    event.published_at = event.published_at or now()
    return await _change_state(session, event, EventState.PUBLISHED)


async def pause_event(session: AsyncSession, viewer: Viewer, *, event_id: UUID) -> Event:
    """Stop the sale until the event is published again. It stays visible, but is not listed."""
    event = await access_managed_event(session, viewer, event_id)
    return await _change_state(session, event, EventState.PAUSED)


async def archive_event(session: AsyncSession, viewer: Viewer, *, event_id: UUID) -> Event:
    """Archive a draft, or an event that has ended or is cancelled, for good."""
    event = await access_managed_event(session, viewer, event_id)
    return await _change_state(session, event, EventState.ARCHIVED)


async def _ensure_complete(session: AsyncSession, event: Event) -> None:
    """Raise `EventIncomplete` unless a ticket type is sold on a date to come."""
    in_quota = (
        select(TypeQuota.quota_id)
        .join(TicketQuota, col(TicketQuota.id) == col(TypeQuota.quota_id))
        .where(TypeQuota.ticket_type_id == TicketType.id, TicketQuota.event_date_id == EventDate.id)
        .exists()
    )
    of_seats = and_(
        col(EventDate.chart_id).is_not(None), func.cardinality(col(TicketType.category_ids)) > 0
    )
    sold = (
        select(EventDate.id)
        .join(TicketType, col(TicketType.event_id) == col(EventDate.event_id))
        .where(
            EventDate.event_id == event.id,
            to_come(),
            TicketType.state == TicketTypeState.ACTIVE,
            or_(in_quota, of_seats),
        )
    )
    if (await session.exec(sold.limit(1))).first() is None:
        raise EventIncomplete


async def _change_state(session: AsyncSession, event: Event, state: EventState) -> Event:
    if event.state is not state:
        event.state.ensure_can_become(state)
        event.state = state
        await refresh(session, event)
        announce_event(session, event)
    return event


async def _choose_category(
    session: AsyncSession, category_id: UUID, kept: UUID | None = None
) -> UUID:
    """Return the category, unless it is hidden. An event may keep the one that it has."""
    if category_id != kept:
        await ensure_category_can_be_chosen(session, category_id)
    return category_id
