"""An application, which its applicant and admins see."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {"VendorApplication": {CUSTOMER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    vendor = await scene.world.vendor(scene.customer)
    return {"VendorApplication": await scene.world.application(scene.customer, vendor)}
