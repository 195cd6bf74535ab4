"""The number of SQL statements of sales and scans: in a rush, others wait for their locks."""

from typing import Any

import pytest

from core.clock import now
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.counting import captured
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.door import SCANS, Door
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import hold_input
from tests.resolvers.events.ordering import PLACED, TicketOrder

HOLD = "hold { id state }"


async def sent_by(client: Client, mutation: str, given: dict[str, Any], shown: str) -> list[str]:
    """Return the statements of a mutation that succeeds."""
    with captured() as seen:
        payload = await client.do(mutation, given, shown)
    assert payload["errors"] == []
    return [statement for statement, _ in seen]


@pytest.mark.parametrize("quantity", [1, 4])
async def test_hold_tickets_takes_twelve_statements(
    world: World, api: Client, quantity: int
) -> None:
    """Seven of them with the quota locked."""
    office = await BoxOffice.open(world)
    given = hold_input(office.date, (office.kind, quantity))
    sent = await sent_by(api.signed_in(office.user), "holdTickets", given, HOLD)
    assert len(sent) == 12, "\n\n".join(sent)
    locked = next(at for at, one in enumerate(sent) if "FROM ticket_quota" in one)
    assert len(sent) - locked == 7


@pytest.mark.parametrize("quantity", [1, 4])
async def test_hold_tickets_with_best_seats_takes_twelve_statements(
    world: World, api: Client, quantity: int
) -> None:
    hall = await Hall.open(world)
    client = api.signed_in(hall.user)
    sent = await sent_by(client, "holdTickets", hall.input(quantity), HOLD)
    assert len(sent) == 12, "\n\n".join(sent)


async def test_hold_tickets_with_chosen_seats_takes_thirteen_statements(
    world: World, api: Client
) -> None:
    hall = await Hall.open(world)
    client = api.signed_in(hall.user)
    sent = await sent_by(client, "holdTickets", hall.choosing(0, 0, 1, 2), HOLD)
    assert len(sent) == 13, "\n\n".join(sent)


async def test_check_in_takes_eleven_statements(world: World, api: Client) -> None:
    door = await Door.open(world)
    _, key = await door.scanner(seen_at=now())
    client, ticket = api.signed_in(door.member), await door.ticket()
    sent = await sent_by(client, "checkIn", door.scan_input(key, ticket), "scan { id scanOutcome }")
    assert len(sent) == 11, "\n\n".join(sent)


@pytest.mark.parametrize("scans", [1, 20])
async def test_sync_scans_takes_thirteen_statements(world: World, api: Client, scans: int) -> None:
    door = await Door.open(world)
    _, key = await door.scanner()
    made = [door.offline(await door.ticket(), now()) for _ in range(scans)]
    client = api.signed_in(door.member)
    sent = await sent_by(client, "syncScans", door.sync_input(key, made), SCANS)
    assert len(sent) == 13, "\n\n".join(sent)


async def test_an_order_of_many_tickets_takes_as_many_statements_as_one_of_few(
    world: World, api: Client
) -> None:
    office = await BoxOffice.open(world, 20)
    found = []
    for quantity in (1, 1, 8):  # the first order of a process reads more
        order = await TicketOrder.begin(office, api, quantity=quantity)
        given = order.input(await order.check_out())
        found.append(len(await sent_by(order.client, "placeOrder", given, PLACED)))
    assert found[1] == found[2]
