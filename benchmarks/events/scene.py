"""The rows of the benchmark: an event with ticket types, and dates of it for each run."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, func, literal, text
from sqlmodel import col, select

from benchmarks.load import numbering
from benchmarks.load.rows import copy_rows, insert_rows, numbered_id
from core.clock import now
from core.security.random_secrets import hash_secret
from models.events.check_in.lists import CheckInList
from models.events.dates import EventDate
from models.events.events import Event
from models.events.seats.charts import PriceCategory
from models.events.selling.sale_queue import SaleQueue, SaleQueueState
from models.events.ticket_types import TicketQuota, TicketType, TypeQuota
from models.events.venues import Venue
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.factories.world import World

ROWS, SEATS_A_ROW = 400, 50
QUOTA = 1_000_000
SCANNERS = 64  # more than clients, because a scanner sends one request at a time
TICKET = 9  # a kind of id, after those of `numbering`
COUNT_FREE = text("SELECT count(*) FROM seat_place WHERE event_date_id = :id AND state = 'FREE'")
# Changes of the dates of an event that the pulse has not announced yet.
OLDEST_CHANGE = text(
    """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) FROM event_change
    """
)
COUNT_INSIDE = text("SELECT count(*) FROM ticket_presence WHERE list_id = :id AND inside")


def scanner_key(number: int) -> str:
    return f"scan_benchmark_{number}"


@dataclass(frozen=True)
class EventScene:
    """An event of which each run gets a date of its own, and a queue for its sale."""

    world: World
    vendor: Vendor
    venue: Venue
    event: Event
    standing: TicketType
    seated: TicketType
    chart_id: UUID
    member: User
    queue: SaleQueue

    @classmethod
    async def create(cls, world: World, users: int) -> "EventScene":
        """Insert users with sessions, a hall of 20,000 seats, and the vendor's scanners."""
        async with world.database.engine.begin() as connection:
            await insert_rows(connection, users)
        vendor, member = await world.vendor(), await world.user()
        await world.member(vendor, member, MemberRole.SCANNER)
        for number in range(SCANNERS):
            await world.scanner(vendor, member, key_hash=hash_secret(scanner_key(number)))
        venue = await world.venue(vendor)
        chart = await world.chart(venue, rows=ROWS, seats=SEATS_A_ROW)
        event = await world.event(vendor)
        async with world.database.session() as session:
            categories = select(PriceCategory.id).where(col(PriceCategory.chart_id) == chart.id)
            category_ids = list(await session.exec(categories))
        return cls(
            world=world,
            vendor=vendor,
            venue=venue,
            event=event,
            standing=await world.ticket_type(event),
            seated=await world.ticket_type(event, category_ids=category_ids),
            chart_id=chart.id,
            member=member,
            queue=await world.sale_queue(
                await world.event(vendor),
                state=SaleQueueState.OPEN,
                drawn_at=now(),
                last_number=users,
            ),
        )

    async def standing_date(self) -> tuple[EventDate, TicketQuota]:
        """Return a new date with one quota, out of which all its tickets are sold."""
        date = await self.world.event_date(self.event)
        quota = await self.world.quota(date, QUOTA)
        await self.world.save(TypeQuota(ticket_type_id=self.standing.id, quota_id=quota.id))
        return date, quota

    async def seated_date(self) -> EventDate:
        """Return a new date on which all seats are free."""
        return await self.world.event_date(self.event, self.venue, chart_id=self.chart_id)

    async def door(self, first: int, count: int) -> CheckInList:
        """Return a list of a new date with tickets of these numbers, which it admits once."""
        date, _ = await self.standing_date()
        pattern = await self.world.ticket(None, date, self.standing)

        def ticket(n: Any) -> dict[str, Any]:
            code = literal("T").concat(func.lpad(func.to_hex(n + first), 10, "0"))
            return {"id": numbered_id(TICKET, n + first), "code": code}

        async with self.world.database.engine.begin() as connection:
            await copy_rows(connection, "ticket", count, ticket, code=pattern.code)
            await connection.execute(text("ANALYZE ticket"))
        return await self.world.check_in_list(date)

    async def announcing_seconds(self) -> float:
        """Return for how long the oldest change has waited to be announced."""
        async with self.world.database.engine.connect() as connection:
            return float((await connection.execute(OLDEST_CHANGE)).scalar_one())

    async def count(self, statement: TextClause, id: UUID) -> int:
        async with self.world.database.engine.connect() as connection:
            return int((await connection.execute(statement, {"id": id})).scalar_one())


def ticket_id(number: int) -> UUID:
    return numbering.uuid_of(TICKET, number)
