"""Carts of users: lines by vendor, problems, limits and prices."""

from typing import Any

import pytest
from sqlmodel import select

from models.carts import MAX_LINES
from models.catalog.products import Product, ProductState
from models.catalog.variants import VariantState
from models.identity.accounts import User
from models.stock.levels import Stock
from models.vendors import Vendor, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.carts.asking import CART, adding, new_variant, quantities, read, setting
from tests.resolvers.counting import load_one_by_one, statements


async def change(world: World, row: Any, **values: Any) -> None:
    """Change a row as another part of the product would."""
    for name, value in values.items():
        setattr(row, name, value)
    await world.save(row)


async def of(world: World, kind: type[Any], id: Any) -> Any:
    async with world.database.session() as session:
        return await session.get_one(kind, id)


def codes(cart: Any) -> list[str]:
    return [problem["code"] for problem in cart["problems"]]


async def test_lines_are_grouped_by_vendor_and_totalled_by_currency(
    world: World, api: Client
) -> None:
    client = api.signed_in(await world.user())
    assert await read(client) is None
    home, abroad = await world.vendor(), await world.vendor(country="DE", currency="EUR")
    product = await world.product(home, price=10_000)
    (mug,) = await world.variants(product)
    plate = await world.variant(product, price=2_500, options={"size": "l"})
    (book,) = await world.variants(await world.product(abroad, price=999))
    for variant, quantity in ((mug, 2), (book, 3), (plate, 1)):
        await client.do("addToCart", adding(variant, quantity))
    cart = await read(client)
    assert [
        (group["vendor"]["id"], group["subtotal"]["amountMinor"], len(group["lines"]))
        for group in cart["vendorGroups"]
    ] == [(gid(home), 22_500, 2), (gid(abroad), 2_997, 1)]
    assert cart["subtotals"] == [
        {"amountMinor": 22_500, "currency": "INR"},
        {"amountMinor": 2_997, "currency": "EUR"},
    ]
    assert (cart["lineCount"], cart["unitCount"], cart["problems"]) == (3, 6, [])
    line = cart["vendorGroups"][0]["lines"][0]
    assert (line["variant"]["id"], line["title"]) == (gid(mug), product.title["en"])
    amounts = [line[name]["amountMinor"] for name in ("unitPrice", "seenPrice", "total")]
    assert amounts == [10_000, 10_000, 20_000]


async def test_units_are_added_once_for_a_key_and_reserve_nothing(
    world: World, api: Client
) -> None:
    client, variant = api.signed_in(await world.user()), await new_variant(world, on_hand=5)
    before = await world.stock(variant)
    input = adding(variant, 2)
    for _ in range(2):
        payload = await client.do("addToCart", input, "cart { unitCount } cartToken")
        assert payload == {"cart": {"unitCount": 2}, "cartToken": None, "errors": []}
    assert await client.refusal_codes("addToCart", input | {"quantity": 3}) == [
        "IDEMPOTENCY_KEY_REUSED"
    ]
    await client.do("addToCart", adding(variant))
    assert await quantities(client) == {gid(variant): 3}
    assert await world.stock(variant) == before


