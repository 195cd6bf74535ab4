"""The popularity of events: tickets sold lately, counted by a job and used by lists."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event as listen

from core.clock import now
from core.ids import FIRST_ID
from models.events.events import Event
from models.events.tickets import TicketState
from services.events import popularity
from tests.client import Client, gid
from tests.factories.world import World

LIST = "{ events(orderBy: POPULAR, first: 2) { nodes { id } pageInfo { endCursor } } }"
NEXT = """query ($after: String!) {
  events(orderBy: POPULAR, first: 2, after: $after) { nodes { id } } }"""


async def count(world: World) -> None:
    after: UUID | None = FIRST_ID
    batches = 0
    while after is not None:
        async with world.database.session() as session, session.begin():
            after = await popularity.count_popularity(session, after)
        batches += 1
        assert batches < 10


async def sell(world: World, tickets: int) -> Event:
    """Return an event that sold so many tickets, one that is cancelled, and an old one."""
    event = await world.event(await world.vendor())
    date, user = await world.event_date(event), await world.user()
    kind = await world.ticket_type(event)
    for _ in range(tickets):
        await world.ticket(user, date, kind)
    state = TicketState.CANCELLED
    await world.ticket(user, date, kind, state=state, cancelled_at=now())
    await world.ticket(user, date, kind, created_at=now() - timedelta(days=8))
    return event


async def test_events_are_listed_by_tickets_sold_lately(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, three, two = [await sell(world, number) for number in (1, 3, 2)]
    monkeypatch.setattr(popularity, "BATCH_SIZE", 2)
    await count(world)
    assert [(await world.fresh(each)).popularity for each in (one, three, two)] == [1, 3, 2]
    page = (await api.ask(LIST))["events"]
    assert [each["id"] for each in page["nodes"]] == [gid(three), gid(two)]
    rest = (await api.ask(NEXT, after=page["pageInfo"]["endCursor"]))["events"]
    assert [each["id"] for each in rest["nodes"]] == [gid(one)]


async def test_events_whose_number_is_the_same_are_not_written(world: World) -> None:
    await sell(world, 1)
    await count(world)
    written: list[str] = []
    engine = world.database.engine.sync_engine
    note = lambda *args: written.append(args[2])  # noqa: E731
    listen.listen(engine, "before_cursor_execute", note)
    try:
        await count(world)
    finally:
        listen.remove(engine, "before_cursor_execute", note)
    assert [sql for sql in written if sql.startswith("UPDATE")] == []
