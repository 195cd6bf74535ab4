"""The seats of a date by their state."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.seats.seat_maps import PlaceState, SeatPlace


@dataclass(frozen=True)
class SeatFigures:
    """The seats that there are on a date, without those that were removed from it."""

    free: int
    held: int
    sold: int
    blocked: int


async def count_seats(session: AsyncSession, event_date_id: UUID) -> SeatFigures | None:
    """Return the seats of a date by their state, None for a date without seats."""
    rows = (
        select(col(SeatPlace.state), func.count())
        .where(SeatPlace.event_date_id == event_date_id)
        .group_by(col(SeatPlace.state))
    )
    found = dict((await session.exec(rows)).all())
    if not found:
        return None
    return SeatFigures(
        free=found.get(PlaceState.FREE, 0),
        held=found.get(PlaceState.HELD, 0),
        sold=found.get(PlaceState.SOLD, 0),
        blocked=found.get(PlaceState.BLOCKED, 0),
    )
