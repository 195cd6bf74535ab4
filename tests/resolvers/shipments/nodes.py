"""A shipment of the owner's vendor to the customer."""

from sqlmodel import SQLModel

from models.shipments import Shipment
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {"Shipment": {CUSTOMER, OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [scene.vendor])
    part = placed.suborders[0]
    shipment = Shipment(suborder_id=part.id, vendor_id=part.vendor_id, position=0)
    await scene.world.save(shipment)
    return {"Shipment": shipment}
