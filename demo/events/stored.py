"""Does with stored events what their services do: figures of lists, seats of dates, and jobs."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.units import connection_of
from demo.dataset import Dataset
from demo.events.programme import DemoDate
from models.events.dates import EventDate, EventDateState
from models.events.events import Event
from models.events.tickets import TicketState
from services import jobs
from services.events.dates import defer_end
from services.events.listing import refresh
from services.events.pulse import COUNT
from services.events.seats.opening import open_seats
from services.events.seats.places import SELL, resize_dates


async def open_events(session: AsyncSession, dataset: Dataset) -> None:
    """Complete the events that are stored, in the transaction that has stored them."""
    connection = await connection_of(session)
    for programme in dataset.programmes:
        event = await session.get_one(Event, programme.row.id)
        await refresh(session, event)
        for day in programme.dates:
            date = await session.get_one(EventDate, day.row.id)
            await _open_seats(session, day, date)
            if date.state is EventDateState.SCHEDULED:
                await defer_end(session, date)
            await COUNT.execute(connection, event_date_id=date.id)
    await session.flush()


async def _open_seats(session: AsyncSession, day: DemoDate, date: EventDate) -> None:
    """Make the seats of a date, and sell those of its valid tickets."""
    if date.chart_id is None:
        return
    await open_seats(session, [date], date.chart_id)
    sold = {
        one.seat_id: one.id
        for one in day.tickets
        if one.seat_id is not None and one.state is TicketState.VALID
    }
    await SELL.execute(
        await connection_of(session),
        event_date_id=date.id,
        seat_ids=list(sold),
        ticket_ids=list(sold.values()),
    )
    await resize_dates(session, [date.id])


async def defer_deliveries(session: AsyncSession, dataset: Dataset) -> None:
    """Have ordered tickets and visits delivered when they are over, as after each payment."""
    for demo in dataset.orders:
        if any(line.is_on_site for line in demo.rows.lines):
            await jobs.defer(session, "deliver_on_site", order_id=demo.rows.order.id)
