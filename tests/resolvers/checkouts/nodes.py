"""A checkout, which only its user sees."""

from sqlmodel import SQLModel

from models.carts import Cart
from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"Checkout": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    """Return a checkout of an ended cart: the active one is that of the carts' scene."""
    return {"Checkout": await scene.world.checkout(Cart(user_id=scene.customer.id))}
