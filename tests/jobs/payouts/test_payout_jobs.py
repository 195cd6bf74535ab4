"""The jobs of payouts, by a worker with a provider in this process."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from gateways.payments.gateway import BalanceTransaction as Line
from gateways.payments.gateway import MoneyStatus
from jobs.context import WorkerContext
from models.payments.payments import PaymentProvider
from models.payouts.accounts import PayoutAccountState, PayoutRail
from models.payouts.payouts import PayoutState
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.payout_gateway import PayoutProvider


@pytest.fixture
def provider() -> PayoutProvider:
    return PayoutProvider()


@pytest.fixture
def worker_context(worker_context: WorkerContext, provider: PayoutProvider) -> WorkerContext:
    return replace(worker_context, payments={PaymentProvider.STRIPE: provider.gateway})


async def test_a_vendor_is_paid_out_by_the_schedule_and_reconciled(
    world: World, defer: Defer, work: Work, provider: PayoutProvider
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, currency="EUR", country="DE")
    await world.payout_account(vendor, owner, rail=PayoutRail.STRIPE, country="DE")
    await world.earned(vendor, 600_00)
    provider.available = 600_00
    await defer("plan_payouts", timestamp=0)
    await work()
    (paid,) = provider.payouts.values()
    assert (paid.amount, await world.available(vendor)) == (600_00, 0)
    provider.become(paid.reference, MoneyStatus.SUCCEEDED)
    await defer("poll_payouts", timestamp=0)
    await work()
    provider.lines = [Line("txn_1", "TRANSFER", -600_00, 0, -600_00, "EUR", paid.reference, now())]
    for task in ("reconcile_providers", "follow_debts", "release_reserves", "start_payouts"):
        await defer(task, timestamp=0)
    await work()
    async with world.database.session() as session:
        states = await session.execute(text("SELECT state FROM provider_transaction"))
        assert states.scalars().all() == ["MATCHED"]
    await check_invariants(world.database)


async def test_an_account_is_registered_at_its_provider(
    world: World, defer: Defer, work: Work, provider: PayoutProvider
) -> None:
    vendor = await world.vendor(await world.user(), currency="EUR", country="DE")
    accounts = []
    for fault in ("", "refuse"):
        account = await world.payout_account(
            vendor,
            rail=PayoutRail.STRIPE,
            state=PayoutAccountState.ONBOARDING,
            usable_from=now() + timedelta(hours=48),
        )
        account.reference = None
        await world.save(account)
        provider.fault = fault
        await defer("register_payout_account", payout_account_id=account.id)
        await work()
        accounts.append(await world.fresh(account))
        account = await world.fresh(account)
        account.close()
        await world.save(account)
    assert [one.state for one in accounts] == [
        PayoutAccountState.ACTIVE,
        PayoutAccountState.RESTRICTED,
    ]
    assert (accounts[0].last4, accounts[1].problem) == ("6789", "No such bank.")


async def test_payouts_wait_for_money_that_can_be_moved(
    world: World, defer: Defer, work: Work, provider: PayoutProvider
) -> None:
    vendor = await world.vendor(await world.user(), currency="EUR", country="DE")
    account = await world.payout_account(vendor, rail=PayoutRail.STRIPE, country="DE")
    await world.earned(vendor, 600_00)
    payout = await world.payout(account, 600_00)
    provider.available = 0
    await defer("start_payouts", timestamp=0)
    await work()
    assert (await world.fresh(payout)).state is PayoutState.PLANNED
    provider.available = 600_00
    await defer("start_payouts", timestamp=0)
    await work()
    assert (await world.fresh(payout)).state is PayoutState.IN_TRANSIT
