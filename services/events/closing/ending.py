"""The end of transfers, resales, seats and the waitlist of a date that was cancelled."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.events.dates import EventDate
from models.events.seat_maps import PlaceState, SeatPlace
from models.events.tickets import (
    ResaleListing,
    ResaleState,
    Ticket,
    TicketTransfer,
    TransferState,
)
from models.events.waitlist import WaitlistEntry, WaitlistState


async def end_what_waits(session: AsyncSession, date: EventDate, tickets: Sequence[Ticket]) -> None:
    """Withdraw transfers and resales of tickets, and close their seats."""
    ids = [one.id for one in tickets]
    await session.flush()
    await _close_seats(session, date, ids)
    ended = now()
    transfers = update(TicketTransfer).where(
        col(TicketTransfer.ticket_id).in_(ids), col(TicketTransfer.state) == TransferState.PENDING
    )
    await session.exec(transfers.values(state=TransferState.WITHDRAWN, ended_at=ended))
    listings = update(ResaleListing).where(
        col(ResaleListing.ticket_id).in_(ids), col(ResaleListing.state) == ResaleState.LISTED
    )
    await session.exec(listings.values(state=ResaleState.WITHDRAWN, ended_at=ended))


async def close_waitlist(session: AsyncSession, date: EventDate) -> None:
    waiting = update(WaitlistEntry).where(
        col(WaitlistEntry.event_date_id) == date.id,
        col(WaitlistEntry.state).in_([WaitlistState.WAITING, WaitlistState.HOLDING]),
    )
    await session.exec(waiting.values(state=WaitlistState.LAPSED, ended_at=now()))


async def _close_seats(session: AsyncSession, date: EventDate, ticket_ids: Sequence[UUID]) -> None:
    """Take the seats off the date. Its runs of free seats stay as they are."""
    sold = update(SeatPlace).where(
        col(SeatPlace.event_date_id) == date.id, col(SeatPlace.ticket_id).in_(ticket_ids)
    )
    await session.exec(sold.values(state=PlaceState.KILLED, ticket_id=None))
