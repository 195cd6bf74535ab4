"""A buyer changes or releases a hold while it is ordered, as from another window."""

from typing import Any

import pytest

from models.events.selling.holds import TicketHold
from services.events.holds import order_lines
from services.events.holds.pricing import price_holds
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Overtaking
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import PLACED, TicketOrder


async def place_overtaken(
    monkeypatch: pytest.MonkeyPatch, order: TicketOrder, name: str, given: dict[str, Any]
) -> dict[str, Any]:
    """Place an order, run another call once it is priced, and return the answer."""
    overtaking = Overtaking()
    priced = overtaking.after(price_holds)
    checkout = await order.check_out()
    monkeypatch.setattr(order_lines, "price_holds", priced)
    place = order.client.do("placeOrder", order.input(checkout), PLACED)
    placed, other = await overtaking.run(place, order.client.do(name, given))
    assert other["errors"] == []
    return placed


async def begin(world: World, api: Client) -> tuple[BoxOffice, TicketOrder]:
    office = await BoxOffice.open(world)
    return office, await TicketOrder.begin(office, api)


def changed(office: BoxOffice, hold: TicketHold, quantity: int) -> dict[str, Any]:
    lines = [{"ticketTypeId": gid(office.kind), "quantity": quantity}]
    return keyed(holdId=gid(hold), lines=lines)


async def test_a_hold_that_is_changed_meanwhile_is_ordered_as_it_is(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tickets are replaced, such as by other seats, and cost the same."""
    office, order = await begin(world, api)
    given = changed(office, order.hold, 1)
    placed = await place_overtaken(monkeypatch, order, "changeHold", given)
    assert placed["errors"] == []
    fresh: TicketHold = await world.fresh(order.hold)
    assert (fresh.revision, fresh.state, str(fresh.order_id) != "None") == (1, "CHECKOUT", True)
    await order.pay()
    assert len(await order.tickets()) == 1
    await check_invariants(world.database)


async def test_a_hold_that_costs_more_meanwhile_is_shown_to_the_buyer_first(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, order = await begin(world, api)
    given = changed(office, order.hold, 2)
    placed = await place_overtaken(monkeypatch, order, "changeHold", given)
    assert [error["code"] for error in placed["errors"]] == ["CART_CHANGED"]
    fresh: TicketHold = await world.fresh(order.hold)
    assert (fresh.revision, fresh.state) == (1, "OPEN"), "the buyer keeps what is held"
    assert (await order.place())["order"]
    await check_invariants(world.database)


async def test_a_hold_that_is_released_meanwhile_has_ended(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, order = await begin(world, api)
    given = {"holdId": gid(order.hold)}
    placed = await place_overtaken(monkeypatch, order, "releaseHold", given)
    assert [error["code"] for error in placed["errors"]] == ["HOLD_EXPIRED"]
    await check_invariants(world.database)


async def test_a_hold_that_is_changed_each_time_is_refused_as_changed(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, order = await begin(world, api)
    checkout = await order.check_out()

    async def changed_lines(*_: object) -> set[object]:
        return set()

    monkeypatch.setattr(order_lines, "_line_ids", changed_lines)
    codes = await order.client.refusal_codes("placeOrder", order.input(checkout))
    assert codes == ["HELD_TICKETS_CHANGED"]
    fresh: TicketHold = await world.fresh(order.hold)
    assert fresh.state == "OPEN"
