"""A checkout of the cart."""

from core.clock import now
from models.carts import Cart
from models.checkouts import Checkout
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    cart = await world.first(Cart)
    checkout = Checkout(
        cart_id=cart.id, user_id=till.customer.id, currency=till.vendor.currency, expires_at=now()
    )
    await world.save(checkout)
