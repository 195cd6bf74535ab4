"""Imports lines of the books of providers, each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, func, or_, select

from core.clock import now
from core.ids import new_id
from gateways.payments.gateway import BalanceTransaction as Line
from gateways.payments.gateway import PaymentGateway
from models.payments.payments import PaymentProvider
from models.payouts.reconciliation import (
    MAX_EXTERNAL_ID,
    OUR_KINDS,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from services.transaction import OpenTransaction

BATCH_SIZE = 200
OVERLAP = timedelta(days=3)  # lines can appear in the books later than their time
FIRST_DAYS = 90


async def import_lines(
    transaction: OpenTransaction, provider: PaymentProvider, gateway: PaymentGateway
) -> int:
    """Import the lines since the last ones. Returns the number of those that are new."""
    imported, batch = 0, []
    async for line in gateway.transactions(since=await _find_start(transaction, provider)):
        batch.append(line)
        if len(batch) == BATCH_SIZE:
            imported += await _insert(transaction, provider, batch)
            batch = []
    return imported + await _insert(transaction, provider, batch)


async def _find_start(transaction: OpenTransaction, provider: PaymentProvider) -> datetime:
    newest = select(func.max(ProviderTransaction.happened_at)).where(
        ProviderTransaction.provider == provider,
        col(ProviderTransaction.kind).not_in(OUR_KINDS),
    )
    async with transaction() as session:
        found: datetime | None = (await session.exec(newest)).one()
    return found - OVERLAP if found else now() - timedelta(days=FIRST_DAYS)


async def _insert(
    transaction: OpenTransaction, provider: PaymentProvider, lines: Sequence[Line]
) -> int:
    """Insert a batch. Returns the number of those that are new.

    A line that is known and not matched yet follows its provider: the fee of a transfer that has
    failed is no fee any more.
    """
    if not lines:
        return 0
    values = [
        {
            "id": new_id(),
            "created_at": now(),
            "provider": provider,
            "external_id": line.reference[:MAX_EXTERNAL_ID],
            "kind": _kind_of(line.kind),
            "amount": line.amount,
            "fee": line.fee,
            "net": line.net,
            "currency": line.currency,
            "source": line.source[:MAX_EXTERNAL_ID],
            "happened_at": line.created_at,
            "available_at": line.available_at,
            "state": MatchState.NEW,
        }
        for line in lines
    ]
    rows = insert(ProviderTransaction).values(values)
    given = rows.excluded
    rows = rows.on_conflict_do_update(
        index_elements=["provider", "external_id"],
        set_={"amount": given.amount, "fee": given.fee, "net": given.net},
        where=and_(
            col(ProviderTransaction.state).in_([MatchState.NEW, MatchState.DISCREPANT]),
            or_(
                col(ProviderTransaction.amount) != given.amount,
                col(ProviderTransaction.fee) != given.fee,
            ),
        ),
    )
    async with transaction() as session:
        added = await session.execute(rows.returning(col(ProviderTransaction.id)))
        return len({one.id for one in added.all()} & {one["id"] for one in values})


def _kind_of(name: str) -> TransactionKind:
    known = TransactionKind.__members__.get(name)
    return known if known and not known.is_ours else TransactionKind.OTHER
