"""A movement of an order's line, and an alert."""

from sqlalchemy.dialects.postgresql import Range

from core.ids import new_id
from models.catalog.variants import Variant
from models.stock.alerts import StockAlert
from models.stock.levels import MovementKind, StockMovement
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.product(till.vendor)
    variant = await world.first(Variant)
    sold = StockMovement(
        variant_id=variant.id,
        kind=MovementKind.SOLD,
        quantity=-2,
        on_hand=8,
        user_id=till.customer.id,
        line_id=new_id(),
        units=Range(0, 2),
    )
    await world.save(sold, StockAlert(user_id=till.customer.id, variant_id=variant.id))
