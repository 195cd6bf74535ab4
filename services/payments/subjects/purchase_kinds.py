"""Kinds of purchases: what the domain of each does, so that payments know none of them."""

from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from models.payments.payments import Payment
from models.purchases import Purchase


class PurchaseRules(Protocol):
    """The rules of a kind of purchase. The purchase and its payments are locked."""

    async def ensure_still_wanted(self, session: AsyncSession, purchase: Purchase) -> None:
        """Raise a refusal for an EXPIRED purchase that cannot be had any more: its money goes back.

        Nothing has changed yet.
        """
        ...

    async def settle_purchase(
        self, session: AsyncSession, purchase: Purchase, payment: Payment
    ) -> None:
        """Give what was bought, and post it from UNCLAIMED.

        The purchase is PAID, also if it had expired before. A refusal sends the money back, and
        nothing of this transaction stays.
        """
        ...

    async def fail_purchase(
        self, session: AsyncSession, purchase: Purchase, payment: Payment
    ) -> None:
        """Follow a payment that was cancelled or failed; no other one is live.

        The purchase is PENDING. It can be left so until `hold_until`, for another payment.
        """
        ...

    def publish(self, session: AsyncSession, purchase: Purchase) -> None:
        """Publish a change of the purchase or its payments to its owner."""
        ...
