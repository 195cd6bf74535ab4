"""A cart with a line."""

from models.carts import Cart, CartLine
from models.catalog.variants import Variant
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.product(till.vendor)
    variant = await world.first(Variant)
    cart = Cart(user_id=till.customer.id)
    line = CartLine(cart_id=cart.id, variant_id=variant.id, quantity=2, seen_price=variant.price)
    await world.save(cart, line)
