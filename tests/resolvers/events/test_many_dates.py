"""An event of a thousand dates takes the statements of one with ten, and seats have a limit."""

from typing import Any

import pytest
from sqlalchemy import text
from strawberry.relay import to_base64

from models.events.dates import EventDateState
from models.events.events import Event
from models.vendors import MemberRole
from services.events.seats import opening
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.counting import captured
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import dates_input

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


@pytest.mark.parametrize(("name", "of"), [("MAX_EVENT_SEATS", 0), ("MAX_VENDOR_SEATS", 1)])
async def test_coming_dates_have_a_limit_of_seats_together(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, name: str, of: int
) -> None:
    """A hall of ten seats has one date. Another event of the vendor counts for the vendor alone."""
    hall = await Hall.open(world, rows=1)
    events = hall.event, await world.event(hall.vendor)
    monkeypatch.setattr(opening, name, 30)
    client = api.signed_in(await new_member(world, hall.vendor, MemberRole.MANAGER))
    place = {"venueId": gid(hall.venue), "chartId": to_base64("Chart", str(hall.date.chart_id))}
    starts = ["2030-01-01T20:00", "2030-01-02T20:00", "2030-01-03T20:00"]
    many = dates_input(events[of], starts=starts, **place)
    assert await client.refusal_codes("addEventDates", many) == ["SEAT_LIMIT_REACHED"]
    if of == 0:
        elsewhere = dates_input(events[1], starts=starts, **place)
        assert await client.refusal_codes("addEventDates", elsewhere) == []
    few = dates_input(events[of], starts=starts[:2], **place)
    assert await client.refusal_codes("addEventDates", few) == []
    one = dates_input(events[of], starts=starts[2:], **place)
    assert await client.refusal_codes("addEventDates", one) == ["SEAT_LIMIT_REACHED"]
    ended = await world.fresh(hall.date)
    ended.state = EventDateState.ENDED
    await world.save(ended)
    assert await client.refusal_codes("addEventDates", one) == []


async def test_many_dates_take_the_statements_of_few(world: World, api: Client) -> None:
    few, many = await event_of(world, FEW), await event_of(world, MANY)
    await asked(api, few)  # prepares what is the same for all
    (_, of_few), (node, of_many) = await asked(api, few), await asked(api, many)
    assert of_many == of_few
    assert node["dates"]["nodes"][0]["startsAt"] == node["nextDateAt"]
