"""An offer that is a draft, and a city, which is suggested."""

from sqlmodel import SQLModel

from models.offers.listings import City
from tests.resolvers.scene import ADMIN, ANYONE, OWNER, Scene

SEEN_BY = {"Offer": {OWNER, ADMIN}, "City": {*ANYONE}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    await scene.world.suggest_names()
    return {"Offer": scene.offer, "City": await scene.world.first(City)}
