"""Checkouts."""

from typing import Any

from core.clock import now
from core.ids import new_id
from models.addresses import PostalAddress, SavedAddressDraft
from models.carts import Cart
from models.checkouts import CHECKOUT_TIME, Checkout
from models.promos.codes import PromoCode
from models.shipping.zones import ShippingRate
from tests.factories.addresses import BENGALURU
from tests.factories.base import RowStore


class CheckoutRows(RowStore):
    """Creates checkouts."""

    async def checkout(
        self,
        cart: Cart,
        *,
        address: dict[str, Any] | None = BENGALURU,
        rates: tuple[ShippingRate, ...] = (),
        codes: tuple[PromoCode, ...] = (),
        **values: Any,
    ) -> Checkout:
        """Return a checkout of a cart in INR, to Bengaluru, with deliveries and codes chosen."""
        checkout = Checkout(
            **{
                "id": new_id(),
                "cart_id": cart.id,
                "user_id": cart.user_id,
                "currency": "INR",
                "deliveries": {str(rate.vendor_id): str(rate.id) for rate in rates},
                "promo_code_ids": [code.id for code in codes],
                "expires_at": now() + CHECKOUT_TIME,
            }
            | values
        )
        if address is not None:
            checkout.country = address["country"]
            ship_to = postal(address).encode()
            checkout.ship_to = self.sealer.seal("checkout.ship_to", checkout.id, ship_to)
        await self.save(checkout)
        return checkout


def postal(values: dict[str, Any]) -> PostalAddress:
    draft = SavedAddressDraft(**values)
    return PostalAddress(draft.country, draft.details())
