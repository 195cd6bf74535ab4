"""A user's devices follow their cart."""

from typing import Any

from tests.factories.world import World
from tests.resolvers.carts.asking import adding, new_variant, setting
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($after: String) {
  cartChanges(after: $after) {
    cursor kind cart { unitCount vendorGroups { lines { quantity product { title } } } }
  }
}"""


async def follow(shop: Shop, user: Any, after: str) -> Any:
    return await shop._subscribe(
        tokens=[shop.token(user)], query=CHANGES, variables={"after": after}
    )


async def test_another_device_follows_the_cart_and_resumes(shop: Shop, world: World) -> None:
    user, stranger = await world.user(), await world.user()
    client, variant = shop.api.signed_in(user), await new_variant(world)
    await client.do("addToCart", adding(variant))
    cursors = [
        (await shop.api.signed_in(one).ask("{ cart { id } cartChangesAfter }"))["cartChangesAfter"]
        for one in (user, stranger)
    ]
    assert await shop.api.ask("{ cartChangesAfter }") == {"cartChangesAfter": None}
    subscriber, other = [
        await follow(shop, one, cursor)
        for one, cursor in zip((user, stranger), cursors, strict=True)
    ]
    await subscriber.connected()
    await client.do("setCartLine", setting(variant, 5))
    (change,) = await subscriber.received(1)
    (group,) = change["cart"]["vendorGroups"]
    assert (change["kind"], change["cart"]["unitCount"]) == ("CHANGED", 5)
    assert group["lines"][0]["quantity"] == 5
    await subscriber.stop()
    await client.do("clearCart", {})
    resumed = await follow(shop, user, change["cursor"])
    (cleared,) = await resumed.received(1)
    assert cleared["cart"] == {"unitCount": 0, "vendorGroups": []}
    assert other.changes == []


async def test_an_anonymous_caller_does_not_follow(shop: Shop) -> None:
    subscriber = await shop._subscribe(tokens=[], query=CHANGES, variables={})
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["UNAUTHENTICATED"], [])
