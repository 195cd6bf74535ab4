"""A cart with a line."""

from sqlmodel import select

from models.carts import Cart, CartLine
from models.catalog.variants import Variant
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.product(till.vendor)
    rows = select(Variant).where(Variant.vendor_id == till.vendor.id)
    async with world.database.session() as session:
        variant = (await session.exec(rows)).first()
    assert variant
    cart = Cart(user_id=till.customer.id)
    line = CartLine(cart_id=cart.id, variant_id=variant.id, quantity=2, seen_price=variant.price)
    await world.save(cart, line)
