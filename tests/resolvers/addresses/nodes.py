"""A saved address, which only its user sees."""

from sqlmodel import SQLModel

from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"SavedAddress": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"SavedAddress": await scene.world.address(scene.customer)}
