"""A top-up of a customer's wallet."""

from sqlmodel import SQLModel

from core.clock import now
from models.purchases import Purchase, PurchaseKind
from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {"Purchase": {CUSTOMER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    purchase = Purchase(
        user_id=scene.customer.id,
        owner_id=scene.customer.id,
        kind=PurchaseKind.TOP_UP,
        currency="INR",
        net=100_00,
        total=100_00,
        hold_until=now(),
    )
    await scene.world.save(purchase)
    return {"Purchase": purchase}
