"""The values that lists of events show and sort by, denormalized on the events."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.text.search_text import searchable
from models.events.dates import EventDate, EventDateState
from models.events.events import Event, EventState
from models.events.ticket_types import PriceTier, TicketType, TicketTypeKind, TicketTypeState
from models.events.venues import Venue
from models.vendors import Vendor
from services.events.access import lock_event

PLACE = ("country", "pin_code", "city", "latitude", "longitude")


async def refresh_listed(session: AsyncSession, event_id: UUID) -> Event:
    """Lock an event, and update what lists show of it."""
    event = await lock_event(session, event_id)
    await refresh(session, event)
    return event


async def refresh(session: AsyncSession, event: Event) -> None:
    """Update the next date, the lowest price, the place and the search text of a locked event."""
    await session.flush()
    vendor = await session.get_one(Vendor, event.vendor_id)
    coming = next_dates(event.id)
    date = (await session.exec(coming.limit(1))).first()
    venue = await session.get(Venue, date.venue_id) if date and date.venue_id else None
    event.next_date_at = date.starts_at if date else None
    event.min_price = await _find_lowest_price(session, event.id)
    for name in PLACE:
        setattr(event, name, getattr(venue or vendor, name))
    names = [venue.name, venue.city] if venue else [vendor.city]
    event.search_text = searchable(*event.title.values(), vendor.name, *names)


def next_dates(event_id: UUID) -> SelectOfScalar[EventDate]:
    """Select the dates of an event that are not over, the next one first."""
    return (
        select(EventDate)
        .where(
            EventDate.event_id == event_id,
            EventDate.state == EventDateState.SCHEDULED,
            col(EventDate.ends_at) > now(),
        )
        .order_by(col(EventDate.starts_at), col(EventDate.id))
    )


async def _find_lowest_price(session: AsyncSession, event_id: UUID) -> int | None:
    """Return the lowest price of the tickets that everybody can buy, with tiers still to come.

    Companion tickets are left out: they are not sold alone.
    """
    sold = (
        TicketType.event_id == event_id,
        TicketType.state == TicketTypeState.ACTIVE,
        TicketType.kind == TicketTypeKind.ADMISSION,
        ~col(TicketType.needs_code),
        col(TicketType.companion_of_id).is_(None),
    )
    own = (await session.exec(select(func.min(TicketType.price)).where(*sold))).one()
    tiers = (
        select(func.min(PriceTier.price))
        .join(TicketType, col(TicketType.id) == col(PriceTier.ticket_type_id))
        .where(*sold, func.coalesce(PriceTier.until, now()) >= now())
    )
    lowest = (await session.exec(tiers)).one()
    return own if lowest is None or own is None else min(own, lowest)


async def end_if_over(session: AsyncSession, event: Event) -> None:
    """End a locked event that was published and has no date to come any more."""
    await session.flush()
    if event.state not in {EventState.PUBLISHED, EventState.PAUSED}:
        return
    left = select(EventDate.id).where(
        EventDate.event_id == event.id,
        col(EventDate.state).in_([EventDateState.SCHEDULED, EventDateState.POSTPONED]),
    )
    if (await session.exec(left.limit(1))).first() is None:
        event.state = EventState.ENDED
