"""Accessible seats that are left some time before the start: sold to anybody from then on."""

from uuid import UUID

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.events.dates import EventDate, EventDateState
from models.events.seat_maps import SeatPlace, SeatRow
from services.events.access import lock_event
from services.events.seats.places import resize_dates


async def release_accessible_seats(session: AsyncSession, event_date_id: UUID) -> None:
    """Let the accessible seats of a date count in the general runs, unless it was moved."""
    rows = select(EventDate.event_id).where(EventDate.id == event_date_id)
    event_id = (await session.exec(rows)).first()
    if event_id is None:
        return
    await lock_event(session, event_id)
    date = await session.get_one(EventDate, event_date_id, populate_existing=True)
    if date.state is EventDateState.POSTPONED or date.is_over(now()):
        return
    if (await session.exec(select(func.now()))).one() < date.accessible_release_at:
        return
    seat_rows = select(SeatRow).where(SeatRow.event_date_id == event_date_id)
    await session.exec(for_change(seat_rows.order_by(col(SeatRow.row_id))))
    accessible = col(SeatPlace.event_date_id) == event_date_id, col(SeatPlace.accessible)
    await session.exec(update(SeatPlace).where(*accessible).values(accessible=False))
    await resize_dates(session, [event_date_id])
