"""Money of campaigns: held, billed once, and the rest given back to where it was."""

from datetime import timedelta

import pytest

from core.ids import new_id
from models.ledger.accounts import Account, AccountKind, WalletTooLow
from services.ledger.balances import read_balance
from services.ledger.campaigns import (
    CampaignWallet,
    bill_campaign,
    hold_campaign,
    release_campaign,
)
from services.ledger.wallets import HeldMoney
from tests.factories.world import World
from tests.invariants import check_invariants


async def test_a_campaign_is_billed_once_and_the_rest_comes_back(world: World) -> None:
    vendor = await world.vendor()
    await world.fund(vendor, 100)
    await world.promo_money(vendor, 30, timedelta(days=2))
    wallet = CampaignWallet(vendor.id, "INR", new_id())
    sales, tax = (
        Account(kind, "INR") for kind in (AccountKind.CAMPAIGN_SALES, AccountKind.GST_OUT)
    )
    async with world.database.session() as session, session.begin():
        for _ in range(2):
            assert await hold_campaign(session, wallet, 90) == HeldMoney(balance=60, promo=30)
        with pytest.raises(ValueError, match="at most what it holds"):
            await bill_campaign(session, wallet, net=90, tax=1)
    assert await world.wallet(vendor) == (40, 0, 90)
    async with world.database.session() as session, session.begin():
        assert await bill_campaign(session, wallet, net=20, tax=4)
        assert not await bill_campaign(session, wallet, net=20, tax=4)
        assert await release_campaign(session, wallet) == 0
        assert await read_balance(session, sales) == 20
        assert await read_balance(session, tax) == 4
    assert await world.wallet(vendor) == (100, 6, 0)
    await check_invariants(world.database)


async def test_a_campaign_that_costs_nothing_is_released(world: World) -> None:
    vendor = await world.vendor()
    await world.fund(vendor, 100)
    wallet, other = (CampaignWallet(vendor.id, "INR", new_id()) for _ in range(2))
    async with world.database.session() as session, session.begin():
        await hold_campaign(session, wallet, 60)
        assert await hold_campaign(session, other, 0) == HeldMoney()
    with pytest.raises(WalletTooLow):
        async with world.database.session() as session, session.begin():
            await hold_campaign(session, other, 41)
    async with world.database.session() as session, session.begin():
        assert await release_campaign(session, wallet) == 60
        assert await release_campaign(session, wallet) == 0
        assert not await bill_campaign(session, wallet, net=10)
        await hold_campaign(session, other, 100)
        assert await bill_campaign(session, other, net=100)
    assert await world.wallet(vendor) == (0, 0, 0)
    await check_invariants(world.database)
