"""The rules by which payments settle purchases, as `services.payments` calls them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.payments.payments import Payment
from models.purchases import Purchase
from services.packs.access import lock_period
from services.packs.outcomes import note_failed
from services.purchases.entries import publish_purchase
from services.purchases.giving import give
from services.purchases.notices import notify_paid
from services.purchases.postings import post_paid


class PlatformSales:
    """Top-ups and packs. Nothing of them can be sold out, so money that comes late counts."""

    async def settle_purchase(
        self, session: AsyncSession, purchase: Purchase, payment: Payment
    ) -> None:
        """Give what was bought, and post it from UNCLAIMED."""
        await post_paid(session, purchase)
        await give(session, purchase)
        await notify_paid(session, purchase)

    async def fail_purchase(
        self, session: AsyncSession, purchase: Purchase, payment: Payment
    ) -> None:
        """Leave it for another payment. That of a subscription is tried again by its plan."""
        found = await lock_period(session, purchase.id)
        if found is not None:
            await note_failed(session, found.subscription, found.period, purchase)
        self.publish(session, purchase)

    def publish(self, session: AsyncSession, purchase: Purchase) -> None:
        publish_purchase(session, purchase)
