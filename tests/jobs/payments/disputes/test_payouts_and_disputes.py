"""Payouts of a vendor whose sale is disputed: what a bank has taken is not paid out besides."""

from sqlmodel import select

from core.clock import now
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.payouts.payouts import PayoutState
from services.orders.parts import lock_part
from services.payouts.access import lock_payout
from services.payouts.releasing import release_money
from services.payouts.starting import take_amount
from tests.factories.buying import Buyer
from tests.factories.paying import PayingShop
from tests.factories.payouts import POLICY
from tests.invariants import check_invariants


async def released(shop: PayingShop, buyer: Buyer) -> int:
    """Release the money of an order, as after its return window. Returns what is available."""
    (order,) = await buyer.orders()
    async with shop.worker.transactions.begin() as session:
        rows = select(SubOrder.id).where(SubOrder.order_id == order.id)
        part = await lock_part(session, (await session.exec(rows)).one())
        part.suborder.state, part.suborder.ended_at = SubOrderState.RELEASED, now()
        await session.flush()
        await release_money(session, part.order, part.suborder, POLICY)
    return await shop.world.available(shop.stall.vendor)


async def test_a_payout_that_is_planned_shrinks_with_a_dispute(shop: PayingShop) -> None:
    vendor = shop.stall.vendor
    account = await shop.world.payout_account(vendor)
    buyer, payment = await shop.placed()
    shop.pay(payment)
    await shop.look(payment)
    await shop.webhooks()
    available = await released(shop, buyer)
    assert available > 0
    await shop.world.earned(vendor, 200_00)
    payout = await shop.world.payout(account, available + 200_00)
    opened = shop.stand_in.act("dispute", id=payment.reference)
    await shop.webhooks()
    left = await shop.world.available(vendor)
    frozen = available + 200_00 - left
    assert frozen > 0
    async with shop.worker.transactions.begin() as session:
        assert await take_amount(session, await lock_payout(session, payout.id))
    payout = await shop.world.fresh(payout)
    assert (payout.state, payout.amount) == (PayoutState.SENDING, left)
    await check_invariants(shop.world.database)
    shop.stand_in.act("win_dispute", id=opened["id"])
    await shop.webhooks()
    assert await shop.world.available(vendor) == frozen
    await check_invariants(shop.world.database)
