"""Accessible seats that are left some time before the start: sold to anybody from then on."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.events.dates import EventDate, EventDateState
from models.events.seats.seat_maps import SeatPlace, SeatRow
from services import jobs
from services.events.access import lock_event
from services.events.seats.places import resize_dates
from services.events.waitlist.rows import find_accessible_waited

AGAIN_HOURS = 1


async def release_accessible_seats(session: AsyncSession, event_date_id: UUID) -> None:
    """Let the accessible seats of a date count in the general runs, unless it was moved.

    Those of categories for which entries wait are kept for them, and looked at
    again each hour.
    """
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
    waited = await find_accessible_waited(session, event_date_id)
    released = select(SeatRow.row_id).where(
        SeatRow.event_date_id == event_date_id, col(SeatRow.category_id).not_in(waited)
    )
    places = update(SeatPlace).where(
        col(SeatPlace.event_date_id) == event_date_id,
        col(SeatPlace.row_id).in_(released),
        col(SeatPlace.accessible),
    )
    await session.exec(places.values(accessible=False))
    await resize_dates(session, [event_date_id])
    if waited:
        at = now() + timedelta(hours=AGAIN_HOURS)
        await jobs.defer(session, "release_accessible_seats", at=at, event_date_id=event_date_id)
