"""Purchases that were made, with the payments that providers collect."""

from uuid import UUID

from dataloaders.purchases import visible_purchase
from engine.context import Info
from schema.purchases.types import Purchase
from services.purchases.paying import send_purchase_payment


async def found_purchase(info: Info, purchase_id: UUID) -> Purchase | None:
    """Return a purchase as it is now."""
    return Purchase.wrap_optional(await info.context.loaders[visible_purchase].load(purchase_id))


async def sent_purchase(info: Info, purchase_id: UUID) -> Purchase | None:
    """Have a provider collect the new payment of a purchase, and return the purchase.

    If the provider does not answer in time, what it asks for follows with `purchaseChanges`.
    """
    await send_purchase_payment(info.context.call_sender, purchase_id)
    return await found_purchase(info, purchase_id)
