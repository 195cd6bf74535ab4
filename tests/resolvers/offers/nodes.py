"""An offer that is a draft, and a city."""

from sqlmodel import SQLModel

from models.offers.listings import City
from tests.resolvers.scene import ADMIN, ANYONE, OWNER, Scene

SEEN_BY = {"Offer": {OWNER, ADMIN}, "City": {*ANYONE}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"Offer": scene.offer, "City": await scene.world.first(City)}
