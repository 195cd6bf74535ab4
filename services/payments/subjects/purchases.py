"""Payments of purchases from the platform, by the rules of what is bought."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.errors import NotFound
from models.payments.payments import CancelReason, Payment, PaymentStatus
from models.payments.refunds import RefundReason
from models.purchases import Purchase, PurchaseState
from services import jobs
from services.payments.returning import post_received
from services.payments.subjects.purchase_rules import RULES
from services.purchases.access import lock_purchase


class PurchaseSubject:
    """A purchase, as what payments are for."""

    def __init__(self, purchase_id: UUID) -> None:
        self._purchase_id = purchase_id
        self.purchase: Purchase
        self._payments: Sequence[Payment] = ()

    @property
    def user_id(self) -> UUID:
        return self.purchase.user_id

    @property
    def payments(self) -> Sequence[Payment]:
        return self._payments

    async def load(self, session: AsyncSession) -> None:
        locked = await lock_purchase(session, self._purchase_id)
        if locked is None:
            raise NotFound
        self.purchase, self._payments = locked.purchase, locked.payments

    def find_obstacle(self, payment: Payment) -> RefundReason | None:
        state = self.purchase.state
        if state in {PurchaseState.PAID, PurchaseState.REFUNDED}:
            return RefundReason.PAID_TWICE
        return RefundReason.LATE_PAYMENT if state is PurchaseState.CANCELLED else None

    async def confirm(self, session: AsyncSession, payment: Payment) -> None:
        """Give what was bought, whose rules post its money from UNCLAIMED.

        Raises a refusal for one that has expired and cannot be had any more.
        """
        purchase = self.purchase
        if purchase.state is PurchaseState.EXPIRED:
            await RULES[purchase.kind].ensure_still_wanted(session, purchase)
        payment.receive(payment.amount, payment.currency)
        purchase.state, purchase.paid_at = PurchaseState.PAID, now()
        await session.flush()
        await post_received(session, payment)
        await RULES[purchase.kind].settle_purchase(session, purchase, payment)

    async def payment_ended(self, session: AsyncSession, payment: Payment) -> None:
        """Follow the end of the last payment, unless its buyer pays in another way now."""
        purchase = self.purchase
        is_replaced = payment.cancel_reason is CancelReason.REPLACED
        if is_replaced or purchase.state is not PurchaseState.PENDING:
            return
        if any(one.status.is_live for one in self.payments):
            return
        if payment.status is PaymentStatus.FAILED:
            await jobs.defer(session, "announce_failed_payment", payment_id=payment.id)
        await RULES[purchase.kind].fail_purchase(session, purchase, payment)

    def publish(self, session: AsyncSession) -> None:
        RULES[self.purchase.kind].publish(session, self.purchase)
