"""Requests that add units, start a cart or merge carts at once, at one and at two processes."""

from itertools import cycle
from typing import Any

import pytest
from sqlmodel import col, func, select

from models.carts import MAX_LINES, Cart, CartLine, CartState
from models.catalog.variants import Variant
from models.identity.accounts import User
from services.carts import access, lines
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.resolvers.carts.asking import adding, new_variant, quantities, setting

REQUESTS = 60


async def add_at_once(
    clients: list[Client], user: User, variant: Variant, requests: int = REQUESTS
) -> tuple[int, Any]:
    """Add a unit with each request, and return the units afterwards."""
    calls = (
        client.signed_in(user).do("addToCart", adding(variant))
        for client, _ in zip(cycle(clients), range(requests), strict=False)
    )
    answers = tally(await at_once(calls, most=16))
    return (await quantities(clients[0].signed_in(user))).get(gid(variant), 0), answers


async def test_units_of_all_requests_add_up(world: World, clients: list[Client]) -> None:
    """The cart does not exist before: one of the requests creates it."""
    user = await world.user()
    units, answers = await add_at_once(clients, user, await new_variant(world))
    assert (units, answers) == (REQUESTS, {"OK": REQUESTS})
    async with world.database.session() as session:
        carts = select(func.count()).where(Cart.user_id == user.id)
        assert (await session.exec(carts)).one() == 1


async def test_units_are_lost_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, variant = await world.user(), await new_variant(world)
    await world.cart(user, (variant, 1))

    async def find_own(session: Any, user_id: Any) -> Cart:
        rows = select(Cart).where(Cart.user_id == user_id, Cart.state == CartState.ACTIVE)
        cart: Cart = (await session.exec(rows)).one()
        return cart

    monkeypatch.setattr(access, "_open_own", find_own)
    monkeypatch.setattr(lines, "_find_line", Meeting().after(lines._find_line))
    assert await add_at_once([api], user, variant, requests=2) == (2, {"OK": 2})


async def test_a_cart_never_has_more_than_its_most_lines(
    world: World, clients: list[Client]
) -> None:
    user = await world.user()
    product = await world.product(await world.vendor(), variants=MAX_LINES)
    variants = await world.variants(product)
    others = [await new_variant(world) for _ in range(10)]
    await world.cart(user, *((variant, 1) for variant in variants[:-5]))
    calls = (
        client.signed_in(user).do("setCartLine", setting(variant, 1))
        for client, variant in zip(cycle(clients), others, strict=False)
    )
    assert tally(await at_once(calls, most=10)) == {"OK": 5, "CART_FULL": 5}


async def test_a_cart_is_merged_by_one_of_two_users(world: World, clients: list[Client]) -> None:
    """Two devices sign in with one token, as two users, several times each."""
    users = [await world.user(), await world.user()]
    variant = await new_variant(world)
    cart = await world.cart("a" * 43, (variant, 3))
    given = {"lines": [], "cartToken": "a" * 43}
    calls = (
        client.signed_in(user).do("mergeCart", given)
        for client, user, _ in zip(cycle(clients), cycle(users), range(8), strict=False)
    )
    assert tally(await at_once(calls, most=8)) == {"OK": 8}
    found = [await quantities(clients[0].signed_in(user)) for user in users]
    assert sorted(found, key=len) == [{}, {gid(variant): 3}]
    async with world.database.session() as session:
        left = select(func.count()).where(col(CartLine.cart_id) == cart.id)
        assert (await session.exec(left)).one() == 0
