"""Four hundred users pass through the queue of a sale at once."""

import asyncio
from datetime import timedelta
from itertools import cycle

from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.database import Database
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.sale_queue import SaleQueue, SaleQueueEntry, draw_key
from services.events.holds.ending import end_holds
from services.events.sale_queue.serving import serve_queue
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import at_once, crowd
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input

PEOPLE, MOST_ACTIVE, EARLY = 400, 80, 10
MINUTE_AGO = text("UPDATE sale_queue SET served_at = :at, pace = per_minute")
ACTIVE = text("SELECT count(*) FROM sale_queue_entry WHERE state = 'ADMITTED'")


async def tick(world: World, queue: SaleQueue) -> None:
    """Let a minute pass. The pace does not limit this sale, also on a machine under pressure."""
    async with world.database.session() as session, session.begin():
        await session.execute(MINUTE_AGO, {"at": now() - timedelta(minutes=1)})
        await serve_queue(session, queue.id)


async def test_four_hundred_pass_in_the_order_of_the_draw(
    world: World, servers: list[Client], database: Database
) -> None:
    office = await BoxOffice.open(world, capacity=PEOPLE)
    queue = await world.sale_queue(office.event, most_active=MOST_ACTIVE)
    users, event = await crowd(world, PEOPLE), {"eventId": gid(office.event)}
    people = [
        (client.signed_in(user), user) for client, user in zip(cycle(servers), users, strict=False)
    ]
    await at_once(client.do("joinSaleQueue", event) for client, _ in people)
    queue.opens_at = now()
    await world.save(queue)
    await tick(world, queue)
    async with database.session() as session:
        rows = select(SaleQueueEntry).order_by("number")
        order = [entry.user_id for entry in (await session.exec(rows)).all()]
    assert order == sorted(order, key=lambda id: draw_key(queue.seed, id))
    by_user = {user.id: client for client, user in people}
    waiting = [by_user[id] for id in order]
    entered: list[int] = []

    async def enter(client: Client) -> None:
        """Hold tickets if it is the user's turn. Some try too early."""
        answer = await client.do("enterSale", event, "admission { token entry { number } }")
        if answer["errors"]:
            assert answer["errors"][0]["code"] == "NOT_YOUR_TURN"
            return
        entered.append(answer["admission"]["entry"]["number"])
        wanted = hold_input(office.date, (office.kind, 1), admission=answer["admission"]["token"])
        assert await client.refusal_codes("holdTickets", wanted) == []

    for wave in range(1, PEOPLE // MOST_ACTIVE + 1):
        await asyncio.gather(tick(world, queue), tick(world, queue))
        await asyncio.gather(*map(enter, waiting[: MOST_ACTIVE + EARLY]))
        assert sorted(entered) == list(range(1, wave * MOST_ACTIVE + 1))
        async with database.session() as session, session.begin():
            assert (await session.execute(ACTIVE)).scalar_one() == MOST_ACTIVE
            live = select(TicketHold).where(TicketHold.state == HoldState.OPEN)
            await end_holds(session, (await session.exec(live)).all(), HoldState.RELEASED)
        del waiting[:MOST_ACTIVE]
    assert not waiting
