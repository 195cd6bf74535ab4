"""Requests about checkouts."""

from dataclasses import dataclass
from typing import Any

from models.carts import Cart
from models.catalog.variants import Variant
from models.identity.accounts import User
from models.shipping.zones import ShippingRate
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.world import World

FIELDS = """
    id state currency expiresAt
    shipTo { country recipient city postalCode formatted } billTo { city } buyerTaxId
    groups {
        vendor { id name }
        isDelivered
        lines {
            kind title sku quantity
            unitPrice { amountMinor } goods { amountMinor } discount { amountMinor }
            tax { amountMinor } total { amountMinor }
            options { name value } variant { id } product { id title }
        }
        deliveries { rate { id name minDays maxDays } price { amountMinor } }
        chosen { rate { id } price { amountMinor } }
        totals {
            total { amountMinor }
            taxes { component rateBps base { amountMinor } tax { amountMinor } }
        }
    }
    totals {
        goods { amountMinor } discount { amountMinor } shipping { amountMinor }
        taxAdded { amountMinor } taxIncluded { amountMinor } rounding { amountMinor }
        total { amountMinor currency }
        taxes { component rateBps tax { amountMinor } }
    }
    fromWallet { amountMinor } toPay { amountMinor }
    codes { promoCodeId codeText discount { amountMinor } }
    problems { code message available most variantId vendorId promoCodeId }
"""
CHECKOUT = f"query ($id: ID!) {{ checkout(id: $id) {{ {FIELDS} }} }}"
INDIAN: dict[str, Any] = {
    "country": "IN",
    "recipient": "Asha Rao",
    "streetLines": ["12 MG Road"],
    "city": "Bengaluru",
    "subdivision": "Karnataka",
    "postalCode": "560 001",
}


@dataclass(frozen=True)
class DeliveringShop:
    """A vendor that delivers in India for 49.00, and a variant for 100.00."""

    vendor: Vendor
    variant: Variant
    rate: ShippingRate

    @classmethod
    async def make(cls, world: World, **values: Any) -> "DeliveringShop":
        vendor = await world.vendor()
        (variant,) = await world.variants(await world.product(vendor, **values))
        rate = await world.shipping_rate(await world.shipping_zone(vendor))
        return cls(vendor, variant, rate)


@dataclass(frozen=True)
class Buying:
    """A buyer with two units in the cart, and their shop."""

    buyer: User
    client: Client
    cart: Cart
    shop: DeliveringShop

    @classmethod
    async def make(cls, world: World, api: Client) -> "Buying":
        buyer, shop = await world.user(), await DeliveringShop.make(world)
        cart = await world.cart(buyer, (shop.variant, 2))
        return cls(buyer, api.signed_in(buyer), cart, shop)

    async def start(self, **more: Any) -> str:
        """Create a checkout, and return its id."""
        made = await self.client.do("createCheckout", creating(self.cart, **more), CREATED)
        return str(made["checkout"]["id"])

    async def read(self, id: str) -> Any:
        return (await self.client.ask(CHECKOUT, id=id))["checkout"]


CREATED = "checkout { id }"


def creating(cart: Cart | None, **more: Any) -> dict[str, Any]:
    return {"cartId": gid(cart) if cart else None, "currency": "INR"} | more


def codes(checkout: Any) -> list[str]:
    return [problem["code"] for problem in checkout["problems"]]
