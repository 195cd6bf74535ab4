"""Refunds: any sequence of them sums to exactly what was paid, and a unit comes back once."""

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.database import Database
from models.orders.lines import OrderLine, TooManyUnits
from models.orders.states import PaymentState
from models.orders.timeline import OrderActor
from models.payments.payments import Payment, PaymentProvider
from models.payments.refunds import (
    Refund,
    RefundPart,
    RefundReason,
    RefundState,
    UnitsRefunded,
)
from models.pricing.deductions import DeductionRates
from services.ledger.balances import read_trial_balance
from services.orders.deductions import ACCOUNTS
from services.orders.kinds import LineUnits
from services.orders.parts import find_lines, lock_part
from services.orders.refunds.granting import cancel_units, grant_refund, refund_units
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.orders import PlacedOrder
from tests.factories.world import World
from tests.invariants import check_invariants

SEEDS = range(8)


async def refund_some(
    transactions: Transactions, placed: PlacedOrder, line: OrderLine, units: int, **options: object
) -> Refund:
    """Refund units of a line that were not shipped, or that were if `returned` is given."""
    async with transactions.begin() as session:
        part = await lock_part(session, line.suborder_id)
        (fresh,) = [one for one in await find_lines(session, line.suborder_id) if one.id == line.id]
        chosen = [(fresh, units)]
        returned = options.get("returned")
        some = cancel_units(chosen) if returned is None else refund_units(chosen, returned=True)
        return await grant_refund(
            session,
            part.order,
            some,
            RefundReason.CANCELLED,
            actor=OrderActor.BUYER,
            restock=bool(options.get("restock")),
        )


async def rows_of(database: Database, *line_ids: object) -> Sequence[object]:
    """Return rows of lines as the database has them, byte for byte."""
    rows = text("SELECT order_line::text FROM order_line WHERE id = ANY(:ids) ORDER BY id")
    async with database.session() as session:
        return [row[0] for row in await session.execute(rows, {"ids": list(line_ids)})]


@pytest.mark.parametrize("seed", SEEDS)
async def test_any_sequence_of_refunds_sums_to_what_was_paid(
    world: World, transactions: Transactions, database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    user = await world.user()
    total = chance.randint(1, 40_000)
    placed = await world.placed_order(
        user,
        [await world.vendor(), await world.vendor()],
        lines=chance.randint(1, 2),
        quantity=chance.randint(1, 5),
        unit=chance.choice([1, 333, 9_999, 1]),
        shipping=chance.choice([0, 1, 499, total]),
        wallet=chance.choice([0, 1]),
        rates=DeductionRates(chance.randint(0, 5_000), 1_800, 50, 10),
    )
    left = [line for line in placed.lines for _ in range(line.quantity)]
    chance.shuffle(left)
    shipped = {line.id: chance.randint(0, line.quantity) for line in placed.lines}
    async with transactions.begin() as session:
        for line in await find_lines(session, *[one.id for one in placed.suborders]):
            line.ship(shipped[line.id])
    while left:
        line = left.pop()
        returned = shipped[line.id] > 0
        shipped[line.id] -= returned
        options = {"returned": True} if returned else {}
        await refund_some(transactions, placed, line, 1, restock=True, **options)
    order = await world.fresh(placed.order)
    assert order.refunded == order.paid == order.total
    assert order.payment_state is PaymentState.REFUNDED
    async with database.session() as session:
        payments = (await session.exec(select(Payment))).all()
    assert all(one.refunded == one.captured for one in payments)
    for line in placed.lines:
        assert (await world.stock_of(line)).on_hand == line.quantity + 10
    kept = ("V_PENDING", *ACCOUNTS.values())
    async with database.session() as session:
        for kind in await read_trial_balance(session, Viewer(user_id=user.id, admin=True), "INR"):
            assert kind.kind not in kept or kind.balance == 0
    await check_invariants(database)


async def test_a_refund_of_one_line_leaves_the_rows_of_others_byte_for_byte(
    world: World, transactions: Transactions, database: Database
) -> None:
    placed = await world.placed_order(await world.user(), [await world.vendor()], lines=3)
    first, *others = placed.lines
    before = await rows_of(database, *[line.id for line in others])
    await refund_some(transactions, placed, first, 2)
    assert await rows_of(database, *[line.id for line in others]) == before
    assert (await world.fresh(first)).cancelled == 2


async def test_a_unit_is_not_refunded_twice_even_past_the_counters(
    world: World, transactions: Transactions, database: Database
) -> None:
    placed = await world.placed_order(await world.user(), [await world.vendor()], quantity=3)
    (line,) = placed.lines
    with pytest.raises(TooManyUnits):
        await refund_some(transactions, placed, line, 4)
    await refund_some(transactions, placed, line, 2)
    with pytest.raises(UnitsRefunded):
        async with transactions.begin() as session:
            part = await lock_part(session, line.suborder_id)
            (fresh,) = await find_lines(session, line.suborder_id)
            units = [LineUnits(fresh, 1, 2)]
            await grant_refund(
                session, part.order, units, RefundReason.GOODWILL, actor=OrderActor.VENDOR
            )
    await check_invariants(database)


async def test_money_goes_back_by_the_payment_first_and_then_into_the_wallet(
    world: World, transactions: Transactions, database: Database
) -> None:
    user, vendor = await world.user(), await world.vendor()
    placed = await world.placed_order(
        user, [vendor], quantity=2, unit=10_000, shipping=0, wallet=8_000
    )
    (line,) = placed.lines
    first = await refund_some(transactions, placed, line, 1)
    second = await refund_some(transactions, placed, line, 1)
    assert (first.amount, first.state) == (10_000, RefundState.GRANTED)
    assert (second.amount, second.state) == (10_000, RefundState.GRANTED)
    async with database.session() as session:
        rows = select(RefundPart.provider, RefundPart.amount, RefundPart.settled_at)
        parts = (await session.exec(rows.order_by(col(RefundPart.id)))).all()
    found = [(provider, amount, bool(settled)) for provider, amount, settled in parts]
    assert found == [
        (PaymentProvider.MANUAL, 10_000, False),
        (PaymentProvider.MANUAL, 2_000, False),
        (PaymentProvider.WALLET, 8_000, True),
    ]
    assert (await world.wallet(user))[0] == 8_000
    await check_invariants(database)
