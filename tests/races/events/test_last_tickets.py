"""Four hundred users hold the last fifty tickets of a quota concurrently."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import cycle
from uuid import UUID

import pytest
from sqlalchemy import Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from core.database import Database
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.ticket_types import TicketQuota
from services.events.holds import holding, lines
from services.events.holds.room import Room
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input

PEOPLE, LEFT = 400, 50


async def rush(
    world: World, clients: list[Client], people: int = PEOPLE
) -> tuple[Counter[str], TicketQuota]:
    """Return the tally of all answers and the quota afterwards. One ticket is sold before."""
    stall = await BoxOffice.open(world, capacity=LEFT + 1)
    await world.ticket(None, stall.date, stall.kind, stall.quota)
    answers = await at_once(
        client.signed_in(user).do("holdTickets", hold_input(stall.date, (stall.kind, 1)))
        for client, user in zip(cycle(clients), await crowd(world, people), strict=False)
    )
    return tally(answers), await world.fresh(stall.quota)


async def test_last_fifty_tickets_go_to_exactly_fifty(
    world: World, clients: list[Client], database: Database
) -> None:
    answers, quota = await rush(world, clients)
    assert answers == {"OK": LEFT, "TICKETS_SOLD_OUT": PEOPLE - LEFT}
    assert quota.taken == quota.capacity
    await check_invariants(database)


READ = Statement(select(*columns_of(TicketQuota)).where(any_of(col(TicketQuota.id))), TicketQuota)
WRITE = Statement(
    text(
        """
        UPDATE ticket_quota SET taken = given.tickets
        FROM unnest(:ids, :tickets) AS given (id, tickets) WHERE ticket_quota.id = given.id
        """
    ).bindparams(
        bindparam("ids", type_=ARRAY(Uuid())), bindparam("tickets", type_=ARRAY(Integer()))
    )
)


async def test_last_fifty_tickets_are_oversold_without_the_lock(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """Callers who read the counter together each write what they read, and one more."""
    meeting = Meeting()
    seen: dict[UUID, int] = {}

    async def read(unit: UnitOfWork, quota_ids: Collection[UUID]) -> Room:
        rows = await READ.fetch(await connection_of(unit), **{KEYS: sorted(quota_ids)})
        seen.update({row.id: row.taken for row in rows})
        await meeting.arrive()
        return Room(rows)

    async def write(unit: UnitOfWork, changes: Mapping[UUID, int]) -> list[UUID]:
        ids = sorted(changes)
        tickets = [seen[id] + changes[id] for id in ids]
        await WRITE.execute(await connection_of(unit), ids=ids, tickets=tickets)
        return ids

    monkeypatch.setattr(lines, "lock_room", read)
    monkeypatch.setattr(holding, "change_room", write)
    await drop("ticket_quota_taken_check")
    await rush(world, [api], people=LEFT + 10)
    with pytest.raises(AssertionError, match=r"ticket_quota\.taken differs"):
        await check_invariants(database)
