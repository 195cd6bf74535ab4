"""A delivery zone and a rate of a vendor, who see them that see the vendor."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"ShippingZone": {OWNER, ADMIN}, "ShippingRate": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    zone = await scene.world.shipping_zone(scene.vendor)
    return {"ShippingZone": zone, "ShippingRate": await scene.world.shipping_rate(zone)}
