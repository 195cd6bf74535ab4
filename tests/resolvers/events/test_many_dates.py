"""An event of a thousand dates takes the statements of one with ten."""

from typing import Any

from sqlalchemy import text

from models.events.events import Event
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.counting import captured

FEW, MANY = 10, 1_000
DATES = """query ($id: ID!) { node(id: $id) { ... on Event {
  nextDateAt dates(first: 5) { nodes { id startsAt soldTypes { ticketType { id } } } }
} } }"""
FOUND = "{ events(first: 5) { nodes { id nextDateAt } } }"
COPIES = text(
    """
    INSERT INTO event_date
    SELECT (jsonb_populate_record(date, jsonb_build_object(
        'id', gen_random_uuid(),
        'starts_at', date.starts_at + number * interval '3 hours',
        'ends_at', date.ends_at + number * interval '3 hours',
        'local_start', date.local_start + number * interval '3 hours',
        'local_end', date.local_end + number * interval '3 hours'
    ))).*
    FROM event_date AS date, generate_series(1, :more) AS number WHERE date.event_id = :event_id
    """
)


async def event_of(world: World, dates: int) -> Event:
    event = await world.event(await world.vendor())
    date = await world.event_date(event)
    await world.ticket_type(event, await world.quota(date))
    async with world.database.session() as session, session.begin():
        await session.execute(COPIES, {"more": dates - 1, "event_id": event.id})
    return event


async def asked(api: Client, event: Event) -> tuple[Any, list[str]]:
    """Return an answer of each query, and the statements that they take."""
    with captured() as sent:
        node = (await api.ask(DATES, id=gid(event)))["node"]
        found = (await api.ask(FOUND))["events"]["nodes"]
    assert len(node["dates"]["nodes"]) == 5
    assert gid(event) in {one["id"] for one in found}
    return node, [statement for statement, _ in sent]


async def test_many_dates_take_the_statements_of_few(world: World, api: Client) -> None:
    few, many = await event_of(world, FEW), await event_of(world, MANY)
    await asked(api, few)  # prepares what is the same for all
    (_, of_few), (node, of_many) = await asked(api, few), await asked(api, many)
    assert of_many == of_few
    assert node["dates"]["nodes"][0]["startsAt"] == node["nextDateAt"]
