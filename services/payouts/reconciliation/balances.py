"""Compares the balances at providers with the ledger."""

from collections import Counter
from datetime import datetime

import structlog
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from gateways.payments.gateway import PaymentGateways
from models.ledger.accounts import Account, AccountKind, LedgerAccount
from models.payments.payments import PaymentProvider
from models.payouts.reconciliation import (
    OUR_KINDS,
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from services.ledger.balances import read_balance
from services.transaction import OpenTransaction

UNPOSTED = (DiscrepancyCause.NOT_POSTED, DiscrepancyCause.POSTED_ONCE)

log = structlog.get_logger(__name__)


async def compare_balances(transaction: OpenTransaction, gateways: PaymentGateways) -> None:
    """Compare the balances of all providers with PROVIDER, by currency.

    The ledger has one account for all providers. A currency that no provider has any more counts as
    zero. Lines that are known and not posted are no difference of their own.
    """
    has: Counter[str] = Counter()
    first: dict[str, PaymentProvider] = {}
    for provider, gateway in gateways.items():
        for currency, balance in (await gateway.balances()).items():
            has[currency] += balance.available + balance.pending
            first.setdefault(currency, provider)
    async with transaction() as session:
        rows = select(LedgerAccount.currency).where(LedgerAccount.kind == AccountKind.PROVIDER)
        known = (await session.exec(rows)).all()
    for currency in sorted({*has, *known}) if gateways else ():
        provider = first.get(currency, next(iter(gateways)))
        async with transaction() as session:
            await _compare(session, provider, currency, has[currency])


async def _compare(
    session: AsyncSession, provider: PaymentProvider, currency: str, amount: int
) -> None:
    ours = -await read_balance(session, Account(AccountKind.PROVIDER, currency))
    difference = amount - ours - await _sum_unposted(session, currency)
    known = await _find_known(session, currency)
    if known is not None and known.state is MatchState.RESOLVED:
        if known.amount == difference:
            return  # a person has explained it
        known = None
    if not difference:
        if known is not None:
            known.match(f"balance:{known.id}")
        return
    if known is None:
        session.add(_discrepancy(provider, currency, difference, now()))
        log.warning("reconciliation.balance_differs", currency=currency, difference=difference)
    else:
        known.amount = known.net = difference


async def _sum_unposted(session: AsyncSession, currency: str) -> int:
    """Return the sum of lines whose money the ledger does not have."""
    counted = select(func.coalesce(func.sum(ProviderTransaction.net), 0)).where(
        ProviderTransaction.currency == currency,
        col(ProviderTransaction.kind).not_in(OUR_KINDS),
        or_(
            ProviderTransaction.state == MatchState.NEW,
            and_(
                col(ProviderTransaction.state) == MatchState.DISCREPANT,
                col(ProviderTransaction.cause).in_(UNPOSTED),
            ),
        ),
    )
    return int((await session.exec(counted)).one())


async def _find_known(session: AsyncSession, currency: str) -> ProviderTransaction | None:
    """Return the last difference of a balance, unless it is over."""
    rows = (
        select(ProviderTransaction)
        .where(
            ProviderTransaction.kind == TransactionKind.BALANCE,
            ProviderTransaction.currency == currency,
            col(ProviderTransaction.state).in_([MatchState.DISCREPANT, MatchState.RESOLVED]),
        )
        .order_by(col(ProviderTransaction.happened_at).desc())
        .limit(1)
    )
    return (await session.exec(for_change(rows))).first()


def _discrepancy(
    provider: PaymentProvider, currency: str, difference: int, moment: datetime
) -> ProviderTransaction:
    return ProviderTransaction(
        provider=provider,
        external_id=f"balance:{currency}:{moment.isoformat()}",
        kind=TransactionKind.BALANCE,
        amount=difference,
        net=difference,
        currency=currency,
        happened_at=moment,
        state=MatchState.DISCREPANT,
        cause=DiscrepancyCause.BALANCE_DIFFERS,
    )
