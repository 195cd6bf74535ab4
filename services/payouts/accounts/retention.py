"""The end of the term of bookkeeping, after which closed accounts lose their bank details."""

from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in, for_change
from models.payouts.accounts import PayoutAccount, PayoutAccountState
from models.payouts.payouts import Payout, PayoutState
from services.orders.retention import DAYS_OF_YEAR

BATCH_SIZE = 100
UNDERWAY = [state for state in PayoutState if state.is_underway]


async def blank_old_payout_accounts(session: AsyncSession, years: int) -> bool:
    """Blank a batch of accounts that were closed so many years ago.

    Their payouts stay. One with a payout whose outcome is not known yet is kept. Returns whether
    there may be more.
    """
    is_open = exists_in(
        Payout,
        col(Payout.payout_account_id) == col(PayoutAccount.id),
        col(Payout.state).in_(UNDERWAY),
    )
    old = (
        select(PayoutAccount)
        .where(
            PayoutAccount.state == PayoutAccountState.CLOSED,
            col(PayoutAccount.closed_at) < now() - timedelta(days=years * DAYS_OF_YEAR),
            col(PayoutAccount.last4).is_not(None),
            ~is_open,
        )
        .order_by(col(PayoutAccount.closed_at))
        .limit(BATCH_SIZE)
    )
    accounts = (await session.exec(for_change(old))).all()
    for account in accounts:
        account.blank()
    return len(accounts) == BATCH_SIZE
