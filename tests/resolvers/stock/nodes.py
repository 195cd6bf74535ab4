"""Stock and a movement of it, which the vendor's members see."""

from sqlmodel import SQLModel, select

from models.stock.levels import StockMovement
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"StockLevel": {OWNER, ADMIN}, "StockMovement": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    (variant,) = await scene.world.variants(await scene.world.product(scene.vendor))
    rows = select(StockMovement).where(StockMovement.variant_id == variant.id)
    async with scene.world.database.session() as session:
        movement = (await session.exec(rows)).one()
    return {"StockLevel": await scene.world.stock(variant), "StockMovement": movement}
