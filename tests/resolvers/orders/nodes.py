"""An order of the customer, with a part of the owner's vendor."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "Order": {CUSTOMER, ADMIN},
    "SubOrder": {CUSTOMER, OWNER, ADMIN},
    "OrderLine": {CUSTOMER, OWNER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [scene.vendor])
    return {"Order": placed.order, "SubOrder": placed.suborders[0], "OrderLine": placed.lines[0]}
