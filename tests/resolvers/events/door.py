"""A date with tickets, a check-in list, and scanners with their keys: the scene of check-in."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import func, select

from core.clock import now
from core.ids import new_id
from core.security.random_secrets import hash_secret
from models.events.check_in.lists import CheckInGate, CheckInList
from models.events.check_in.scanners import Scanner
from models.events.dates import EventDate
from models.events.events import Event
from models.events.ticket_types import TicketType, TicketTypeKind
from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.base import NUMBERS
from tests.factories.vendors import new_member
from tests.factories.world import World

SCAN = """scan {
  id scanId scanOutcome reason shown anomaly scanMode direction scannedTicketType { id } attendee
  voidedAt gate { id } scanner { name }
}"""
SCANS = "scans { id scanId scanOutcome reason shown anomaly }"
SEQ = count(1)


class Door:
    """A list of a date, with a member who scans. `scanners` are their keys by name."""

    world: World
    vendor: Vendor
    event: Event
    date: EventDate
    kind: TicketType
    door: CheckInList
    member: User
    manager: User

    @classmethod
    async def open(cls, world: World, **values: Any) -> "Door":
        self = cls()
        self.world, self.vendor = world, await world.vendor()
        self.event = await world.event(self.vendor)
        self.date = await world.event_date(self.event)
        self.kind = await world.ticket_type(self.event)
        self.door = await world.check_in_list(self.date, **values)
        self.member = await new_member(world, self.vendor, MemberRole.SCANNER)
        self.manager = await new_member(world, self.vendor, MemberRole.MANAGER)
        return self

    async def scanner(self, **values: Any) -> tuple[Scanner, str]:
        """Return a scanner and its key."""
        key = f"scan_{next(NUMBERS)}"
        given = {"key_hash": hash_secret(key)} | values
        return await self.world.scanner(self.vendor, self.member, **given), key

    async def add_type(self, kind: TicketTypeKind) -> TicketType:
        return await self.world.ticket_type(self.event, kind=kind)

    async def ticket(self, kind: TicketType | None = None, **values: Any) -> Ticket:
        return await self.world.ticket(None, self.date, kind or self.kind, **values)

    async def gate(self, name: str = "North") -> CheckInGate:
        gate = CheckInGate(list_id=self.door.id, name=name)
        await self.world.save(gate)
        return gate

    async def cancel(self, ticket: Ticket, at: datetime) -> None:
        ticket.state, ticket.cancelled_at = TicketState.CANCELLED, at
        ticket.generation += 1
        await self.world.save(ticket)

    def token(self, ticket: Ticket, generation: int | None = None) -> str:
        shown = generation or ticket.generation
        return self.world.keys.sign_ticket(ticket.id, ticket.event_date_id, shown)

    def scan_input(self, key: str, ticket: Ticket | None = None, **changes: Any) -> dict[str, Any]:
        """Return the input of `checkIn`."""
        shown = {} if ticket is None else {"token": self.token(ticket)}
        given = {
            "listId": gid(self.door),
            "scannerKey": key,
            "scanId": str(new_id()),
            "seq": next(SEQ),
            "scannedAt": now().isoformat(),
        }
        return given | shown | changes

    async def check_in(
        self, client: Client, key: str, ticket: Ticket | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Return the scan of a check-in that is not refused."""
        payload = await client.do("checkIn", self.scan_input(key, ticket, **changes), SCAN)
        assert payload["errors"] == []
        scan: dict[str, Any] = payload["scan"]
        return scan

    def offline(
        self, ticket: Ticket, at: datetime, clock: timedelta = timedelta(), **changes: Any
    ) -> dict[str, Any]:
        """Return a GREEN scan at a time, by a clock that is ahead by so much."""
        given = {
            "scanId": str(new_id()),
            "seq": next(SEQ),
            "scannedAt": (at + clock).isoformat(),
            "shown": "GREEN",
            "token": self.token(ticket),
        }
        return given | changes

    def sync_input(
        self, key: str, scans: list[dict[str, Any]], clock: timedelta = timedelta()
    ) -> dict[str, Any]:
        sent = (now() + clock).isoformat()
        return {"listId": gid(self.door), "scannerKey": key, "clock": sent, "scans": scans}


async def stored(world: World, table: type[Any]) -> int:
    """Return how many rows a table has."""
    async with world.database.session() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()
