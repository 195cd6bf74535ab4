"""Two gates scan one ticket concurrently: one admits it."""

from collections.abc import Collection, Sequence
from itertools import cycle

import asyncpg
import pytest
from sqlmodel import col, select

from core.database import Database
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from models.events.check_in.lists import CheckInList
from models.events.tickets import Ticket
from services.events.check_in import checking
from services.events.check_in import tickets as check_in_tickets
from services.events.check_in.presenting import Presented
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once
from tests.races.meeting import Meeting
from tests.resolvers.events.door import Door

GATES, TICKETS = 4, 10


async def scan_at_all_gates(
    world: World, clients: list[Client], *, gates: int = GATES, tickets: int = TICKETS
) -> list[list[str]]:
    """Return the outcomes of each ticket, which all gates scan at once."""
    door = await Door.open(world)
    keys = [(await door.scanner())[1] for _ in range(gates)]
    shown = [await door.ticket() for _ in range(tickets)]
    scans = await at_once(
        door.check_in(client.signed_in(door.member), key, ticket)
        for (ticket, key), client in zip(
            ((ticket, key) for ticket in shown for key in keys), cycle(clients), strict=False
        )
    )
    outcomes = [scan["scanOutcome"] for scan in scans]
    return [sorted(outcomes[at : at + gates]) for at in range(0, len(outcomes), gates)]


async def test_one_gate_admits_a_ticket(
    world: World, clients: list[Client], database: Database
) -> None:
    outcomes = await scan_at_all_gates(world, clients)
    assert outcomes == [["ADMITTED"] + ["DUPLICATE"] * (GATES - 1)] * TICKETS
    await check_invariants(database)


READ = Statement(select(*columns_of(Ticket)).where(any_of(col(Ticket.id))), Ticket)


async def test_both_gates_admit_a_ticket_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """Gates that read the attendance together each find that it has not entered."""
    meeting = Meeting()
    find = check_in_tickets.find_attendance

    async def read(
        connection: asyncpg.Connection, door: CheckInList, presented: Collection[Presented]
    ) -> Sequence[Ticket]:
        return await READ.fetch(connection, **{KEYS: [one.ticket_id for one in presented]})

    async def meet(*given: object) -> object:
        found = await find(*given)  # type: ignore[arg-type]
        await meeting.arrive()
        return found

    monkeypatch.setattr(checking, "lock_tickets", read)
    monkeypatch.setattr(checking, "find_attendance", meet)
    assert await scan_at_all_gates(world, [api], gates=2, tickets=1) == [["ADMITTED"] * 2]
    with pytest.raises(AssertionError, match="admitted more often"):
        await check_invariants(database)
