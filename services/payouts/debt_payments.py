"""The rules by which payments of debts are settled, as `services.payments` calls them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.payments import Payment
from models.purchases import Purchase
from services.ledger.posting import post_entries
from services.payouts.changes import publish_change
from services.purchases.entries import publish_purchase
from services.purchases.notices import notify_paid


class DebtPayments:
    """Payments of debts. Money that comes late counts: it is the vendor's, also if it owes less.

    What is more than the debt by then, such as after a sale, can be paid out.
    """

    async def ensure_still_wanted(self, session: AsyncSession, purchase: Purchase) -> None:
        """Refuse none."""

    async def settle_purchase(
        self, session: AsyncSession, purchase: Purchase, payment: Payment
    ) -> None:
        """Post the money into the vendor's balance, from UNCLAIMED."""
        unclaimed = Account(AccountKind.UNCLAIMED, purchase.currency)
        balance = unclaimed._replace(kind=AccountKind.V_AVAILABLE, owner_id=purchase.owner_id)
        leg = Leg(unclaimed, balance, purchase.total)
        await post_entries(session, Posting(PostingKind.REPAY, payment.id), [leg])
        await notify_paid(session, purchase)
        self.publish(session, purchase)

    async def fail_purchase(
        self, session: AsyncSession, purchase: Purchase, payment: Payment
    ) -> None:
        """Leave it for another payment."""
        self.publish(session, purchase)

    def publish(self, session: AsyncSession, purchase: Purchase) -> None:
        """Publish a change to the payer, and to the vendor with its balance."""
        publish_purchase(session, purchase)
        publish_change(session, purchase.owner_id)
