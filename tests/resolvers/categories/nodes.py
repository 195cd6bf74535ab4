"""A category, which everybody sees."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ANYONE, Scene

SEEN_BY = {"Category": ANYONE}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"Category": await scene.world.category()}
