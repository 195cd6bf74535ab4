"""Carts."""

from core.security.random_secrets import hash_secret
from models.carts import Cart, CartLine
from models.catalog.variants import Variant
from models.identity.accounts import User
from tests.factories.base import RowStore


class CartRows(RowStore):
    """Creates carts."""

    async def cart(self, owner: User | str, *quantities: tuple[Variant, int]) -> Cart:
        """Return the cart of a user or of a token, whose prices were seen as they are."""
        if isinstance(owner, str):
            cart = Cart(token_hash=hash_secret(owner))
        else:
            cart = Cart(user_id=owner.id)
        lines = [
            CartLine(
                cart_id=cart.id,
                variant_id=variant.id,
                quantity=quantity,
                seen_price=variant.price,
            )
            for variant, quantity in quantities
        ]
        await self.save(cart, *lines)
        return cart
