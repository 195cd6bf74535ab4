"""Answers of providers about payouts that have other money than ours."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from gateways.payments.gateway import ProviderPayout
from models.payments.payments import PaymentProvider
from models.payouts.payouts import Payout
from models.payouts.reconciliation import (
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)


def find_difference(payout: Payout, found: ProviderPayout) -> DiscrepancyCause | None:
    """Return how the provider's payout differs from ours, None if it does not."""
    if found.currency != payout.currency:
        return DiscrepancyCause.CURRENCY_DIFFERS
    return DiscrepancyCause.AMOUNT_DIFFERS if found.amount != payout.amount else None


async def note_difference(
    session: AsyncSession,
    provider: PaymentProvider,
    payout: Payout,
    found: ProviderPayout,
    cause: DiscrepancyCause,
) -> bool:
    """Store an answer as a discrepancy, once. Returns whether an admin has explained it."""
    name = f"answer:{payout.id}:{found.amount}:{found.currency}"
    values = {
        "id": new_id(),
        "created_at": now(),
        "provider": provider,
        "external_id": name,
        "kind": TransactionKind.ANSWER,
        "amount": -found.amount,
        "fee": 0,
        "net": -found.amount,
        "currency": found.currency,
        "source": found.reference,
        "happened_at": now(),
        "state": MatchState.DISCREPANT,
        "cause": cause,
    }
    await session.execute(insert(ProviderTransaction).values(values).on_conflict_do_nothing())
    rows = select(ProviderTransaction.state).where(
        ProviderTransaction.provider == provider, ProviderTransaction.external_id == name
    )
    return (await session.exec(rows)).one() is MatchState.RESOLVED
