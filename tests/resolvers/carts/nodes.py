"""A cart, which only its user sees."""

from sqlmodel import SQLModel

from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"Cart": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    (variant,) = await scene.world.variants(await scene.world.product(scene.vendor))
    return {"Cart": await scene.world.cart(scene.customer, (variant, 2))}
