"""Payouts that the schedules plan: once a period, with enough money and a ready account."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select, update

from core.clock import now
from gateways.payments.gateway import ProviderAccount
from models.notifications.inbox import Notification, NotificationKind
from models.payouts.accounts import PayoutAccountState, PayoutRail
from models.payouts.payouts import Payout, PayoutState
from models.payouts.terms import PayoutSchedule, PayoutTerms
from models.vendors import Vendor
from services.payouts.accounts.accounts import follow_account
from services.payouts.planning import plan_due
from services.transaction import Transactions
from tests.factories.payouts import POLICY
from tests.factories.world import World


async def planned(world: World, vendor: Vendor) -> list[int]:
    async with world.database.session() as session:
        rows = select(Payout.amount).where(
            Payout.vendor_id == vendor.id, Payout.state == PayoutState.PLANNED
        )
        return list((await session.exec(rows)).all())


async def earning(world: World, amount: int = 500_00, **values: Any) -> Vendor:
    """Return a vendor with an account that is ready, and money."""
    vendor = await world.vendor()
    await world.payout_account(vendor, **values)
    if amount:
        await world.earned(vendor, amount)
    return vendor


async def test_each_vendor_is_paid_out_once_a_period(
    world: World, transactions: Transactions
) -> None:
    vendor = await earning(world)
    for _ in range(2):
        await plan_due(transactions.begin, POLICY)
    assert await planned(world, vendor) == [500_00]
    async with world.database.session() as session, session.begin():
        await session.execute(update(Payout).values(state=PayoutState.IN_TRANSIT))
    await plan_due(transactions.begin, POLICY)
    assert await planned(world, vendor) == []
    async with world.database.session() as session, session.begin():
        await session.execute(update(Payout).values(created_at=now() - timedelta(days=2)))
    await plan_due(transactions.begin, POLICY)
    assert await planned(world, vendor) == []
    await plan_due(transactions.begin, replace(POLICY, schedule=PayoutSchedule.DAILY))
    assert await planned(world, vendor) == [500_00]


async def test_an_owner_who_requests_payouts_gets_none_by_the_schedule(
    world: World, transactions: Transactions
) -> None:
    vendor = await earning(world)
    await world.save(PayoutTerms(vendor_id=vendor.id, schedule=PayoutSchedule.MANUAL))
    await plan_due(transactions.begin, POLICY)
    assert await planned(world, vendor) == []


@pytest.mark.parametrize(
    ("amount", "values"),
    [
        (0, {}),
        (-1, {}),
        (99_99, {}),
        (500_00, {"state": PayoutAccountState.RESTRICTED}),
        (500_00, {"state": PayoutAccountState.ONBOARDING}),
        (500_00, {"usable_from": now() + timedelta(hours=1)}),
    ],
)
async def test_nothing_is_planned_without_money_or_an_account(
    world: World, transactions: Transactions, amount: int, values: dict[str, Any]
) -> None:
    """The minimum of rupees is 100.00."""
    vendor = await earning(world, amount, **values)
    await plan_due(transactions.begin, POLICY)
    assert await planned(world, vendor) == []


async def test_a_bank_account_that_was_changed_at_the_provider_waits(
    world: World, transactions: Transactions
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, currency="EUR", country="DE")
    account = await world.payout_account(
        vendor, owner, rail=PayoutRail.STRIPE, country="DE", last4="6789"
    )
    await world.earned(vendor, 600_00)
    same = ProviderAccount(account.reference or "", can_receive=True, last4="6789")
    for found, waits in ((same, False), (replace(same, last4="1111"), True)):
        async with transactions.begin() as session:
            await follow_account(session, account.id, found)
        assert ((await world.fresh(account)).usable_from > now()) == waits
    await plan_due(transactions.begin, POLICY)
    assert await planned(world, vendor) == []
    rows = select(Notification.kind).where(Notification.user_id == owner.id)
    async with world.database.session() as session:
        assert (await session.exec(rows)).all() == [NotificationKind.PAYOUT_ACCOUNT_CHANGED]
