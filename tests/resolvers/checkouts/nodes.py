"""A checkout, which only its user sees."""

from sqlmodel import SQLModel

from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"Checkout": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    (variant,) = await scene.world.variants(await scene.world.product(scene.vendor))
    cart = await scene.world.cart(scene.customer, (variant, 2))
    return {"Checkout": await scene.world.checkout(cart)}
