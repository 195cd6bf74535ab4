"""Stock: received, counted and written off by members, each with its movement."""

from typing import Any

import pytest

from models.catalog.variants import Variant
from models.stock.levels import Stock
from models.stock.reservations import Reservation
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.orders import empty_order
from tests.factories.vendors import new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants

FIELDS = "stock { onHand reserved available isLow lowAt variant { orderable inStock: sku } }"
LEVELS = """query ($id: ID!, $low: Boolean! = false) { vendor(id: $id) {
    stockLevels(where: {low: $low}) { changesAfter totalCount nodes {
        variant { sku } onHand available isLow lowAt
        movements { nodes { kind quantity onHand note member { name } } }
    } } } }"""
OUTSIDERS = ["a stranger", "a customer", "SCANNER", "another vendor's owner", "an admin"]
STOCK = "stock { onHand available }"


class Store:
    """A vendor with one variant, and a member who changes its stock."""

    def __init__(self, world: World, api: Client) -> None:
        self.world, self.api = world, api
        self.variant: Variant

    async def open(self, *, on_hand: int = 10, reserved: int = 0) -> "Store":
        world = self.world
        self.vendor = await world.vendor(await world.user())
        product = await world.product(self.vendor, on_hand=on_hand)
        (self.variant,) = await world.variants(product)
        if reserved:
            stock = await world.stock(self.variant)
            async with world.database.session() as session, session.begin():
                (await session.get_one(Stock, stock.id)).reserved = reserved
            checkout, order = empty_order(await world.user())
            held = Reservation(order_id=order.id, variant_id=self.variant.id, quantity=reserved)
            await world.save(checkout, order, held)
        self.member = await new_member(world, self.vendor, MemberRole.STAFF)
        self.client = self.api.signed_in(self.member)
        return self

    async def do(self, name: str, key: str = "first", **given: Any) -> dict[str, Any]:
        given = {"variantId": gid(self.variant), "idempotencyKey": key} | given
        return await self.client.do(name, given, STOCK)

    async def receive(self, quantity: int, key: str = "first", **given: Any) -> dict[str, Any]:
        lines = [{"variantId": gid(self.variant), "quantity": quantity}]
        given = {"vendorId": gid(self.vendor), "lines": lines, "idempotencyKey": key} | given
        return await self.client.do("receiveStock", given, STOCK)


@pytest.fixture
async def store(world: World, api: Client) -> Store:
    return await Store(world, api).open(reserved=4)


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]


async def test_receive_stock_once_per_key(store: Store) -> None:
    payload = await store.receive(5, note=" From Mysuru ")
    assert payload == {"stock": [{"onHand": 15, "available": 11}], "errors": []}
    assert await store.receive(5, note=" From Mysuru ") == payload
    assert codes(await store.receive(6)) == ["IDEMPOTENCY_KEY_REUSED"]
    (level,) = (await store.client.ask(LEVELS, id=gid(store.vendor)))["vendor"]["stockLevels"][
        "nodes"
    ]
    assert level["movements"]["nodes"][0] == {
        "kind": "RECEIVED",
        "quantity": 5,
        "onHand": 15,
        "note": "From Mysuru",
        "member": {"name": store.member.name},
    }
    await check_invariants(store.world.database)


async def test_receive_stock_of_several_variants_all_or_none(store: Store) -> None:
    world = store.world
    (other,) = await world.variants(await world.product(store.vendor))
    (foreign,) = await world.variants(await world.product(await world.vendor()))
    lines = [{"variantId": gid(one), "quantity": 1} for one in (other, store.variant)]
    payload = await store.receive(0, lines=lines)
    assert [one["onHand"] for one in payload["stock"]] == [11, 11]
    for key, wrong, code in (
        ("second", foreign, "NOT_FOUND"),
        ("third", store.variant, "INVALID_INPUT"),
    ):
        more = [*lines, {"variantId": gid(wrong), "quantity": 1}]
        assert codes(await store.receive(0, key, lines=more)) == [code]
    assert codes(await store.receive(0, "fourth")) == ["INVALID_INPUT"]
    assert codes(await store.receive(0, "fifth", lines=[])) == ["INVALID_INPUT"]
    assert (await world.stock(store.variant)).on_hand == 11
    await check_invariants(world.database)


