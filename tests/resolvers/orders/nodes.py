"""An order of the customer, with a part of the owner's vendor."""

from sqlmodel import SQLModel

from models.orders.returns import ReturnRequest
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "Order": {CUSTOMER, ADMIN},
    "SubOrder": {CUSTOMER, OWNER, ADMIN},
    "OrderLine": {CUSTOMER, OWNER, ADMIN},
    "ReturnRequest": {CUSTOMER, OWNER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [scene.vendor])
    part = placed.suborders[0]
    returned = ReturnRequest(suborder_id=part.id, buyer_id=scene.customer.id, reason="Too small")
    await scene.world.save(returned)
    return {
        "Order": placed.order,
        "SubOrder": part,
        "OrderLine": placed.lines[0],
        "ReturnRequest": returned,
    }
