"""A promo code, used once."""

from core.ids import new_id
from models.promos.codes import PromoUse
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    code = await world.promo_code(till.vendor, used=1, capacity=5)
    use = PromoUse(
        order_id=new_id(), promo_code_id=code.id, user_id=till.customer.id, turn=1, amount=5_00
    )
    await world.save(use)
