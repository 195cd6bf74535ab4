"""An offer that is a draft."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"Offer": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"Offer": scene.offer}
