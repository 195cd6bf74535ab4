"""A promo code of a vendor."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"PromoCode": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"PromoCode": await scene.world.promo_code(scene.vendor)}
