"""Matches lines of providers with postings: each line with one, by its id and amount.

A line that has no posting after a day, or one of another amount, is a discrepancy. Fees are posted
from the lines, which alone know them. What was taken and given back before the ledger had it, such
as a payout that failed on its way, is two lines that cancel each other.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import FIRST_ID
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payouts.reconciliation import (
    OUR_KINDS,
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from services.ledger.posting import find_legs, post_entries
from services.payouts.reconciliation.subjects import find_posting, is_underway
from services.transaction import OpenTransaction

BATCH_SIZE = 200
PATIENCE = timedelta(days=1)  # for postings that come later than the line
UNDERWAY = timedelta(days=10)  # for those of payouts, which come when the bank has paid
GIVE_UP = timedelta(days=60)  # after which a discrepancy is not looked at again by itself
PROVIDER = AccountKind.PROVIDER
UNMATCHED = (MatchState.NEW, MatchState.DISCREPANT)

log = structlog.get_logger(__name__)


async def match_lines(transaction: OpenTransaction) -> None:
    """Match all lines that are open, each in its own transaction."""
    last = FIRST_ID
    while True:
        rows = (
            select(ProviderTransaction.id)
            .where(
                col(ProviderTransaction.state).in_(UNMATCHED),
                col(ProviderTransaction.kind).not_in(OUR_KINDS),
                ProviderTransaction.happened_at > now() - GIVE_UP,
                ProviderTransaction.id > last,
            )
            .order_by(col(ProviderTransaction.id))
            .limit(BATCH_SIZE)
        )
        async with transaction() as session:
            ids = (await session.exec(rows)).all()
        for id in ids:
            async with transaction() as session:
                await match_line(session, id)
        if len(ids) < BATCH_SIZE:
            return
        last = ids[-1]


async def match_line(session: AsyncSession, id: UUID) -> None:
    """Match one line. A second call changes nothing."""
    rows = select(ProviderTransaction).where(ProviderTransaction.id == id)
    line = (await session.exec(for_change(rows))).one()
    if line.state not in UNMATCHED:
        return
    own = _own_posting(line)
    posting = own or await find_posting(session, line)
    cause = None if own else await _compare(session, line, posting)
    if cause is DiscrepancyCause.NOT_POSTED and await _cancel_out(session, line):
        return
    if cause is not None or posting is None:
        patience = UNDERWAY if await is_underway(session, line) else PATIENCE
        _differ(line, cause or DiscrepancyCause.NOT_POSTED, patience)
        return
    line.match(str(posting))
    await session.flush()
    if own:
        await post_entries(session, own, [_own_leg(line)])
    await _post_fee(session, line)


async def _cancel_out(session: AsyncSession, line: ProviderTransaction) -> bool:
    """Match a line with one of the same object that cancels it. Returns whether there is one."""
    rows = select(ProviderTransaction).where(
        ProviderTransaction.provider == line.provider,
        ProviderTransaction.source == line.source,
        ProviderTransaction.currency == line.currency,
        ProviderTransaction.kind == line.kind,
        ProviderTransaction.amount == -line.amount,
        ProviderTransaction.id != line.id,
        col(ProviderTransaction.state).in_(UNMATCHED),
    )
    other = (await session.exec(for_change(rows.limit(1)))).first() if line.source else None
    if other is None or not line.amount:
        return False
    for one in (line, other):
        one.match(None)
        await session.flush()
        await _post_fee(session, one)
    return True


def _differ(line: ProviderTransaction, cause: DiscrepancyCause, patience: timedelta) -> None:
    """Note a discrepancy. One that is not posted yet has some time."""
    if cause is DiscrepancyCause.NOT_POSTED and line.happened_at > now() - patience:
        return
    if line.cause is not cause:
        log.warning("reconciliation.discrepancy", line=line.external_id, cause=cause)
    line.differ(cause)


def _own_posting(line: ProviderTransaction) -> Posting | None:
    """Return the posting that a line makes itself: a fee, or money that goes to our bank."""
    if line.kind is TransactionKind.FEE and line.net:
        return Posting(PostingKind.FEE, line.id)
    if line.kind is TransactionKind.PAYOUT and line.amount:
        return Posting(PostingKind.SWEEP, line.id)
    return None


def _own_leg(line: ProviderTransaction) -> Leg:
    """Return what a line posts: it moves its amount out of PROVIDER, or back into it."""
    is_fee = line.kind is TransactionKind.FEE
    kind, amount = (
        (AccountKind.PROVIDER_FEES, line.net) if is_fee else (AccountKind.BANK, line.amount)
    )
    return _leg(line, kind, -amount)


def _leg(line: ProviderTransaction, kind: AccountKind, paid: int) -> Leg:
    """Return the leg by which an account of ours pays from PROVIDER, or gets back if negative."""
    provider, other = Account(AccountKind.PROVIDER, line.currency), Account(kind, line.currency)
    if paid > 0:
        return Leg(other, provider, paid, line.id)
    return Leg(provider, other, -paid, line.id)


async def _post_fee(session: AsyncSession, line: ProviderTransaction) -> None:
    # Disputes post the fees of their lines themselves.
    if line.fee and line.kind not in {TransactionKind.FEE, TransactionKind.DISPUTE}:
        leg = _leg(line, AccountKind.PROVIDER_FEES, line.fee)
        await post_entries(session, Posting(PostingKind.FEE, line.id), [leg])


async def _compare(
    session: AsyncSession, line: ProviderTransaction, posting: Posting | None
) -> DiscrepancyCause | None:
    """Return why a line does not agree with a posting, None if it does."""
    legs = (await find_legs(session, posting))[posting] if posting else []
    legs = [one for one in legs if PROVIDER in (one.debit.kind, one.credit.kind)]
    if not legs:
        return DiscrepancyCause.NOT_POSTED
    taken = select(ProviderTransaction.id).where(
        ProviderTransaction.posting == str(posting), ProviderTransaction.id != line.id
    )
    if (await session.exec(taken)).first() is not None:
        return DiscrepancyCause.POSTED_ONCE
    if any(leg.debit.currency != line.currency for leg in legs):
        return DiscrepancyCause.CURRENCY_DIFFERS
    came = sum(
        leg.amount * ((leg.debit.kind is PROVIDER) - (leg.credit.kind is PROVIDER)) for leg in legs
    )
    is_fee = posting is not None and posting.kind is PostingKind.DISPUTE_FEE
    moved = line.net if is_fee else line.amount
    return None if came == moved else DiscrepancyCause.AMOUNT_DIFFERS
