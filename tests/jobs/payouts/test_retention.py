"""Bank details of closed accounts, which end with the term of bookkeeping."""

from datetime import timedelta

import pytest

from core.clock import now
from jobs.context import WorkerContext
from models.payouts.accounts import PayoutAccount, PayoutAccountState, PayoutRail
from models.payouts.payouts import PayoutState
from services.payouts.accounts import retention
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work


async def test_old_accounts_lose_their_bank_details(
    world: World,
    defer: Defer,
    work: Work,
    worker_context: WorkerContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 1)
    term = timedelta(days=366 * worker_context.settings.order_years)
    old, stripe, underway, recent, active = [
        await world.payout_account(
            await world.vendor(),
            state=PayoutAccountState.ACTIVE if age is None else PayoutAccountState.CLOSED,
            closed_at=None if age is None else now() - age,
            rail=rail,
            last4="1234",
        )
        for age, rail in (
            (term + timedelta(hours=1), PayoutRail.BANK_FILE),
            (term + timedelta(hours=2), PayoutRail.STRIPE),
            (term + timedelta(hours=3), PayoutRail.BANK_FILE),
            (term - timedelta(hours=1), PayoutRail.BANK_FILE),
            (None, PayoutRail.BANK_FILE),
        )
    ]
    payout = await world.payout(underway, state=PayoutState.IN_TRANSIT)
    await defer("blank_old_payout_accounts", timestamp=0)
    await work()

    async def is_blank(account: PayoutAccount) -> bool:
        one = await world.fresh(account)
        return (one.holder, one.account_number, one.last4) == (None, None, None)

    found = [await is_blank(one) for one in (old, stripe, underway, recent, active)]
    assert found == [True, True, False, False, False]
    assert (await world.fresh(payout)).payout_account_id == underway.id
