"""Giving what was bought by a purchase that is PAID, and whose money is posted."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.purchases import Purchase, PurchaseKind
from services.packs.access import lock_period
from services.packs.granting import grant_pack
from services.packs.outcomes import note_paid
from services.purchases.entries import publish_purchase


async def give(session: AsyncSession, purchase: Purchase) -> None:
    """Give the quota of a pack. The money of a top-up is in the wallet by its posting."""
    if purchase.kind is PurchaseKind.PACK:
        found = await lock_period(session, purchase.id)
        grant = await grant_pack(session, purchase, found.period if found else None)
        if found is not None:
            await note_paid(session, found.subscription, found.period, grant)
    publish_purchase(session, purchase)
