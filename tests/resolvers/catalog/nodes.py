"""A product that is a draft, and its variant."""

from sqlmodel import SQLModel

from models.catalog.products import ProductState
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"Product": {OWNER, ADMIN}, "Variant": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    product = await scene.world.product(scene.vendor, state=ProductState.DRAFT)
    (variant,) = await scene.world.variants(product)
    return {"Product": product, "Variant": variant}
