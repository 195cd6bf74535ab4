"""Carts without an account: who has the token has the cart, and a sign-in takes it over."""

from typing import Any

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from core.limits.buckets import TokenBucket
from core.security.random_secrets import hash_secret
from models.carts import MAX_LINES, Cart, CartState
from models.catalog.variants import VariantState
from services.carts.limits import CartLimits
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.carts.asking import CART, adding, new_variant, quantities, read, setting

MERGED = "cart { id unitCount } notKept { variantId quantity reason }"


async def carts(world: World) -> list[Cart]:
    async with world.database.session() as session:
        return [*await session.exec(select(Cart).order_by(col(Cart.id)))]


async def started(api: Client, input: dict[str, Any], name: str = "addToCart") -> str:
    """Return the token of a cart that is started with this."""
    payload = await api.do(name, input, "cartToken")
    token: str = payload["cartToken"]
    return token


async def test_the_token_of_a_cart_leads_to_it(world: World, api: Client) -> None:
    variant, other = await new_variant(world), await new_variant(world)
    with capture_logs() as logged:
        token = await started(api, adding(variant, 2))
        assert len(token) == 43
        added = adding(other, cartToken=token)
        for _ in range(2):
            assert await api.do("addToCart", added, "cartToken") == {
                "cartToken": None,
                "errors": [],
            }
        await api.do("setCartLine", setting(variant, 3, cartToken=token))
    assert await quantities(api, token) == {gid(variant): 3, gid(other): 1}
    assert token not in str(logged)
    (row,) = await carts(world)
    assert (row.user_id, row.token_hash) == (None, hash_secret(token))


async def test_another_token_does_not(world: World, api: Client) -> None:
    """An unknown token is that of a cart that has ended, so a line starts a new one."""
    variant = await new_variant(world)
    token = await started(api, setting(variant, 1), "setCartLine")
    for other in (None, "", token[:-1], token + "a", "a" * 1_000, "é" * 43):
        assert await read(api, other) is None
        await api.do("setCartLine", setting(variant, 0, cartToken=other))
        await api.do("clearCart", {"cartToken": other})
        assert (await api.do("acceptCartPrices", {"cartToken": other}))["errors"] == []
    assert await quantities(api, token) == {gid(variant): 1}
    second = await started(api, adding(variant, cartToken="a" * 43))
    assert second not in (None, token)
    assert len(await carts(world)) == 2


async def test_a_user_has_their_own_cart_whatever_the_token(world: World, api: Client) -> None:
    client, variant = api.signed_in(await world.user()), await new_variant(world)
    token = await started(api, adding(variant, 2))
    assert await read(client, token) is None
    payload = await client.do("addToCart", adding(variant, cartToken=token), "cartToken")
    assert payload == {"cartToken": None, "errors": []}
    assert await quantities(client, token) == {gid(variant): 1}
    assert await quantities(api, token) == {gid(variant): 2}
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for row in await carts(world):
        assert (await api.ask(node, id=gid(row)))["node"] is None


async def test_an_anonymous_cart_is_merged_once(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    first, second, third = [await new_variant(world) for _ in range(3)]
    token = await started(api, adding(first, 5))
    await api.do("addToCart", adding(second, 1, cartToken=token))
    await world.cart(user, (first, 2), (second, 4))
    given = {"cartToken": token, "lines": [setting(third, 1), setting(first, 3)]}
    for _ in range(2):
        merged = await client.do("mergeCart", given, MERGED)
        assert (merged["cart"]["unitCount"], merged["notKept"]) == (10, [])
    assert await quantities(client) == {gid(first): 5, gid(second): 4, gid(third): 1}
    assert await read(api, token) is None
    assert sorted(one.state for one in await carts(world)) == [
        CartState.ABANDONED,
        CartState.ACTIVE,
    ]
    assert await api.mutation_failed("mergeCart", given) == ["UNAUTHENTICATED"]


async def test_the_price_that_was_seen_before_the_sign_in_is_kept(
    world: World, api: Client
) -> None:
    client, variant = api.signed_in(await world.user()), await new_variant(world)
    token = await started(api, adding(variant))
    variant.price = 12_000
    await world.save(variant)
    await client.do("mergeCart", {"lines": [], "cartToken": token})
    assert [one["code"] for one in (await read(client))["problems"]] == ["PRICE_CHANGED"]


async def test_what_cannot_be_merged_is_told(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    product = await world.product(await world.vendor(), variants=MAX_LINES)
    *most, extra = await world.variants(product)
    retired = await new_variant(world)
    retired.state, most[0].per_order_max = VariantState.RETIRED, 2
    last = await new_variant(world)
    await world.save(retired, most[0])
    await world.cart(user, *((variant, 1) for variant in most))
    lines = [setting(most[0], 5), setting(retired, 1), setting(extra, 2), setting(last, 7)]
    missing = {"variantId": unknown("Variant"), "quantity": 1}
    merged = await client.do("mergeCart", {"lines": [*lines, missing]}, MERGED)
    assert [tuple(one.values()) for one in merged["notKept"]] == [
        (gid(most[0]), 3, "PER_ORDER_MAX"),
        (gid(retired), 1, "NOT_SOLD"),
        (gid(last), 7, "CART_FULL"),
        (unknown("Variant"), 1, "NOT_SOLD"),
    ]
    assert (await quantities(client))[gid(most[0])] == 2
    too_many = {"lines": [missing] * (MAX_LINES + 1)}
    assert await client.refusal_codes("mergeCart", too_many) == ["INVALID_INPUT"]


async def test_carts_that_a_network_starts_are_limited(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = CartLimits.charge

    async def charge_few(self: CartLimits, address: str, allowance: Any) -> None:
        self._network = TokenBucket.of(2, minutes=60)
        await charge(self, "203.0.113.7", allowance)

    monkeypatch.setattr(CartLimits, "charge", charge_few)
    variant = await new_variant(world)
    tokens = [await started(api, adding(variant)) for _ in range(2)]
    assert await api.mutation_failed("addToCart", adding(variant)) == ["RATE_LIMITED"]
    assert await api.mutation_failed("setCartLine", setting(variant, 1)) == ["RATE_LIMITED"]
    assert await api.refusal_codes("addToCart", adding(variant, cartToken=tokens[0])) == []
    client = api.signed_in(await world.user())
    assert await client.refusal_codes("addToCart", adding(variant)) == []
    assert await api.failed(CART, token=None) == []