async def test_set_a_line_and_remove_it(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    variant, other = await new_variant(world), await new_variant(world)
    assert await client.do("setCartLine", setting(variant, 0), "cart { id }") == {
        "cart": None,
        "errors": [],
    }
    for quantity in (4, 4, 2):
        await client.do("setCartLine", setting(variant, quantity))
    await client.do("setCartLine", setting(other, 1))
    assert await quantities(client) == {gid(variant): 2, gid(other): 1}
    versions = [(await read(client))["version"]]
    await client.do("setCartLine", setting(variant, 2))
    await client.do("setCartLine", setting(variant, 0))
    versions.append((await read(client))["version"])
    assert versions[1] == versions[0] + 1
    assert await quantities(client) == {gid(other): 1}
    for _ in range(2):
        cleared = await client.do("clearCart", {}, "cart { vendorGroups { vendor { id } } }")
        assert cleared == {"cart": {"vendorGroups": []}, "errors": []}


async def test_quantities_are_limited(world: World, api: Client) -> None:
    client, variant = api.signed_in(await world.user()), await new_variant(world)
    for quantity in (0, -1, 1_000):
        assert await client.refusal_codes("addToCart", adding(variant, quantity)) == [
            "INVALID_INPUT"
        ]
    for quantity in (-1, 1_000):
        assert await client.refusal_codes("setCartLine", setting(variant, quantity)) == [
            "INVALID_INPUT"
        ]
    await client.do("addToCart", adding(variant, 990))
    assert await client.refusal_codes("addToCart", adding(variant, 10)) == ["PER_ORDER_MAX"]
    await change(world, variant, per_order_max=3)
    (error,) = (await client.do("setCartLine", setting(variant, 4)))["errors"]
    assert (error["code"], error["field"]) == ("PER_ORDER_MAX", ["quantity"])
    assert "3" in error["message"]
    assert await client.refusal_codes("setCartLine", setting(variant, 3)) == []


async def test_a_cart_has_at_most_a_hundred_lines(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    product = await world.product(await world.vendor(), variants=MAX_LINES + 1)
    *most, last = await world.variants(product)
    await world.cart(user, *((variant, 1) for variant in most))
    assert await client.refusal_codes("addToCart", adding(last)) == ["CART_FULL"]
    assert await client.refusal_codes("setCartLine", setting(last, 1)) == ["CART_FULL"]
    assert await client.refusal_codes("addToCart", adding(most[0])) == []


async def test_what_is_not_sold_is_not_added(world: World, api: Client) -> None:
    owner = await world.user()
    client, vendor = api.signed_in(owner), await world.vendor(owner)
    (draft,) = await world.variants(await world.product(vendor, state=ProductState.DRAFT))
    retired = await world.variant(
        await world.product(vendor), state=VariantState.RETIRED, options={"size": "s"}
    )
    (closed,) = await world.variants(
        await world.product(await world.vendor(status=VendorStatus.SUSPENDED))
    )
    for variant in (draft, retired, closed):
        assert await client.refusal_codes("addToCart", adding(variant)) == ["NOT_SOLD"]
        assert await client.refusal_codes("setCartLine", setting(variant, 1)) == ["NOT_SOLD"]
    missing = setting(draft, 1) | {"variantId": unknown("Variant")}
    assert await client.refusal_codes("setCartLine", missing) == ["NOT_SOLD"]
    assert await read(client) is None


async def test_problems_tell_what_has_changed_since(world: World, api: Client) -> None:
    user = await world.user()
    client, variant = api.signed_in(user), await new_variant(world, on_hand=5)
    await world.cart(user, (variant, 6))
    (problem,) = (await read(client))["problems"]
    assert problem == {
        "code": "INSUFFICIENT_STOCK",
        "variantId": gid(variant),
        "available": 5,
        "most": None,
        "message": "Only 5 of this are left. Choose a lower number.",
    }
    await change(world, variant, price=12_000, per_order_max=4)
    cart = await read(client.reading("de"))
    assert codes(cart) == ["PER_ORDER_MAX", "INSUFFICIENT_STOCK", "PRICE_CHANGED"]
    assert cart["problems"][0]["most"] == 4
    assert "höchstens 4" in cart["problems"][0]["message"]
    (line,) = cart["vendorGroups"][0]["lines"]
    assert (line["unitPrice"], line["seenPrice"]) == (
        {"amountMinor": 12_000},
        {"amountMinor": 10_000},
    )
    await client.do("setCartLine", setting(variant, 4))
    accepted = await client.do("acceptCartPrices", {}, "cart { problems { code } version }")
    assert accepted["cart"]["problems"] == []
    again = await client.do("acceptCartPrices", {}, "cart { version }")
    assert again["cart"]["version"] == accepted["cart"]["version"]


async def test_what_is_not_sold_any_more_costs_nothing_and_can_be_removed(
    world: World, api: Client
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    vendor = await world.vendor()
    kept, hidden, retired = [
        (await world.variants(await world.product(vendor)))[0] for _ in range(3)
    ]
    elsewhere = await new_variant(world)
    variants = (kept, hidden, retired, elsewhere)
    await world.cart(user, *((variant, 50) for variant in variants))
    await change(world, retired, state=VariantState.RETIRED, price=5)
    product = await of(world, Product, hidden.product_id)
    await change(world, product, state=ProductState.HIDDEN)
    closed = await of(world, Vendor, elsewhere.vendor_id)
    await change(world, closed, status=VendorStatus.SUSPENDED)
    await change(world, await world.stock(kept), on_hand=50)
    cart = await read(client)
    assert codes(cart) == ["NOT_SOLD", "NOT_SOLD", "VENDOR_CLOSED"]
    open_group, closed_group = cart["vendorGroups"]
    assert open_group["subtotal"] == {"amountMinor": 500_000}
    assert (closed_group["vendor"], closed_group["subtotal"]) == (None, {"amountMinor": 0})
    line = next(one for one in open_group["lines"] if one["variantId"] == gid(hidden))
    assert (line["unitPrice"], line["total"], line["product"]) == (None, None, None)
    assert line["title"] == product.title["en"]
    for variant in (hidden, retired, elsewhere):
        assert await client.refusal_codes("setCartLine", setting(variant, 1)) == ["NOT_SOLD"]
        assert await client.refusal_codes("setCartLine", setting(variant, 0)) == []
    assert codes(await read(client)) == []


async def test_others_do_not_reach_a_cart(world: World, api: Client) -> None:
    user, stranger = await world.user(), await world.user()
    variant = await new_variant(world)
    cart = await world.cart(user, (variant, 2))
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for client in (api, api.signed_in(stranger), api.signed_in(await world.admin())):
        assert await read(client) is None
        assert (await client.ask(node, id=gid(cart)))["node"] is None
    other = api.signed_in(stranger)
    await other.do("setCartLine", setting(variant, 0))
    await other.do("clearCart", {})
    assert await quantities(api.signed_in(user)) == {gid(variant): 2}
    assert await quantities(api.bearing("nonsense").signed_in(user)) == {gid(variant): 2}
    assert await api.bearing("nonsense").failed(CART) == ["UNAUTHENTICATED"]


@pytest.fixture(scope="module")
async def buyers(module_world: World) -> list[User]:
    """Return users with carts of one line, and of twenty lines of as many vendors."""
    variants = [await new_variant(module_world) for _ in range(20)]
    users = [await module_world.user() for _ in range(2)]
    await module_world.cart(users[0], (variants[0], 1))
    await module_world.cart(users[1], *((variant, 1) for variant in variants))
    return users


async def test_statements_do_not_grow_with_the_cart(
    buyers: list[User], api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, twenty = [await statements(api.signed_in(user), CART) for user in buyers]
    assert len(one) == len(twenty), "\n\n".join(twenty)
    load_one_by_one(monkeypatch)
    grown = await statements(api.signed_in(buyers[1]), CART)
    assert len(grown) > 2 * len(one)


async def test_an_opened_checkout_page_changes_no_stock_row(world: World, api: Client) -> None:
    client, variant = api.signed_in(await world.user()), await new_variant(world)
    async with world.database.session() as session:
        before = (await session.exec(select(Stock))).all()
    for _ in range(5):
        await client.do("addToCart", adding(variant))
        await read(client)
    async with world.database.session() as session:
        assert (await session.exec(select(Stock))).all() == before
