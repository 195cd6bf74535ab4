"""An upload, which only its owner sees."""

from sqlmodel import SQLModel

from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"Upload": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"Upload": await scene.world.upload(scene.customer)}