async def test_count_stock_sets_what_is_there(store: Store) -> None:
    payload = await store.do("countStock", onHand=7, expected=10, note="Shelf 3")
    assert payload == {"stock": {"onHand": 7, "available": 3}, "errors": []}
    assert await store.do("countStock", onHand=7, expected=10, note="Shelf 3") == payload
    same = await store.do("countStock", "second", onHand=7, expected=7)
    assert same["stock"]["onHand"] == 7
    await check_invariants(store.world.database)


async def test_count_stock_that_has_moved(store: Store) -> None:
    given = {
        "variantId": gid(store.variant),
        "onHand": 9,
        "expected": 11,
        "idempotencyKey": "first",
    }
    query = """mutation ($input: CountStockInput!) { countStock(input: $input) {
        errors { code field ... on StockMoved { onHand } } } }"""
    payload = (await store.client.ask(query, input=given))["countStock"]
    assert payload["errors"] == [{"code": "STOCK_MOVED", "field": ["expected"], "onHand": 10}]
    few = await store.do("countStock", onHand=3, expected=10)
    assert codes(few) == ["STOCK_RESERVED"]
    for on_hand, expected in ((-1, 10), (0, -1), (0, -(2**31)), (0, 10**9 + 1)):
        payload = await store.do("countStock", onHand=on_hand, expected=expected)
        assert codes(payload) == ["INVALID_INPUT"]
    assert (await store.world.stock(store.variant)).on_hand == 10


async def test_write_off_stock_that_is_not_reserved(store: Store) -> None:
    payload = await store.do("writeOffStock", quantity=6, note="Broken")
    assert payload == {"stock": {"onHand": 4, "available": 0}, "errors": []}
    assert await store.do("writeOffStock", quantity=6, note="Broken") == payload
    query = """mutation ($input: WriteOffStockInput!) { writeOffStock(input: $input) {
        errors { code ... on InsufficientStock { available variantId } } } }"""
    given = {"variantId": gid(store.variant), "quantity": 1, "idempotencyKey": "second"}
    refused = (await store.client.ask(query, input=given))["writeOffStock"]
    id = gid(store.variant)
    assert refused["errors"] == [{"code": "INSUFFICIENT_STOCK", "available": 0, "variantId": id}]
    await check_invariants(store.world.database)


async def test_too_much_stock_is_refused(store: Store) -> None:
    async with store.world.database.session() as session, session.begin():
        stock = await store.world.stock(store.variant)
        (await session.get_one(Stock, stock.id)).on_hand = 10**9
    assert codes(await store.receive(1)) == ["STOCK_TOO_HIGH"]


async def test_stock_levels_are_for_members(store: Store) -> None:
    world, ids = store.world, {"id": gid(store.vendor)}
    low = {"variantId": gid(store.variant), "lowAt": 6}
    changed = await store.client.do("setLowStock", low, FIELDS)
    assert changed["stock"]["isLow"] is True
    await world.product(store.vendor)
    levels = (await store.client.ask(LEVELS, **ids))["vendor"]["stockLevels"]
    assert levels["totalCount"] == 2
    skus = [one["variant"]["sku"] for one in levels["nodes"]]
    assert skus == sorted(skus)
    few = (await store.client.ask(LEVELS, **ids, low=True))["vendor"]["stockLevels"]["nodes"]
    assert [one["variant"]["sku"] for one in few] == [store.variant.sku]
    for kind in ("a stranger", "SCANNER", "another vendor's owner"):
        client = store.api.signed_in(await outsider(world, store.vendor, kind))
        assert await client.failed(LEVELS, **ids) == ["FORBIDDEN"], kind
        node = "query ($id: ID!) { node(id: $id) { ... on Variant { orderable stock { id } } } }"
        seen = (await client.ask(node, id=gid(store.variant)))["node"]
        assert seen == {"orderable": 6, "stock": None}, kind
    assert await store.api.failed(LEVELS, **ids) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_stock_of_others_does_not_change(store: Store, kind: str) -> None:
    store.client = store.api.signed_in(await outsider(store.world, store.vendor, kind))
    anonymous = {"variantId": gid(store.variant), "lowAt": 1}
    assert await store.api.mutation_failed("setLowStock", anonymous) == ["UNAUTHENTICATED"]
    assert codes(await store.receive(1)) == ["NOT_FOUND"]
    assert codes(await store.do("countStock", onHand=1, expected=1)) == ["NOT_FOUND"]
    assert codes(await store.do("writeOffStock", quantity=1)) == ["NOT_FOUND"]
    assert await store.client.refusal_codes("setLowStock", anonymous) == ["NOT_FOUND"]
    assert (await store.world.stock(store.variant)).on_hand == 10
