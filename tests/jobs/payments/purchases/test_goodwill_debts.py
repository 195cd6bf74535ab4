"""Goodwill above what a part is worth to its vendor is a debt: no part has less than nothing."""

from dataclasses import replace

import pytest

from services.orders.refunds import postings
from services.payouts.releasing import release_ended
from tests.client import gid
from tests.factories.buying import PRICE
from tests.factories.paying import PayingShop
from tests.factories.payouts import POLICY
from tests.invariants import check_invariants
from tests.jobs.payments.disputes.disputing import Disputed

NO_RESERVE = replace(POLICY, new_days=0)


async def sold(shop: PayingShop) -> tuple[Disputed, int]:
    """Return a sale of a vendor who pays a commission, and the commission."""
    await shop.world.commission(shop.stall.vendor, 1_000, admin=await shop.world.admin())
    sale = await Disputed.make(shop, vendors=1)
    return sale, (await sale.balances())["COMMISSION"]


async def give(sale: Disputed, amount: int) -> None:
    (part,) = await sale.parts()
    given = {
        "suborderId": gid(part),
        "amountMinor": amount,
        "reason": "Sorry",
        "idempotencyKey": str(amount),
    }
    assert await sale.sellers[0].refusal_codes("grantRefund", given) == []
    await sale.shop.work()


async def cancel(sale: Disputed) -> None:
    given = {"orderId": gid(await sale.buyer.order()), "idempotencyKey": "cancel"}
    assert await sale.buyer.client.refusal_codes("cancelOrder", given) == []
    await sale.shop.work()


async def test_goodwill_beyond_the_part_is_a_debt_at_once(shop: PayingShop) -> None:
    sale, commission = await sold(shop)
    await give(sale, PRICE - commission)
    balances = await sale.balances()
    assert not {"V_PENDING", "V_AVAILABLE"} & balances.keys()
    await give(sale, commission)
    balances = await sale.balances()
    assert (balances["V_AVAILABLE"], "V_PENDING" in balances) == (-commission, False)
    assert balances["COMMISSION"] == commission
    await check_invariants(shop.world.database)


async def test_units_that_come_back_later_pay_the_debt(shop: PayingShop) -> None:
    """They bring the commission back, and nothing for the buyer, who has all of the price."""
    sale, commission = await sold(shop)
    await give(sale, PRICE)
    assert (await sale.balances())["V_AVAILABLE"] == -commission
    await cancel(sale)
    balances = await sale.balances()
    assert (balances["V_PENDING"], balances["V_AVAILABLE"]) == (commission, -commission)
    await check_invariants(shop.world.database)
    await release_ended(shop.worker.transactions.begin, NO_RESERVE)
    balances = await sale.balances()
    assert not {"V_PENDING", "V_AVAILABLE", "V_RESERVE", "COMMISSION"} & balances.keys()
    await check_invariants(shop.world.database)


async def test_without_the_limit_a_part_has_less_than_nothing(
    shop: PayingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(postings, "_limit", lambda legs, _: legs)
    sale, commission = await sold(shop)
    await give(sale, PRICE)
    assert (await sale.balances())["V_PENDING"] == -commission
