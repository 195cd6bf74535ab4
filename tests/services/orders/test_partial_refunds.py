"""Partial refunds: of units, deliveries and goodwill, in any order, they sum to what was paid.

Whatever the cart, the discounts, the tax mode and what the platform keeps.
"""

import random
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from models.ledger.accounts import AccountKind
from models.orders.lines import OrderLine
from models.orders.states import PaymentState
from models.orders.timeline import OrderActor
from models.payments.payments import Payment
from models.payments.refunds import (
    DeliveryRefunded,
    Refund,
    RefundReason,
    RefundTooLarge,
)
from models.pricing.deductions import DeductionRates
from models.pricing.discounts import FundedBy
from services.ledger.balances import read_trial_balance
from services.orders.kinds import LineUnits
from services.orders.parts import find_lines, lock_part
from services.orders.refunds.amounts import Extra
from services.orders.refunds.granting import grant_refund, refund_units
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.orders import PlacedOrder
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books

SEEDS = range(12)
KEPT = DeductionRates(commission=1_000, commission_tax=1_800, tcs=50, tds=10)


async def refund(
    transactions: Transactions,
    placed: PlacedOrder,
    units: Sequence[tuple[OrderLine, int]] = (),
    *extras: Extra,
) -> Refund:
    async with transactions.begin() as session:
        part = await lock_part(session, placed.suborders[0].id)
        fresh = {one.id: one for one in await find_lines(session, *_ids(placed))}
        chosen = [(fresh[line.id], number) for line, number in units]
        some: list[LineUnits] = refund_units(chosen, returned=True)
        reason, actor = RefundReason.GOODWILL, OrderActor.VENDOR
        return await grant_refund(session, part.order, some, reason, actor=actor, extras=extras)


def _ids(placed: PlacedOrder) -> list[UUID]:
    return [one.id for one in placed.suborders]


async def ship(transactions: Transactions, placed: PlacedOrder) -> None:
    async with transactions.begin() as session:
        for line in await find_lines(session, *_ids(placed)):
            line.ship(line.quantity)


@pytest.mark.parametrize("seed", SEEDS)
async def test_any_partial_refunds_sum_to_what_was_paid(
    world: World, transactions: Transactions, database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    quantity, unit = chance.randint(1, 4), chance.choice([1, 333, 9_999])
    most_off = unit * quantity // 3
    placed = await world.placed_order(
        await world.user(),
        [await world.vendor(), await world.vendor()],
        lines=chance.randint(1, 3),
        quantity=quantity,
        unit=unit,
        shipping=chance.choice([0, 1, 499]),
        wallet=chance.choice([0, 1]),
        rates=chance.choice([DeductionRates(), KEPT]),
        inclusive=chance.choice([True, False]),
        vendor_discount=chance.choice([0, chance.randint(0, most_off)]),
        platform_discount=chance.choice([0, chance.randint(0, most_off)]),
    )
    await ship(transactions, placed)
    steps: list[tuple[str, object]] = [
        ("units", line) for line in placed.lines for _ in range(line.quantity)
    ]
    steps += [("delivery", part.id) for part in placed.suborders]
    steps += [("goodwill", part.id) for part in placed.suborders for _ in range(3)]
    chance.shuffle(steps)
    for step, what in steps:
        if isinstance(what, OrderLine):
            await refund(transactions, placed, [(what, 1)])
            continue
        payer = chance.choice(list(FundedBy))
        amount = None if step == "delivery" else chance.randint(1, 200)
        extra = Extra(what, amount, payer if amount else FundedBy.VENDOR)  # type: ignore[arg-type]
        try:
            await refund(transactions, placed, [], extra)
        except (RefundTooLarge, DeliveryRefunded):
            continue  # nothing is left of the part, or of its delivery
    order = await world.fresh(placed.order)
    assert order.refunded == order.paid == order.total
    assert order.payment_state is PaymentState.REFUNDED
    async with database.session() as session:
        payments = (await session.exec(select(Payment))).all()
    assert all(one.refunded == one.captured for one in payments)
    await check_invariants(database)
    await check_books(database, without={"PARCELS"})
    # Nothing is left with the vendors or the platform: the rest waits for its transfer.
    left = {AccountKind.BANK, AccountKind.REFUND_DUE, AccountKind.WALLET}
    assert (await balances(database)).keys() <= left


async def test_the_delivery_goes_back_once_by_itself_or_with_its_units(
    world: World, transactions: Transactions, database: Database
) -> None:
    placed = await world.placed_order(
        await world.user(), [await world.vendor()], quantity=2, unit=10_000, shipping=501
    )
    await ship(transactions, placed)
    (line,), (part,) = placed.lines, placed.suborders
    first = await refund(transactions, placed, [(line, 1)])
    assert first.amount == 10_250
    delivery = await refund(transactions, placed, [], Extra(part.id))
    assert delivery.amount == 251
    with pytest.raises(DeliveryRefunded):
        await refund(transactions, placed, [], Extra(part.id))
    assert (await refund(transactions, placed, [(line, 1)])).amount == 10_000
    await check_invariants(database)


async def test_goodwill_is_a_part_of_the_price_that_goes_back_in_advance(
    world: World, transactions: Transactions, database: Database
) -> None:
    """The platform has paid it: with the units, their vendor gives it back to the platform."""
    placed = await world.placed_order(
        await world.user(), [await world.vendor()], quantity=2, unit=10_000, shipping=0
    )
    await ship(transactions, placed)
    (line,), (part,) = placed.lines, placed.suborders
    with pytest.raises(RefundTooLarge):
        await refund(transactions, placed, [], Extra(part.id, 20_001))
    await refund(transactions, placed, [], Extra(part.id, 3_000, FundedBy.PLATFORM))
    assert (await balances(database))[AccountKind.LOSSES] == -3_000
    assert (await refund(transactions, placed, [(line, 1)])).amount == 10_000
    assert (await refund(transactions, placed, [(line, 1)])).amount == 7_000
    found = await balances(database)
    assert not {AccountKind.LOSSES, AccountKind.V_PENDING} & found.keys()
    with pytest.raises(RefundTooLarge):
        await refund(transactions, placed, [], Extra(part.id, 1))
    await check_invariants(database)


async def balances(database: Database) -> dict[AccountKind, int]:
    viewer = Viewer(user_id=new_id(), admin=True)
    async with database.session() as session:
        rows = await read_trial_balance(session, viewer, "INR")
    return {one.kind: one.balance for one in rows if one.balance}
