"""The rules by which payments settle purchases, as `services.payments` calls them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.packs.subscriptions import PackPastDue, PeriodKind
from models.payments.payments import Payment
from models.purchases import Purchase, PurchaseKind
from services.packs.access import lock_period
from services.packs.outcomes import note_failed
from services.purchases.entries import publish_purchase
from services.purchases.giving import give
from services.purchases.notices import notify_paid
from services.purchases.postings import post_paid
from services.purchases.room import ensure_still_room


class PlatformSales:
    """Top-ups and packs. Nothing of them can be sold out, so money that comes late counts.

    It goes back if the wallet has no room for it any more, or if it was for an upgrade: its price
    is less by the value of days and units that are used since.
    """

    async def ensure_still_wanted(self, session: AsyncSession, purchase: Purchase) -> None:
        """Raise `WalletFull`, or `PackPastDue` for an upgrade."""
        if purchase.kind is PurchaseKind.TOP_UP:
            await ensure_still_room(session, purchase)
        found = await lock_period(session, purchase.id)
        if found is not None and found.period.kind is PeriodKind.UPGRADE:
            raise PackPastDue

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
