"""Quota: used once for each subject, over several grants, and earned at its end."""

from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from models.packs.grants import PackGrant, QuotaUsedUp
from models.packs.packs import QuotaUnit
from services.packs import granting
from services.packs.quota import use_quota
from services.transaction import Transactions
from tests.factories.packs import PRICE
from tests.factories.world import World
from tests.invariants import check_invariants


async def test_quota_that_ends_is_earned(world: World, transactions: Transactions) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    grant = await world.bought(vendor, owner, ends_at=now() - timedelta(hours=1))
    for _ in range(2):
        assert not await granting.end_due_grants(transactions.begin)
    ended: PackGrant = await world.fresh(grant)
    assert (ended.earned, ended.used) == (PRICE, 0)
    assert ended.ended_at is not None
    await check_invariants(world.database)


async def test_messages_are_taken_from_several_grants_once(
    world: World, transactions: Transactions
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    soon = now() + timedelta(days=1)
    first = await world.bought(vendor, owner, unit=QuotaUnit.MESSAGE, granted=7, ends_at=soon)
    second = await world.bought(vendor, owner, unit=QuotaUnit.MESSAGE, granted=7)
    await world.bought(vendor, owner)
    subject_id = new_id()
    for _ in range(2):
        async with transactions.begin() as session:
            await use_quota(session, vendor.id, QuotaUnit.MESSAGE, subject_id, quantity=10)
    with pytest.raises(QuotaUsedUp):
        async with transactions.begin() as session:
            await use_quota(session, vendor.id, QuotaUnit.MESSAGE, new_id(), quantity=5)
    used = [await world.fresh(one) for one in (first, second)]
    assert [(one.used, one.earned) for one in used] == [(7, PRICE), (3, PRICE * 3 // 7)]
    await check_invariants(world.database)
