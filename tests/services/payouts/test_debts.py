"""Debts: noted while a balance is below zero, and the owners are notified after 60 days."""

from datetime import timedelta

import pytest
from sqlmodel import select, update

from core.clock import now
from models.notifications.inbox import Notification, NotificationKind
from models.payouts.debts import NOTICE_DAYS, VendorDebt
from services.payouts import debts
from services.payouts.debts import follow_debts, notify_debtors
from services.transaction import Transactions
from tests.factories.world import World


async def owing(world: World) -> set[object]:
    async with world.database.session() as session:
        return set((await session.exec(select(VendorDebt.vendor_id))).all())


async def test_debts_are_noted_and_end(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debts, "BATCH_SIZE", 2)
    vendors = [await world.vendor() for _ in range(5)]
    for vendor, amount in zip(vendors, (-1, 100, -500_00, 200, -2), strict=True):
        await world.earned(vendor, amount)
    for _ in range(2):
        await follow_debts(transactions.begin)
    assert await owing(world) == {vendors[0].id, vendors[2].id, vendors[4].id}
    await world.earned(vendors[2], 500_00)
    await follow_debts(transactions.begin)
    assert await owing(world) == {vendors[0].id, vendors[4].id}


async def test_owners_are_told_once_after_60_days(world: World, transactions: Transactions) -> None:
    owners = [await world.user() for _ in range(2)]
    vendors = [await world.vendor(owner) for owner in owners]
    for vendor in vendors:
        await world.earned(vendor, -500_00)
    await follow_debts(transactions.begin)
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(days=NOTICE_DAYS, minutes=1)
        of_one = update(VendorDebt).where(VendorDebt.vendor_id == vendors[0].id)  # type: ignore[arg-type]
        await session.execute(of_one.values(since=long_ago))
    for _ in range(2):
        await notify_debtors(transactions.begin)
    async with world.database.session() as session:
        told = (await session.exec(select(Notification))).all()
    assert [(one.user_id, one.kind) for one in told] == [
        (owners[0].id, NotificationKind.VENDOR_IN_DEBT)
    ]
