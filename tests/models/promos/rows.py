"""A promo code, used by an order."""

from models.orders.lines import OrderDiscount, OrderLine
from models.orders.orders import Order, SubOrder
from models.pricing.discounts import FundedBy
from models.promos.codes import PromoUse
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    code = await world.promo_code(till.vendor, used=1, capacity=5)
    order = await world.first(Order)
    use = PromoUse(
        order_id=order.id, promo_code_id=code.id, user_id=till.customer.id, turn=1, amount=5_00
    )
    part, line = await world.first(SubOrder), await world.first(OrderLine)
    discount = OrderDiscount(
        suborder_id=part.id,
        line_id=line.id,
        promo_code_id=code.id,
        funded_by=FundedBy.VENDOR,
        amount=5_00,
    )
    await world.save(use, discount)
