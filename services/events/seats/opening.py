"""The seats of a date: made when it gets a chart."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.errors import InvalidInput
from models.events.dates import (
    MAX_EVENT_SEATS,
    MAX_VENDOR_SEATS,
    EventDate,
    SeatLimitReached,
    to_come,
)
from models.events.events import Event
from models.events.seats.charts import MAX_SEATS, Chart
from models.events.venues import Venue
from services import jobs
from services.events.seats.places import resize_dates

_IDS = bindparam("event_date_id", type_=Uuid()), bindparam("chart_id", type_=Uuid())
ROWS = Statement(
    text(
        """
        INSERT INTO seat_row (event_date_id, row_id, category_id, rank, centre, sizes)
        SELECT :event_date_id, one.id, one.category_id, one.rank, one.centre, 0
        FROM chart_row AS one JOIN chart_section ON chart_section.id = one.section_id
        WHERE chart_section.chart_id = :chart_id
        """
    ).bindparams(*_IDS)
)
PLACES = Statement(
    text(
        """
        INSERT INTO seat_place (event_date_id, seat_id, row_id, pos, accessible, state)
        SELECT :event_date_id, seat.id, seat.row_id, seat.pos, seat.accessible, 'FREE'
        FROM seat JOIN chart_row ON chart_row.id = seat.row_id
        JOIN chart_section ON chart_section.id = chart_row.section_id
        WHERE chart_section.chart_id = :chart_id
        """
    ).bindparams(*_IDS)
)


async def ensure_room_for_seats(
    session: AsyncSession, event: Event, chart_id: UUID, dates: int
) -> None:
    """Raise `SeatLimitReached` if new dates would give the event or its vendor too many seats.

    Each seat of a date is a row. All venues of the vendor are locked, so that two requests at once
    cannot exceed the limit together.
    """
    venues = select(Venue.id).where(Venue.vendor_id == event.vendor_id).order_by(col(Venue.id))
    await session.exec(for_change(venues))
    of_event = func.sum(Chart.seats).filter(col(EventDate.event_id) == event.id)
    rows = (
        select(func.coalesce(of_event, 0), func.coalesce(func.sum(Chart.seats), 0))
        .join(EventDate, col(EventDate.chart_id) == col(Chart.id))
        .where(EventDate.vendor_id == event.vendor_id, to_come())
    )
    event_seats, vendor_seats = (await session.exec(rows)).one()
    chart = await session.get(Chart, chart_id)
    more = chart.seats * dates if chart else 0
    if event_seats + more > MAX_EVENT_SEATS:
        raise SeatLimitReached(most=MAX_EVENT_SEATS)
    if vendor_seats + more > MAX_VENDOR_SEATS:
        raise SeatLimitReached(
            "The coming dates of a business can have at most {most} seats together. Add fewer"
            " dates.",
            most=MAX_VENDOR_SEATS,
        )


async def open_seats(session: AsyncSession, dates: Sequence[EventDate], chart_id: UUID) -> None:
    """Make all seats of a chart free on new dates. Raises `InvalidInput` for too many at once."""
    chart = await session.get_one(Chart, chart_id)
    if chart.seats * len(dates) > MAX_SEATS:
        raise InvalidInput("Add fewer dates at once: the chart has many seats.", field=["starts"])
    await session.flush()
    connection = await connection_of(session)
    for date in dates:
        await ROWS.execute(connection, event_date_id=date.id, chart_id=chart_id)
        await PLACES.execute(connection, event_date_id=date.id, chart_id=chart_id)
        await defer_release(session, date)
    await resize_dates(session, [date.id for date in dates])


async def defer_release(session: AsyncSession, date: EventDate) -> None:
    """Sell what is left of the accessible seats to anybody, some time before the start."""
    at = date.accessible_release_at
    await jobs.defer(session, "release_accessible_seats", at=at, event_date_id=date.id)
