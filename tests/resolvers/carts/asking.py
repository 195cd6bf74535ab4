"""Requests about carts."""

from typing import Any

from core.ids import new_id
from models.catalog.variants import Variant
from tests.client import Client, gid
from tests.factories.world import World

CART = """
query ($token: String) {
    cart(cartToken: $token) {
        id version lineCount unitCount
        subtotals { amountMinor currency }
        problems { code variantId available most message }
        vendorGroups {
            vendor { id }
            subtotal { amountMinor }
            lines {
                quantity title variantId
                unitPrice { amountMinor } seenPrice { amountMinor } total { amountMinor }
                variant { id sku orderable }
                product { id title inStock vendor { name } }
                problems { code }
            }
        }
    }
}
"""


async def new_variant(world: World, **values: Any) -> Variant:
    """Return the variant of a product of a new vendor."""
    (variant,) = await world.variants(await world.product(await world.vendor(), **values))
    return variant


def adding(variant: Variant, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """Return the input of `addToCart`, with a new key."""
    given = {"variantId": gid(variant), "quantity": quantity, "idempotencyKey": str(new_id())}
    return given | more


def setting(variant: Variant, quantity: int, **more: Any) -> dict[str, Any]:
    return {"variantId": gid(variant), "quantity": quantity} | more


async def read(client: Client, token: str | None = None) -> Any:
    return (await client.ask(CART, token=token))["cart"]


async def quantities(client: Client, token: str | None = None) -> dict[str, int]:
    """Return the units of a cart by the ids of their variants."""
    cart = await read(client, token)
    groups = cart["vendorGroups"] if cart else []
    return {line["variantId"]: line["quantity"] for group in groups for line in group["lines"]}
