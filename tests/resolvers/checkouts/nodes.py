"""A checkout, which only its user sees."""

from sqlmodel import SQLModel

from models.carts import Cart
from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"Checkout": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    """A user has one active cart, which is that of the cart's scene: this one has ended."""
    return {"Checkout": await scene.world.checkout(Cart(user_id=scene.customer.id))}
