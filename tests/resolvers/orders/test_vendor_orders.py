"""The board of a vendor: lists, counts, the pick list, and the plans of their statements."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from core.database import Database
from models.orders.states import SubOrderState
from models.vendors import MemberRole
from services.orders import vendor_orders
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.counting import captured, plans

LIST = """query Q($id: ID!, $where: VendorOrderWhere, $first: Int, $after: String) {
  vendorOrders(vendorId: $id, where: $where, first: $first, after: $after) {
    nodes { id number state } pageInfo { endCursor hasNextPage } totalCount changesAfter
  }
}"""
COUNTS = "query Q($id: ID!) { vendorOrderCounts(vendorId: $id) { state count } }"
PICKED = """query Q($id: ID!) { pickList(vendorId: $id) {
  sku title units orders oldestAt variant { id } options { name value }
} }"""
SCANS = re.compile(r"Seq Scan on (?:suborder|order_line|\"order\")")


async def test_vendor_orders_by_state_time_and_number(world: World, api: Client) -> None:
    vendor, buyer = await world.vendor(), await world.user()
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    states = [SubOrderState(name) for name in ("CONFIRMED", "PREPARING", "PREPARING", "PENDING")]
    orders = [await world.placed_order(buyer, [vendor], state=state) for state in states]
    await world.placed_order(buyer, [await world.vendor()])

    async def numbers(**where: Any) -> list[str]:
        found = await staff.ask(LIST, id=gid(vendor), where=where)
        return [node["number"] for node in found["vendorOrders"]["nodes"]]

    known = [placed.order.number for placed in orders]
    assert await numbers() == known[2::-1]
    assert await numbers(state=SubOrderState.PREPARING) == [known[2], known[1]]
    assert await numbers(state="PENDING") == []
    assert await numbers(number=f" {known[0].lower()}") == [known[0]]
    assert await numbers(number=known[3]) == []
    since = orders[1].order.created_at.isoformat()
    assert await numbers(placedFrom=since) == [known[2], known[1]]
    assert await numbers(placedBefore=since) == [known[0]]
    counts = (await staff.ask(COUNTS, id=gid(vendor)))["vendorOrderCounts"]
    assert {one["state"]: one["count"] for one in counts} == {
        "CONFIRMED": 1,
        "PREPARING": 2,
        "SHIPPED": 0,
        "DELIVERED": 0,
    }


async def test_pick_list_adds_up_open_units_of_accepted_orders(world: World, api: Client) -> None:
    vendor, buyer = await world.vendor(), await world.user()
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    first, second = [
        await world.placed_order(buyer, [vendor], state=SubOrderState.PREPARING, quantity=3)
        for _ in range(2)
    ]
    await world.placed_order(buyer, [vendor], quantity=3)
    async with world.database.session() as session, session.begin():
        line = await session.get_one(type(first.lines[0]), first.lines[0].id)
        line.cancel(1)
        line.ship(1)
        gone = await session.get_one(type(line), second.lines[0].id)
        gone.ship(3)
    (picked,) = (await staff.ask(PICKED, id=gid(vendor)))["pickList"]
    assert (picked["units"], picked["orders"], picked["sku"]) == (1, 1, first.lines[0].sku)


async def test_counts_and_the_pick_list_stop_at_their_limits(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor, buyer = await world.vendor(), await world.user()
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    placed = [
        await world.placed_order(buyer, [vendor], state=SubOrderState.PREPARING) for _ in range(3)
    ]
    monkeypatch.setattr(vendor_orders, "MAX_COUNT", 2)
    monkeypatch.setattr(vendor_orders, "MAX_PICKED_PARTS", 2)
    counts = (await staff.ask(COUNTS, id=gid(vendor)))["vendorOrderCounts"]
    assert [one["count"] for one in counts] == [0, 2, 0, 0]
    picked = (await staff.ask(PICKED, id=gid(vendor)))["pickList"]
    assert {one["sku"] for one in picked} == {one.lines[0].sku for one in placed[:2]}
    assert sum(one["orders"] for one in picked) == 2


async def test_pages_of_20_orders_take_as_many_statements_as_of_one(
    world: World, api: Client
) -> None:
    vendor, buyer = await world.vendor(), await world.user()
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    for _ in range(20):
        await world.placed_order(buyer, [vendor, await world.vendor()])
    query = """query Q($id: ID!, $first: Int) { vendorOrders(vendorId: $id, first: $first) {
      totalCount nodes { number deliveryAddress { city } order { id } vendor { name }
        lines { title total { amountMinor } currentVariant { sku } }
        amounts { total { amountMinor } } timeline { kind by { id } } returns { id returnedLines
        { quantity } }
        refundedLines { quantity }
    } } }"""
    own = """query Q($first: Int) { orders(first: $first) { nodes { number
      payments { amount { amountMinor } } timeline { kind }
      refunds { id refundedLines { quantity } }
      suborders { state lines { title } vendor { name } } } } }"""
    board = staff, query, {"id": gid(vendor)}
    for client, asked, given in (board, (api.signed_in(buyer), own, {})):
        counts = []
        for first in (1, 20):
            with captured() as statements:
                await client.ask(asked, first=first, **given)
            counts.append(len(statements))
        assert counts[0] == counts[1]


MANY = [
    "SET LOCAL session_replication_role = replica",
    """INSERT INTO "order" (id, created_at, number, user_id, checkout_id, state, payment_state,
        currency, goods, vendor_discount, platform_discount, shipping, tax_added, tax_included,
        rounding, total, paid, refunded, country, hold_until, confirmed_at)
      SELECT gen_random_uuid(), now() - n * interval '1 second', lpad(n::text, 8, '0'),
        gen_random_uuid(), gen_random_uuid(), 'CONFIRMED', 'PAID', 'INR', 1, 0, 0, 0, 0, 0, 0, 1, 1,
        0, 'IN', now(), now()
      FROM generate_series(1, :many) AS n""",
    """INSERT INTO suborder (id, created_at, order_id, vendor_id, position, state, goods,
        vendor_discount, platform_discount, shipping, tax_added, tax_included, rounding, total,
        vendor_net, refunded, is_pickup, confirmed_at)
      SELECT gen_random_uuid(), created_at, id,
        CASE WHEN random() < 0.02 THEN CAST(:vendor AS uuid) ELSE gen_random_uuid() END, 0,
        (ARRAY['CONFIRMED', 'PREPARING', 'RELEASED', 'RELEASED'])[1 + floor(random() * 4)],
        1, 0, 0, 0, 0, 0, 0, 1, 1, 0, false, now()
      FROM "order" """,
    """INSERT INTO order_line (id, created_at, suborder_id, position, kind, ref_id, locale, title,
        options, quantity, unit, goods, vendor_discount, platform_discount, shipping, taxable, tax,
        tax_added, rounding, total, cancelled, shipped, refunded, returned)
      SELECT gen_random_uuid(), created_at, id, 0, 'GOODS', gen_random_uuid(), 'en', '{}', '[]', 1,
        1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0
      FROM suborder""",
    'ANALYZE "order", suborder, order_line',
]


@pytest.mark.parametrize(
    "where", [{}, {"state": "PREPARING"}, {"state": "CANCELLED"}, {"number": "00000007"}]
)
async def test_lists_of_a_vendor_use_indexes(
    world: World, superuser: Database, api: Client, where: dict[str, Any]
) -> None:
    vendor = await world.vendor()
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    async with superuser.session() as session, session.begin():
        for statement in MANY:
            given = {"many": 5_000, "vendor": vendor.id}
            names = {name: value for name, value in given.items() if f":{name}" in statement}
            await session.execute(text(statement), names)
    plan = await plans(world.database, staff, LIST, id=gid(vendor), where=where)
    assert "suborder" in plan
    assert not SCANS.search(plan), plan
    if not where:
        for query in (COUNTS, PICKED):
            plan = await plans(world.database, staff, query, id=gid(vendor))
            assert not SCANS.search(plan), plan
