"""A payment, which the buyer and admins see."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {"Payment": {CUSTOMER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [await scene.world.vendor()])
    return {"Payment": placed.payments[0]}
