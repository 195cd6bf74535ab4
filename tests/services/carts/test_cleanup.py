"""Carts are deleted some time after their last change, with their lines."""

from datetime import timedelta

from sqlmodel import func, select

from core.clock import now
from core.database import for_change
from models.carts import ANONYMOUS_CART_DAYS, CART_DAYS, Cart, CartLine, CartState
from services.carts.cleanup import CLEANUP
from tests.factories.world import World
from tests.resolvers.carts.asking import new_variant


async def aged(world: World, cart: Cart, days: int, **values: object) -> Cart:
    cart.updated_at = now() - timedelta(days=days)
    for name, value in values.items():
        setattr(cart, name, value)
    await world.save(cart)
    return cart


async def test_old_carts_are_deleted_and_others_kept(world: World) -> None:
    variant = await new_variant(world)
    user, other, buyer = [await world.user() for _ in range(3)]
    old = [
        await aged(world, await world.cart(user, (variant, 1)), CART_DAYS + 1),
        await aged(world, await world.cart("a", (variant, 1)), ANONYMOUS_CART_DAYS + 1),
        await aged(world, await world.cart("b"), 31, state=CartState.ABANDONED),
    ]
    kept = [
        await aged(world, await world.cart(other, (variant, 1)), CART_DAYS - 1),
        await aged(world, await world.cart("c", (variant, 1)), ANONYMOUS_CART_DAYS - 1),
        await aged(world, await world.cart(buyer, (variant, 1)), 999, state=CartState.ORDERED),
    ]
    for task in CLEANUP:
        async with world.database.session() as session, session.begin():
            assert not await task(session, 0)
    assert [await world.fresh(cart) for cart in old] == [None] * 3
    assert None not in [await world.fresh(cart) for cart in kept]
    async with world.database.session() as session:
        lines = (await session.exec(select(func.count()).select_from(CartLine))).one()
    assert lines == len(kept)


async def test_a_cart_that_is_in_use_is_not_waited_for(world: World) -> None:
    cart = await aged(world, await world.cart(await world.user()), CART_DAYS + 1)
    async with world.database.session() as using, using.begin():
        await using.exec(for_change(select(Cart).where(Cart.id == cart.id)))
        for task in CLEANUP:
            async with world.database.session() as session, session.begin():
                await task(session, 0)
    assert await world.fresh(cart) is not None
