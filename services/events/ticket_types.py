"""Ticket types with their price tiers: managed by the members of a vendor."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import InvalidInput, NotFound
from models.events.dates import EventDate
from models.events.drafts import TicketTypeDraft, TicketTypePatch, TicketTypeValues, TierDraft
from models.events.events import Event
from models.events.seats.charts import Chart, PriceCategory
from models.events.ticket_types import (
    MAX_TICKET_TYPES,
    PriceTier,
    TicketQuota,
    TicketType,
    TicketTypeLimitReached,
    TicketTypeState,
)
from models.validation import parse
from services import idempotency
from services.events.access import access_managed_event, access_managed_type
from services.events.announcing import announce_event
from services.events.listing import refresh
from services.viewer import Viewer


async def create_ticket_type(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_id: UUID,
    draft: TicketTypeDraft,
    idempotency_key: str,
) -> TicketType:
    """Add a ticket type to an event, once per idempotency key. Raises `TicketTypeLimitReached`."""
    claimed = await idempotency.claim(
        session,
        viewer,
        "createTicketType",
        idempotency_key,
        event_id=event_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_type(session, viewer, claimed.replayed))[1]
    event = await access_managed_event(session, viewer, event_id)
    event.ensure_editable()
    counted = select(func.count(), func.max(TicketType.position)).where(
        TicketType.event_id == event_id
    )
    number, last = (await session.exec(counted)).one()
    if number >= MAX_TICKET_TYPES:
        raise TicketTypeLimitReached(most=MAX_TICKET_TYPES)
    _ensure_currency(event, draft.currency, ["price", "currency"])
    ticket_type = TicketType(
        event_id=event.id,
        vendor_id=event.vendor_id,
        locale=event.locale,
        currency=event.currency,
        position=0 if last is None else last + 1,
        **draft.columns(),
    )
    session.add(ticket_type)
    await _ensure_categories(session, event, draft.category_ids)
    await _ensure_companion(session, event, ticket_type)
    await _set_tiers(session, event, ticket_type, draft.tiers)
    await _changed(session, event)
    await idempotency.record_result(session, claimed, ticket_type.id)
    return ticket_type


async def update_ticket_type(
    session: AsyncSession, viewer: Viewer, *, ticket_type_id: UUID, patch: TicketTypePatch
) -> TicketType:
    """Change a ticket type. Its tiers are replaced. Holds and tickets keep their prices."""
    event, ticket_type = await access_managed_type(session, viewer, ticket_type_id)
    event.ensure_editable()
    _ensure_currency(event, patch.currency, ["price", "currency"])
    current = ticket_type.model_dump(include=set(TicketTypeValues.model_fields))
    values = parse(TicketTypeValues, **{**current, **patch.values()})
    for name, value in values.model_dump().items():
        setattr(ticket_type, name, value)
    await _ensure_companion(session, event, ticket_type)
    if patch.category_ids:
        await _ensure_categories(session, event, patch.category_ids)
    if patch.tiers is not None or "tiers" in patch.reset:
        await _set_tiers(session, event, ticket_type, patch.tiers or [])
    await _changed(session, event)
    return ticket_type


async def retire_ticket_type(
    session: AsyncSession, viewer: Viewer, *, ticket_type_id: UUID
) -> TicketType:
    """Stop the sale of a ticket type. Its tickets stay valid."""
    return await _set_state(session, viewer, ticket_type_id, TicketTypeState.RETIRED)


async def restore_ticket_type(
    session: AsyncSession, viewer: Viewer, *, ticket_type_id: UUID
) -> TicketType:
    """Sell a ticket type again that was retired."""
    return await _set_state(session, viewer, ticket_type_id, TicketTypeState.ACTIVE)


async def _set_state(
    session: AsyncSession, viewer: Viewer, ticket_type_id: UUID, state: TicketTypeState
) -> TicketType:
    event, ticket_type = await access_managed_type(session, viewer, ticket_type_id)
    event.ensure_editable()
    if ticket_type.state is not state:
        ticket_type.state = state
        await _changed(session, event)
    return ticket_type


async def _changed(session: AsyncSession, event: Event) -> None:
    await refresh(session, event)
    announce_event(session, event)


def _ensure_currency(event: Event, currency: str | None, field: list[str]) -> None:
    if currency not in {None, event.currency}:
        raise InvalidInput(
            "The vendor's currency is {currency}. Use it for this amount.",
            currency=event.currency,
            field=field,
        )


async def _ensure_categories(
    session: AsyncSession, event: Event, category_ids: Sequence[UUID]
) -> None:
    """Raise `NotFound` for a price category of a chart of another vendor."""
    wanted = set(category_ids)
    rows = (
        select(PriceCategory.id)
        .join(Chart, col(Chart.id) == col(PriceCategory.chart_id))
        .where(col(PriceCategory.id).in_(wanted), Chart.vendor_id == event.vendor_id)
    )
    if wanted and set((await session.exec(rows)).all()) != wanted:
        raise NotFound(field=["categoryIds"])


async def _ensure_companion(session: AsyncSession, event: Event, ticket_type: TicketType) -> None:
    """Raise `NotFound` for a type to accompany that is another event's, or the type itself."""
    main_id = ticket_type.companion_of_id
    if main_id is None:
        return
    with session.no_autoflush:
        rows = select(TicketType.id).where(
            TicketType.id == main_id, TicketType.event_id == event.id
        )
        found = (await session.exec(rows)).first()
    if found is None or main_id == ticket_type.id:
        raise NotFound(field=["companionOfId"])


async def _set_tiers(
    session: AsyncSession, event: Event, ticket_type: TicketType, drafts: Sequence[TierDraft]
) -> None:
    """Replace the tiers of a type. Raises `NotFound` for a quota of another event."""
    for place, draft in enumerate(drafts):
        _ensure_currency(event, draft.currency, ["tiers", str(place), "price", "currency"])
    wanted = {draft.quota_id for draft in drafts if draft.quota_id is not None}
    rows = (
        select(TicketQuota.id)
        .join(EventDate, col(EventDate.id) == col(TicketQuota.event_date_id))
        .where(EventDate.event_id == event.id, col(TicketQuota.id).in_(wanted))
    )
    if wanted and set((await session.exec(rows)).all()) != wanted:
        raise NotFound(field=["tiers"])
    current = col(PriceTier.ticket_type_id) == ticket_type.id
    await session.exec(delete(PriceTier).where(current))
    for position, draft in enumerate(drafts):
        values = draft.model_dump() | {"position": position, "currency": event.currency}
        session.add(PriceTier(ticket_type_id=ticket_type.id, **values))
