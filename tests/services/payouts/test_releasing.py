"""Releases: a part that can no longer be returned is paid to its vendor, less a reserve."""

from datetime import timedelta

import pytest
from sqlmodel import select, update

from core.clock import now
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor
from models.payments.refunds import RefundReason
from models.payouts.terms import PayoutTerms, SuborderRelease
from models.pricing.deductions import DeductionRates
from models.vendors import Vendor
from services.orders.handling.delivering import release_part
from services.orders.parts import find_lines, lock_part
from services.orders.refunds.granting import grant_refund, refund_units
from services.payouts.releasing import release_ended, unreserve_due
from services.transaction import Transactions
from tests.factories.orders import PlacedOrder
from tests.factories.payouts import POLICY
from tests.factories.world import World
from tests.invariants import check_invariants

RATES = DeductionRates(1_000, 1_800, 0, 0)  # 10 % and GST on it


async def sold(world: World, vendor: Vendor) -> PlacedOrder:
    """Return an order of 200.00 and 5.00 for the delivery, which can be released now."""
    buyer = await world.user()
    placed = await world.placed_order(buyer, [vendor], state=SubOrderState.DELIVERED, rates=RATES)
    async with world.database.session() as session, session.begin():
        due = update(SubOrder).values(
            release_at=now() - timedelta(seconds=1), delivered_at=now() - timedelta(days=15)
        )
        await session.execute(due)
        await session.execute(update(OrderLine).values(shipped=OrderLine.quantity))
    return placed


async def release(transactions: Transactions, placed: PlacedOrder) -> bool:
    async with transactions.begin() as session:
        return await release_part(session, placed.suborders[0].id, POLICY)


async def refund(transactions: Transactions, placed: PlacedOrder, units: int) -> None:
    async with transactions.begin() as session:
        part = await lock_part(session, placed.suborders[0].id)
        lines = await find_lines(session, part.suborder.id)
        some = refund_units([(lines[0], units)], returned=False)
        reason, actor = RefundReason.GOODWILL, OrderActor.VENDOR
        await grant_refund(session, part.order, some, reason, actor=actor, restock=False)


async def old(world: World) -> Vendor:
    """Return a vendor that is not new: it has no reserve."""
    return await world.vendor(created_at=now() - timedelta(days=POLICY.new_days + 1))


async def test_a_release_pays_what_the_confirmation_left(
    world: World, transactions: Transactions
) -> None:
    placed = await sold(world, vendor := await old(world))
    part = placed.suborders[0]
    assert (await world.balance(vendor)).pending == part.vendor_net
    assert await release(transactions, placed)
    assert not await release(transactions, placed)
    balance = await world.balance(vendor)
    assert (balance.pending, balance.available, balance.reserve) == (0, part.vendor_net, 0)
    await check_invariants(world.database)


async def test_a_new_vendor_has_a_reserve_that_ends(
    world: World, transactions: Transactions
) -> None:
    placed = await sold(world, vendor := await world.vendor())
    await release(transactions, placed)
    net = placed.suborders[0].vendor_net
    kept = (net * POLICY.reserve.bps + 5_000) // 10_000
    balance = await world.balance(vendor)
    assert (balance.available, balance.reserve) == (net - kept, kept)
    assert not await unreserve_due(transactions.begin)
    assert (await world.balance(vendor)).reserve == kept
    async with world.database.session() as session, session.begin():
        over = update(SuborderRelease).values(reserve_until=now() - timedelta(seconds=1))
        await session.execute(over)
    for _ in range(2):
        await unreserve_due(transactions.begin)
    balance = await world.balance(vendor)
    assert (balance.available, balance.reserve) == (net, 0)
    await check_invariants(world.database)


async def test_an_admin_sets_the_reserve_of_a_vendor(
    world: World, transactions: Transactions
) -> None:
    placed = await sold(world, vendor := await old(world))
    await world.save(PayoutTerms(vendor_id=vendor.id, reserve_bps=5_000, reserve_days=30, number=1))
    await release(transactions, placed)
    balance = await world.balance(vendor)
    assert abs(balance.available - balance.reserve) <= 1
    async with world.database.session() as session:
        (row,) = (await session.exec(select(SuborderRelease))).all()
    assert row.reserve_until is not None
    assert timedelta(days=29) < row.reserve_until - now() < timedelta(days=31)


async def test_a_refund_before_the_release_makes_it_smaller(
    world: World, transactions: Transactions
) -> None:
    placed = await sold(world, vendor := await old(world))
    await refund(transactions, placed, 1)
    pending = (await world.balance(vendor)).pending
    assert 0 < pending < placed.suborders[0].vendor_net
    await release(transactions, placed)
    balance = await world.balance(vendor)
    assert (balance.pending, balance.available) == (0, pending)
    await check_invariants(world.database)


async def test_a_refund_after_a_payout_leaves_a_debt_that_the_next_sale_pays(
    world: World, transactions: Transactions
) -> None:
    placed = await sold(world, vendor := await old(world))
    await release(transactions, placed)
    net = placed.suborders[0].vendor_net
    await world.earned(vendor, -net)  # it was paid out
    await refund(transactions, placed, 2)
    balance = await world.balance(vendor)
    assert (balance.pending, balance.available) == (0, -net)
    second = await sold(world, vendor)
    await release(transactions, second)
    assert await world.available(vendor) == second.suborders[0].vendor_net - net
    await check_invariants(world.database)


@pytest.mark.parametrize("state", [SubOrderState.RETURNED, SubOrderState.CANCELLED])
async def test_what_a_returned_part_has_left_is_released(
    world: World, transactions: Transactions, state: SubOrderState
) -> None:
    placed = await sold(world, vendor := await old(world))
    await refund(transactions, placed, 1)
    async with world.database.session() as session, session.begin():
        await session.execute(update(SubOrder).values(state=state, ended_at=now()))
    pending = (await world.balance(vendor)).pending
    for _ in range(2):
        await release_ended(transactions.begin, POLICY)
    balance = await world.balance(vendor)
    assert (balance.pending, balance.available) == (0, pending)
