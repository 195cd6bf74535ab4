"""A date with a chart of seats, and a type that is sold for all of them: the scene of seats."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from models.events.dates import EventDate
from models.events.events import Event
from models.events.seats.charts import ChartRow, PriceCategory, Seat
from models.events.seats.seat_maps import PlaceState, SeatPlace, SeatRow
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket
from models.events.venues import Venue
from models.identity.accounts import User
from models.vendors import Vendor
from services.events.seats.places import resize_dates, sell_places
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.events.inputs import hold_input


class Hall:
    """Rows A, B … of so many seats each, in one price category."""

    world: World
    vendor: Vendor
    venue: Venue
    event: Event
    date: EventDate
    kind: TicketType
    category: PriceCategory
    user: User
    rows: Sequence[Sequence[Seat]]

    @classmethod
    async def open(
        cls,
        world: World,
        rows: int = 2,
        seats: int = 10,
        vendor: Vendor | None = None,
        **values: Any,
    ) -> "Hall":
        self = cls()
        self.world, self.user = world, await world.user()
        self.vendor = vendor or await world.vendor()
        self.venue = await world.venue(self.vendor)
        chart = await world.chart(self.venue, rows=rows, seats=seats)
        self.event = await world.event(self.vendor, **values)
        async with world.database.session() as session:
            categories = select(PriceCategory).where(PriceCategory.chart_id == chart.id)
            self.category = (await session.exec(categories)).one()
        self.date = await world.event_date(self.event, self.venue, chart_id=chart.id)
        self.kind = await world.ticket_type(self.event, category_ids=[self.category.id])
        async with world.database.session() as session:
            of_chart = select(ChartRow).where(ChartRow.category_id == self.category.id)
            found = (await session.exec(of_chart.order_by(col(ChartRow.rank)))).all()
            of_rows = []
            for row in found:
                places = select(Seat).where(Seat.row_id == row.id).order_by(col(Seat.pos))
                of_rows.append((await session.exec(places)).all())
        self.rows = of_rows
        return self

    def ids(self, row: int, *positions: int) -> list[str]:
        return [gid(self.rows[row][pos], "Seat") for pos in positions]

    def input(self, quantity: int, **changes: Any) -> dict[str, Any]:
        return hold_input(self.date, (self.kind, quantity), **changes)

    def choosing(self, row: int, *positions: int, **changes: Any) -> dict[str, Any]:
        return self.input(len(positions), seatIds=self.ids(row, *positions), **changes)

    async def take(self, client: Client, row: int, *positions: int) -> dict[str, Any]:
        payload = await client.do("holdTickets", self.choosing(row, *positions), SEATS)
        assert payload["errors"] == []
        hold: dict[str, Any] = payload["hold"]
        return hold

    async def block(self, row: int, *positions: int) -> None:
        """Block seats, whose runs are counted again."""
        ids = [self.rows[row][pos].id for pos in positions]
        async with self.world.database.session() as session, session.begin():
            rows = select(SeatPlace).where(col(SeatPlace.seat_id).in_(ids))
            for place in (await session.exec(rows)).all():
                place.state = PlaceState.BLOCKED
            await session.flush()
            await resize_dates(session, [self.date.id])

    async def sold_seat(self, row: int, position: int) -> Ticket:
        """Return a ticket that has a seat."""
        seat_id = self.rows[row][position].id
        ticket = await self.world.ticket(self.user, self.date, self.kind, seat_id=seat_id)
        async with self.world.database.session() as session, session.begin():
            await sell_places(session, self.date.id, {seat_id: ticket.id})
        await self.resize()
        return ticket

    async def resize(self) -> None:
        async with self.world.database.session() as session, session.begin():
            await resize_dates(session, [self.date.id])

    async def sizes(self) -> list[int]:
        async with self.world.database.session() as session:
            rows = select(SeatRow.sizes).order_by(col(SeatRow.rank))
            return list((await session.exec(rows)).all())

    async def states(self, row: int) -> str:
        """Return the states of a row's seats by their first letters."""
        ids = [seat.id for seat in self.rows[row]]
        async with self.world.database.session() as session:
            rows = select(SeatPlace).where(col(SeatPlace.seat_id).in_(ids))
            places = (await session.exec(rows.order_by(col(SeatPlace.pos)))).all()
        return "".join(place.state[0] for place in places)


SEATS = """hold { id state expiresAt hardUntil total { decimal } holdLines { quantity seat {
  seatId number row { label section { name } } } } }"""


def shown(hold: dict[str, Any]) -> list[str]:
    """Return the seats of a hold as `A1`."""
    seats = [line["seat"] for line in hold["holdLines"] if line["seat"]]
    return [seat["row"]["label"] + seat["number"] for seat in seats]
