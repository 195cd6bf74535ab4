"""Purchases from the platform that were paid by a transfer, or wait for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from demo.dataset import Dataset
from demo.rng import SeededRandom
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.purchases import HOLD_TIME, Purchase, PurchaseKind, PurchaseState
from services.ledger.posting import post_entries
from services.purchases.postings import post_paid


@dataclass(frozen=True)
class DemoPurchase:
    """A purchase at a time. `reference` is that of the bank, if it was paid."""

    bought: datetime
    user_id: UUID
    owner_id: UUID
    kind: PurchaseKind
    currency: str
    net: int
    tax: int = 0
    ref_id: UUID | None = None
    reference: str | None = None


def add_purchase(rng: SeededRandom, dataset: Dataset, given: DemoPurchase) -> Purchase:
    """Add a purchase with its payment. Its postings follow when the rows are stored."""
    purchase = Purchase(
        id=rng.uuid7_at(given.bought),
        created_at=given.bought,
        user_id=given.user_id,
        owner_id=given.owner_id,
        kind=given.kind,
        ref_id=given.ref_id,
        currency=given.currency,
        net=given.net,
        tax=given.tax,
        total=given.net + given.tax,
        hold_until=given.bought + HOLD_TIME,
    )
    payment = Payment(
        id=rng.uuid7_at(given.bought),
        created_at=given.bought,
        purchase_id=purchase.id,
        provider=PaymentProvider.MANUAL,
        amount=purchase.total,
        currency=purchase.currency,
    )
    if given.reference:
        purchase.state, purchase.paid_at = PurchaseState.PAID, given.bought
        payment.status, payment.ended_at = PaymentStatus.SUCCEEDED, given.bought
        payment.captured, payment.reference = purchase.total, given.reference
    dataset.purchases.append(purchase)
    dataset.purchase_payments.append(payment)
    return purchase


async def post_purchases(session: AsyncSession, dataset: Dataset) -> None:
    """Post the money of what was paid, as recording a transfer does."""
    for payment, purchase in zip(dataset.purchase_payments, dataset.purchases, strict=True):
        if purchase.state is PurchaseState.PAID:
            bank, unclaimed = (
                Account(kind, purchase.currency)
                for kind in (AccountKind.BANK, AccountKind.UNCLAIMED)
            )
            received = [Leg(bank, unclaimed, payment.captured)]
            await post_entries(session, Posting(PostingKind.PAY, payment.id), received)
            await post_paid(session, purchase)
