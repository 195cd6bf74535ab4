"""Payments of the demo by card: one whose refund is stuck, and one that the bank disputes.

Their money is in the stand-in of the provider, whose page lets a dispute be won or lost. Without
a stand-in there are none: a provider would not know them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from demo.dataset import Dataset
from gateways.payments.gateway import (
    DisputeLine,
    DisputeStatus,
    MoneyStatus,
    ProviderDispute,
    ProviderRefund,
)
from models.payments.payments import Payment, PaymentProvider
from models.payments.refunds import RefundPart
from models.payments.ways import PaymentWay
from services.disputes.applying import apply_dispute
from services.refunds.outcomes import settle_refund_part

STRIPE = PaymentProvider.STRIPE
CARD = PaymentWay(provider=STRIPE)
DISPUTED, CLOSED = "pm_card_createDispute", "pm_card_refundFail"


class CardTerminal(Protocol):
    """Takes payments by test cards in the stand-in, before it runs."""

    def pay(self, payment_id: UUID, amount: int, currency: str, card: str, text: str) -> str:
        """Charge a card, and return the reference of the payment."""
        ...

    def refund(self, reference: str, amount: int, part_id: UUID) -> str:
        """Refund a payment, as its card does it, and return the reference of the refund."""
        ...

    def find_dispute(self, reference: str) -> tuple[str, str, str, int, float]:
        """Return the reference and the reason of a payment's dispute, its line of the books with
        the fee, and the deadline.
        """
        ...


async def follow_cards(session: AsyncSession, dataset: Dataset, terminal: CardTerminal) -> None:
    """Refund and dispute what was paid by card, as webhooks of the provider report it."""
    for payment, parts in _paid_by_card(dataset):
        reference = payment.reference or ""
        for part in parts:
            refund = terminal.refund(reference, part.amount, part.id)
            for status in (MoneyStatus.SUCCEEDED, MoneyStatus.FAILED):
                await settle_refund_part(session, part.id, _refund(payment, part, refund, status))
        if not parts:
            dispute = _dispute(payment, *terminal.find_dispute(reference))
            await apply_dispute(session, STRIPE, dispute)


def _paid_by_card(dataset: Dataset) -> Iterator[tuple[Payment, list[RefundPart]]]:
    for demo in dataset.orders:
        for payment in demo.rows.payments:
            if payment.provider is STRIPE:
                yield payment, [one.way for one in demo.refunds]


def _refund(
    payment: Payment, part: RefundPart, reference: str, status: MoneyStatus
) -> ProviderRefund:
    return ProviderRefund(
        reference=reference,
        refund_part_id=part.id,
        payment_reference=payment.reference or "",
        status=status,
        amount=part.amount,
        currency=payment.currency,
        error="expired_or_canceled_card" if status is MoneyStatus.FAILED else None,
    )


def _dispute(
    payment: Payment, reference: str, reason: str, line: str, fee: int, due_at: float
) -> ProviderDispute:
    return ProviderDispute(
        reference=reference,
        payment_reference=payment.reference or "",
        status=DisputeStatus.NEEDS_RESPONSE,
        amount=payment.amount,
        currency=payment.currency,
        reason=reason,
        due_at=datetime.fromtimestamp(due_at, UTC),
        bookings=[DisputeLine(line, -payment.amount, fee)],
    )
