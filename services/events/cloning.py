"""Copies of events: a draft with the texts, policies, types and pictures of another one."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from models.events.drafts import EventDraft
from models.events.events import Event
from models.events.questions import EventQuestion
from models.events.ticket_types import PriceTier, TicketType, TicketTypeState
from models.members import Permission
from models.pictures import EventPicture
from models.quotas import DailyAct
from services import idempotency
from services.events.access import access_managed_event
from services.events.events import add_event
from services.events.listing import refresh
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor
from services.viewer import Viewer

SALE_TIMES = {"sale_starts_at", "sale_ends_at"}


async def clone_event(
    session: AsyncSession, viewer: Viewer, *, event_id: UUID, idempotency_key: str
) -> Event:
    """Copy an event as a draft without dates, once per idempotency key.

    Ticket types that are not sold any more, codes, and prices that end with a quota stay behind:
    quotas are those of dates. So do sale times that are over. Raises `EventLimitReached` and
    `DailyLimitReached`.
    """
    claimed = await idempotency.claim(
        session, viewer, "cloneEvent", idempotency_key, event_id=event_id
    )
    if claimed.replayed:
        return await access_managed_event(session, viewer, claimed.replayed)
    source = await _access_source(session, viewer, event_id)
    vendor = await access_vendor(
        session, viewer, source.vendor_id, Permission.EDIT_EVENTS, change=True
    )
    values = source.model_dump(include=set(EventDraft.model_fields))
    clone = await add_event(session, vendor, values, source.category_id)
    await _copy_types(session, source, clone)
    await _copy_pictures(session, source, clone)
    await refresh(session, clone)
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_EVENT)
    await idempotency.record_result(session, claimed, clone.id)
    return clone


async def _access_source(session: AsyncSession, viewer: Viewer, event_id: UUID) -> Event:
    """Return the event, of any state. The vendor is locked before it."""
    viewer.require_user()
    rows = select(Event.vendor_id).where(Event.id == event_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is not None:
        await access_vendor(session, viewer, vendor_id, Permission.EDIT_EVENTS, change=True)
    return await access_managed_event(session, viewer, event_id)


async def _copy_pictures(session: AsyncSession, source: Event, clone: Event) -> None:
    """Show the pictures of an event that is locked, so that none is released meanwhile."""
    rows = select(EventPicture).where(EventPicture.event_id == source.id)
    for picture in await session.exec(rows):
        values = picture.model_dump(include={"upload_id", "position", "alt"})
        session.add(EventPicture(event_id=clone.id, **values))


async def _copy_types(session: AsyncSession, source: Event, clone: Event) -> None:
    rows = select(TicketType).where(
        TicketType.event_id == source.id, TicketType.state == TicketTypeState.ACTIVE
    )
    types = (await session.exec(rows.order_by(col(TicketType.position)))).all()
    ids = {one.id: new_id() for one in types}
    own: dict[str, Any] = {"event_id": clone.id, "created_at": now()}
    for one in types:
        over = SALE_TIMES if one.sale_ends_at and one.sale_ends_at <= own["created_at"] else set()
        values = one.model_dump(exclude={"id", "companion_of_id", *over, *own})
        main_id = one.companion_of_id and ids.get(one.companion_of_id)
        session.add(TicketType(id=ids[one.id], companion_of_id=main_id, **values, **own))
    tiers = select(PriceTier).where(
        col(PriceTier.ticket_type_id).in_(ids),
        col(PriceTier.quota_id).is_(None),
        col(PriceTier.until) > now(),
    )
    for tier in await session.exec(tiers):
        values = tier.model_dump(exclude={"id", "created_at", "ticket_type_id"})
        session.add(PriceTier(ticket_type_id=ids[tier.ticket_type_id], **values))
    questions = select(EventQuestion).where(
        EventQuestion.event_id == source.id, col(EventQuestion.active)
    )
    for question in await session.exec(questions):
        values = question.model_dump(exclude={"id", "ticket_type_id", *own})
        of_type = question.ticket_type_id and ids.get(question.ticket_type_id)
        if of_type or question.ticket_type_id is None:
            session.add(EventQuestion(ticket_type_id=of_type, **values, **own))
