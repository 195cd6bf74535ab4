"""Shipments of a part of an order: made, corrected, tracked and delivered."""

from datetime import timedelta
from typing import Any

from models.orders.orders import Order, SubOrder
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.resolvers.counting import captured
from tests.resolvers.orders.handling import SoldOrder
from tests.resolvers.shipments.parcels import Parcels, tomorrow

AMOUNTS = {
    name
    for name in (*Order.model_fields, *SubOrder.model_fields)
    if name in {"goods", "shipping", "tax_added", "tax_included", "total", "refunded", "paid"}
}


async def amounts(sale: SoldOrder) -> list[dict[str, int]]:
    rows = [await sale.world.fresh(one) for one in (sale.placed.order, *sale.placed.suborders)]
    return [row.model_dump(include=AMOUNTS) for row in rows]


async def test_two_shipments_of_one_part_change_no_amount(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    parcels, before = Parcels(sale), await amounts(sale)
    given = {"carrier": " Blue Dart ", "trackingNumber": "BD-1"}
    first = await parcels.ship(1, **given)
    assert first["errors"] == []
    shipment = first["shipment"]
    assert (shipment["parcelNumber"], shipment["state"], shipment["endedAt"]) == (
        1,
        "SHIPPED",
        None,
    )
    assert (shipment["carrier"], shipment["trackingNumber"]) == ("Blue Dart", "BD-1")
    assert shipment["suborder"]["state"] == "PREPARING"
    assert shipment["shippedLines"] == [
        {"quantity": 1, "line": {"id": gid(sale.line), "shipped": 1}}
    ]
    (event,) = shipment["tracking"]
    assert (event["state"], event["source"], event["place"]) == ("SHIPPED", "VENDOR", None)
    assert await parcels.ship(1, **given) == first
    second = (await parcels.ship(1, "two"))["shipment"]
    assert (second["parcelNumber"], second["suborder"]["state"]) == (2, "SHIPPED")
    assert (await parcels.ship(1, "three"))["errors"][0]["code"] == "ORDER_STATE"
    assert await amounts(sale) == before
    for id in (shipment["id"], second["id"]):
        assert await parcels.state() == "SHIPPED"
        assert (await parcels.report(id, "DELIVERED"))["errors"] == []
    assert await parcels.state() == "DELIVERED"
    assert await amounts(sale) == before
    await check_invariants(world.database)


async def test_shipments_are_of_open_units_of_the_part(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    parcels = Parcels(sale)
    for code, values in {
        "TOO_MANY_UNITS": {"lines": sale.units(3)},
        "NOT_FOUND": {"lines": sale.units(1, sale.placed.lines[-1])},
        "INVALID_INPUT": {"lines": sale.units(1) * 2},
    }.items():
        payload = await parcels.ship(1, code, **values)
        assert [one["code"] for one in payload["errors"]] == [code]
    wrong_values: tuple[dict[str, Any], ...] = (
        {"lines": []},
        {"lines": sale.units(0)},
        {"trackingNumber": "BD-1"},
        {"carrier": "a" * 41},
        {"carrier": "www.example.com"},
        {"carrier": "A", "trackingNumber": "a b\u200b" * 30},
    )
    for wrong in wrong_values:
        payload = await parcels.ship(1, "wrong", **wrong)
        assert payload["errors"][0]["code"] == "INVALID_INPUT", wrong
    assert await parcels.state() == "CONFIRMED"
    await parcels.shipped(1, carrier="Blue Dart", trackingNumber="BD-1")
    again = await parcels.ship(1, "two", carrier="BLUE DART", trackingNumber="BD-1")
    assert again["errors"][0]["code"] == "TRACKING_NUMBER_TAKEN"
    assert (await world.fresh(sale.line)).shipped == 1


async def test_a_pick_up_is_not_shipped(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    async with world.database.session() as session, session.begin():
        (await session.get_one(SubOrder, sale.part.id)).is_pickup = True
    parcels = Parcels(sale)
    (error,) = (await parcels.ship(1))["errors"]
    assert error["code"] == "INVALID_INPUT"
    assert await parcels.state() == "CONFIRMED"
    given = {"suborderId": gid(sale.part)}
    assert await sale.seller.refusal_codes("markSuborderDelivered", given) == []
    assert await parcels.state() == "DELIVERED"
    await check_books(world.database)


async def test_correct_a_shipment_until_it_has_ended(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    parcels = Parcels(sale)
    id = await parcels.shipped(2, carrier="Blue Dart", trackingNumber="BD-1")
    given = {"shipmentId": id, "carrier": "DTDC", "trackingNumber": "D-2"}
    fields = "shipment { carrier trackingNumber }"
    for _ in range(2):
        changed = await sale.seller.do("updateShipment", given, fields)
        assert changed["shipment"] == {"carrier": "DTDC", "trackingNumber": "D-2"}
    await parcels.report(id, "LOST")
    assert await sale.seller.refusal_codes("updateShipment", given) == ["SHIPMENT_ENDED"]
    assert (await parcels.notices())[0] == "SHIPMENT_LOST"
    assert await parcels.state() == "SHIPPED"


async def test_events_come_twice_and_out_of_order(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    parcels = Parcels(sale)
    id = await parcels.shipped(2)
    await parcels.report(id, "DELIVERED", 3, place="Bengaluru")
    for _ in range(2):
        late = (await parcels.report(id, "OUT_FOR_DELIVERY", 2))["shipment"]
    assert late["state"] == "DELIVERED"
    assert [one["state"] for one in late["tracking"]] == [
        "OUT_FOR_DELIVERY",
        "DELIVERED",
        "SHIPPED",
    ]
    assert late["tracking"][1]["place"] == "Bengaluru"
    await parcels.report(id, "DELIVERED", 3)
    await parcels.report(id, "RETURNED", 4)
    assert (await parcels.notices())[:2] == ["ORDER_DELIVERED", "ORDER_SHIPPED"]
    for at in (tomorrow(), "2001-01-01T00:00:00Z"):
        given = {"shipmentId": id, "state": "LOST", "at": at}
        assert await sale.seller.refusal_codes("addTrackingEvent", given) == ["INVALID_INPUT"]


async def test_a_part_is_delivered_only_when_all_is_shipped(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, quantity=3)
    parcels = Parcels(sale)
    await parcels.report(await parcels.shipped(1), "DELIVERED")
    assert await parcels.state() == "PREPARING"
    second, third = await parcels.shipped(1, "two"), await parcels.shipped(1, "three")
    await parcels.report(third, "DELIVERED")
    assert await parcels.state() == "SHIPPED"
    await parcels.report(second, "OUT_FOR_DELIVERY", 1)
    assert (await parcels.notices())[0] == "SHIPMENT_OUT_FOR_DELIVERY"
    await parcels.report(second, "DELIVERED", 2)
    assert await parcels.state() == "DELIVERED"


async def test_a_part_is_delivered_when_what_was_not_shipped_is_cancelled(
    world: World, api: Client
) -> None:
    for operation in ("cancelOrder", "cancelOrderLines", "cancelSuborderLines"):
        sale = await SoldOrder.make(world, api, quantity=2)
        parcels = Parcels(sale)
        await parcels.report(await parcels.shipped(1, operation), "DELIVERED")
        assert await parcels.state() == "PREPARING"
        given: dict[str, Any] = {
            "orderId": gid(sale.placed.order),
            "idempotencyKey": operation,
        }
        if operation == "cancelOrderLines":
            given |= {"lines": sale.units(1), "reason": "Too late"}
        elif operation == "cancelSuborderLines":
            given = sale.chosen(1, operation)
        client = sale.seller if operation == "cancelSuborderLines" else sale.buyer
        assert await client.refusal_codes(operation, given) == []
        assert await parcels.state() == "DELIVERED", operation
        assert (await world.fresh(sale.part)).release_at
    await check_invariants(world.database)


async def test_a_part_on_its_way_stays_shipped_when_the_rest_is_cancelled(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api, quantity=2)
    parcels = Parcels(sale)
    id = await parcels.shipped(1)
    assert await sale.seller.refusal_codes("cancelSuborderLines", sale.chosen(1)) == []
    assert await parcels.state() == "SHIPPED"
    await parcels.report(id, "DELIVERED")
    assert await parcels.state() == "DELIVERED"


READ = """query Q($id: ID!) { node(id: $id) { ... on SubOrder {
    estimatedDelivery { from until }
    shipments { parcelNumber state shippedLines { quantity line { title } } tracking { state } }
} } }"""


async def test_shipments_are_seen_by_the_buyer_the_staff_and_admins(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api)
    parcels = Parcels(sale)
    id = await parcels.shipped(1)
    query = "query Q($id: ID!) { node(id: $id) { ... on Shipment { carrier tracking { at } } } }"
    others = await sale.outsiders()
    admin = others.pop("an admin")
    seen = await sale.buyer.ask(READ, id=gid(sale.part))
    assert [one["parcelNumber"] for one in seen["node"]["shipments"]] == [1]
    for user in (sale.user, sale.staff, admin):
        client = api.signed_in(user)
        assert await client.ask(READ, id=gid(sale.part)) == seen
        assert (await client.ask(query, id=id))["node"]["tracking"]
    for who, user in others.items():
        client = api.signed_in(user)
        assert (await client.ask(query, id=id))["node"] is None, who
        assert (await client.ask(READ, id=gid(sale.part)))["node"] is None, who
    assert (await api.ask(query, id=id))["node"] is None


async def test_shipments_are_changed_by_the_staff_alone(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    id = await Parcels(sale).shipped(1)
    inputs: dict[str, dict[str, Any]] = {
        "createShipment": {
            "suborderId": gid(sale.part),
            "lines": sale.units(1),
            "idempotencyKey": "two",
        },
        "updateShipment": {"shipmentId": id, "carrier": "DTDC"},
        "addTrackingEvent": {"shipmentId": id, "state": "LOST", "at": tomorrow()},
    }
    others = await sale.outsiders() | {"the buyer": sale.user}
    for operation, given in inputs.items():
        assert await api.mutation_failed(operation, given) == ["UNAUTHENTICATED"]
        for who, user in others.items():
            codes = await api.signed_in(user).refusal_codes(operation, given)
            assert codes == ["NOT_FOUND"], (operation, who)


async def test_the_delivery_is_expected_some_days_after_the_confirmation(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api)
    none = await sale.buyer.ask(READ, id=gid(sale.part))
    assert none["node"]["estimatedDelivery"] is None
    async with world.database.session() as session, session.begin():
        part = await session.get_one(SubOrder, sale.part.id)
        part.min_days, part.max_days = 2, 5
    found = (await sale.buyer.ask(READ, id=gid(sale.part)))["node"]["estimatedDelivery"]
    start = sale.placed.order.confirmed_at
    assert start
    for name, days in (("from", 2), ("until", 5)):
        assert found[name][:19] == (start + timedelta(days=days)).isoformat()[:19]


async def test_statements_for_any_number_of_shipments(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, lines=2, quantity=3)
    query = """query Q($id: ID!) { order(id: $id) { suborders { estimatedDelivery { until }
        shipments { state shippedLines { quantity line { title } } tracking { state } } } } }"""
    counts = []
    for number in range(3):
        lines = [one for line in sale.placed.lines_of(sale.part) for one in sale.units(1, line)]
        await Parcels(sale).shipped(1, str(number), lines=lines)
        with captured() as statements:
            await sale.buyer.ask(query, id=gid(sale.placed.order))
        counts.append(len(statements))
    assert len(set(counts[1:])) == 1, counts
