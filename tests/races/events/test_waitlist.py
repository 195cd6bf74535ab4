"""Tickets become free while users wait and a crowd tries to buy them."""

import asyncio
from datetime import timedelta
from itertools import cycle

from sqlalchemy import text
from sqlmodel import select

from core.database import Database
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.identity.accounts import User
from services.events.holds.ending import end_holds
from services.events.waitlist.serving import serve_waitlist
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import Payload, crowd, tally
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input

FREED, PUBLIC = 8, 60


async def rush(world: World, clients: list[Client], *, closed: bool) -> tuple[BoxOffice, int]:
    """Free tickets, and let a crowd buy before and while two serve. Returns how many bought.

    Without `closed`, all is the same but the quota, which is open to the public sale.
    """
    office = await BoxOffice.open(world, capacity=FREED)
    holds = [await office.hold(await world.user()) for _ in range(FREED)]
    for _ in range(FREED):
        await world.waitlist_entry(await world.user(), office.date, most=1)

    async def free(hold: TicketHold) -> None:
        async with world.database.session() as session, session.begin():
            row = await session.get_one(TicketHold, hold.id, with_for_update=True)
            await end_holds(session, [row], HoldState.RELEASED)

    async def serve() -> None:
        async with world.database.session() as session, session.begin():
            session.info["notify_after"] = timedelta()
            await serve_waitlist(session, office.date.id)

    async def buy(client: Client, user: User) -> None:
        wanted = hold_input(office.date, (office.kind, 1))
        answers.append(await client.signed_in(user).do("holdTickets", wanted))

    answers: list[Payload] = []
    await asyncio.gather(*map(free, holds))
    if not closed:
        async with world.database.session() as session, session.begin():
            await session.execute(text("UPDATE ticket_quota SET waitlist_first = false"))
    bought = [
        buy(client, user)
        for client, user in zip(cycle(clients), await crowd(world, PUBLIC), strict=False)
    ]
    half = len(bought) // 2
    await asyncio.gather(*bought[:half])
    await asyncio.gather(*bought[half:], serve(), serve())
    return office, tally(answers)["OK"]


async def test_the_public_sale_never_outruns_those_who_wait(
    world: World, clients: list[Client], database: Database
) -> None:
    office, bought = await rush(world, clients, closed=True)
    assert bought == 0
    async with database.session() as session:
        entries = (await session.exec(select(WaitlistEntry))).all()
    assert {entry.state for entry in entries} == {WaitlistState.HOLDING}
    assert await office.taken() == FREED
    await check_invariants(database)


async def test_the_public_sale_outruns_them_without_the_guard(
    world: World, clients: list[Client], database: Database
) -> None:
    _, bought = await rush(world, clients, closed=False)
    assert bought == FREED, "none is left to serve"
    await check_invariants(database)
