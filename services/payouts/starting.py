"""Starts payouts: their money leaves the balance, and the call to the provider is planned."""

from collections.abc import Callable
from uuid import UUID

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from gateways.payments.gateway import PaymentGateways
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payments.calls import CallPurpose
from models.payouts.accounts import PayoutAccount, PayoutAccountNotReady, PayoutRail
from models.payouts.payouts import Payout, PayoutCause, PayoutsHeld, PayoutState, minimum
from services.ledger.posting import post_entries
from services.payments.calls.rows import plan_call
from services.payouts.access import ensure_not_held, lock_account, lock_payout
from services.payouts.balances import lock_available
from services.payouts.changes import publish_change
from services.transaction import OpenTransaction

BATCH_SIZE = 100

log = structlog.get_logger(__name__)


async def start_payout(
    transaction: OpenTransaction, gateways: PaymentGateways, payout_id: UUID
) -> UUID | None:
    """Start a payout by a provider, as far as it can move the money now.

    Returns the id of its call, None if it was started before, or waits. What can be moved is asked
    before the transaction: less of it moves nothing, and the payout is tried again in an hour.
    """
    async with transaction() as session:
        payout = await session.get_one(Payout, payout_id)
        rail, currency = payout.rail, payout.currency
    gateway = gateways.get(rail.provider) if rail.provider else None
    if gateway is None or rail.provider is None:
        return None
    balance = (await gateway.balances()).get(currency)
    movable = balance.available if balance else 0

    def most(amount: int) -> int:
        return gateway.payable(amount, currency, available=movable)

    async with transaction() as session:
        payout = await lock_payout(session, payout_id)
        if not await take_amount(session, payout, most):
            return None
        call = await plan_call(session, rail.provider, payout.id, CallPurpose.PAYOUT)
        return call.id


def all_of(amount: int) -> int:
    """Return what a file of a bank can move of an amount: all."""
    return amount


async def take_amount(
    session: AsyncSession, payout: Payout, most: Callable[[int], int] = all_of
) -> bool:
    """Take the money of a locked payout out of the balance. Returns whether it did.

    The amount is at most what was planned, and what is available now: one that fell below the
    minimum is CANCELLED. `most` returns how much of an amount can be moved: if that is too little,
    the payout waits, as for an account that is not ready, and while the vendor is suspended.
    """
    if payout.state is not PayoutState.PLANNED:
        return False
    account = await lock_account(session, payout.payout_account_id)
    if not account.is_open:
        _cancel(session, payout, PayoutCause.ACCOUNT)
        return False
    try:
        account.ensure_usable()
        await ensure_not_held(session, [payout.vendor_id])
    except (PayoutAccountNotReady, PayoutsHeld):
        return False
    available = await lock_available(session, payout.vendor_id, payout.currency)
    least = minimum(payout.currency)
    wanted = min(payout.amount, available)
    if wanted < least:
        _cancel(session, payout, PayoutCause.TOO_SMALL)
        return False
    amount = most(wanted)
    if amount < least:
        log.warning("payouts.not_movable", payout_id=str(payout.id), movable=amount)
        return False
    payout.start(amount)
    await session.flush()
    source, target = (
        Account(kind, payout.currency, payout.vendor_id)
        for kind in (AccountKind.V_AVAILABLE, AccountKind.IN_TRANSIT)
    )
    posting = Posting(PostingKind.PAYOUT, payout.id)
    await post_entries(session, posting, [Leg(source, target, amount)])
    publish_change(session, payout.vendor_id, payout.id)
    return True


def _cancel(session: AsyncSession, payout: Payout, cause: PayoutCause) -> None:
    payout.end(PayoutState.CANCELLED, cause)
    publish_change(session, payout.vendor_id, payout.id)


async def find_planned(transaction: OpenTransaction) -> list[UUID]:
    """Return payouts by providers that wait, the oldest first."""
    rows = (
        select(Payout.id)
        .where(Payout.state == PayoutState.PLANNED, Payout.rail != PayoutRail.BANK_FILE)
        .order_by(col(Payout.created_at))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        return list((await session.exec(rows)).all())


async def cancel_planned(session: AsyncSession, account: PayoutAccount) -> None:
    """Cancel what is planned for an account that is locked, and is being closed."""
    rows = select(Payout).where(
        Payout.payout_account_id == account.id, Payout.state == PayoutState.PLANNED
    )
    for payout in (await session.exec(for_change(rows))).all():
        _cancel(session, payout, PayoutCause.ACCOUNT)
