"""Vendors that are suspended are not paid out, and their money stays in the balance."""

import pytest
from sqlmodel import col, update

from models.payouts.payouts import PayoutsHeld, PayoutState
from models.vendors import Vendor, VendorStatus
from services.payouts.access import find_account
from services.payouts.planning import plan_due, plan_payout
from tests.factories.payouts import POLICY
from tests.factories.world import World
from tests.services.payouts.conftest import Rail


async def become(world: World, vendor: Vendor, status: VendorStatus) -> None:
    this = update(Vendor).where(col(Vendor.id) == vendor.id)
    async with world.database.session() as session, session.begin():
        await session.exec(this.values(status=status))


async def test_a_suspended_vendor_is_not_paid_out_until_it_is_restored(
    rail: Rail, world: World
) -> None:
    payout = await rail.plan()
    await become(world, rail.vendor, VendorStatus.SUSPENDED)
    await rail.start(payout)
    assert (await world.fresh(payout)).state is PayoutState.PLANNED
    assert await world.available(rail.vendor) == 600_00
    await become(world, rail.vendor, VendorStatus.APPROVED)
    await rail.start(payout)
    assert (await world.fresh(payout)).state is PayoutState.SENDING


async def test_nothing_is_planned_for_a_suspended_vendor(rail: Rail, world: World) -> None:
    await become(world, rail.vendor, VendorStatus.SUSPENDED)
    assert await plan_due(rail.transactions.begin, POLICY) == 0
    async with rail.transactions.begin() as session:
        account = await find_account(session, rail.vendor.id, "EUR")
        assert account is not None
        with pytest.raises(PayoutsHeld):
            await plan_payout(session, account)
