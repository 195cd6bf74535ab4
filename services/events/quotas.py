"""Quotas of dates: how many tickets of which types are sold."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import InvalidInput, NotFound
from models.events.dates import EventDate
from models.events.drafts import QuotaDraft, QuotaPatch
from models.events.events import Event
from models.events.ticket_types import (
    MAX_QUOTAS,
    MAX_QUOTAS_OF_TYPE,
    QuotaLimitReached,
    TicketQuota,
    TicketType,
    TypeQuota,
)
from services import idempotency, jobs
from services.events.access import access_managed_date, access_managed_quota
from services.events.announcing import announce_event
from services.events.waitlist.first import settle_waitlist_first
from services.viewer import Viewer


async def create_quota(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_date_id: UUID,
    draft: QuotaDraft,
    idempotency_key: str,
) -> TicketQuota:
    """Add a quota to a date, once per idempotency key.

    Raises `QuotaLimitReached`, `QuotaNameTaken`, and `NotFound` for a type of another event.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createQuota",
        idempotency_key,
        event_date_id=event_date_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_quota(session, viewer, claimed.replayed))[2]
    event, date = await access_managed_date(session, viewer, event_date_id)
    event.ensure_editable()
    counted = select(func.count()).where(TicketQuota.event_date_id == event_date_id)
    if (await session.exec(counted)).one() >= MAX_QUOTAS:
        raise QuotaLimitReached(most=MAX_QUOTAS)
    quota = await add_quota(session, event, date, draft)
    await _serve_first(session, date.id)
    announce_event(session, event)
    await idempotency.record_result(session, claimed, quota.id)
    return quota


async def add_quota(
    session: AsyncSession, event: Event, date: EventDate, draft: QuotaDraft
) -> TicketQuota:
    """Add a quota to a date of an event that is locked."""
    quota = TicketQuota(event_date_id=date.id, name=draft.name, capacity=draft.capacity)
    session.add(quota)
    await link_types(session, event, quota.id, draft.ticket_type_ids)
    return quota


async def update_quota(
    session: AsyncSession, viewer: Viewer, *, quota_id: UUID, patch: QuotaPatch
) -> TicketQuota:
    """Change a quota. Its types are replaced: tickets count where they counted when they were held.

    Raises `QuotaBelowTaken`, and `NotFound` for a type of another event.
    """
    event, date, quota = await access_managed_quota(session, viewer, quota_id)
    event.ensure_editable()
    for name, value in patch.model_dump(exclude_unset=True, exclude={"ticket_type_ids"}).items():
        setattr(quota, name, value)
    if patch.ticket_type_ids is not None:
        await session.exec(delete(TypeQuota).where(col(TypeQuota.quota_id) == quota_id))
        await link_types(session, event, quota_id, patch.ticket_type_ids)
    await _serve_first(session, date.id)
    announce_event(session, event)
    return quota


async def _serve_first(session: AsyncSession, event_date_id: UUID) -> None:
    """Close what users wait for to the public sale before it has more room, and serve them."""
    await session.flush()
    await settle_waitlist_first(session, event_date_id)
    await jobs.defer(session, "serve_waitlist", event_date_id=event_date_id)


async def link_types(
    session: AsyncSession, event: Event, quota_id: UUID, type_ids: Collection[UUID]
) -> None:
    """Sell types out of a quota.

    Raises `NotFound` for one of another event, and `InvalidInput` for one that counts in as many
    quotas of the date as one can.
    """
    wanted = set(type_ids)
    rows = select(TicketType.id).where(
        TicketType.event_id == event.id, col(TicketType.id).in_(wanted)
    )
    if set((await session.exec(rows)).all()) != wanted:
        raise NotFound(field=["ticketTypeIds"])
    date_id = select(TicketQuota.event_date_id).where(TicketQuota.id == quota_id)
    full = (
        select(TypeQuota.ticket_type_id)
        .join(TicketQuota, col(TicketQuota.id) == col(TypeQuota.quota_id))
        .where(
            TicketQuota.event_date_id == date_id.scalar_subquery(),
            col(TypeQuota.ticket_type_id).in_(wanted),
        )
        .group_by(col(TypeQuota.ticket_type_id))
        .having(func.count() >= MAX_QUOTAS_OF_TYPE)
    )
    if (await session.exec(full.limit(1))).first() is not None:
        raise InvalidInput(
            "A ticket type counts in at most {most} quotas of a date. Choose fewer.",
            field=["ticketTypeIds"],
            most=MAX_QUOTAS_OF_TYPE,
        )
    session.add_all(TypeQuota(ticket_type_id=id, quota_id=quota_id) for id in sorted(wanted))
