"""The seats of a date: made when it gets a chart."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from core.statements.units import connection_of
from models.errors import InvalidInput
from models.events.charts import MAX_SEATS, Chart
from models.events.dates import EventDate
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
