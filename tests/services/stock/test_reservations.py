"""The units of goods that an order holds, sells, releases and takes back."""

import pytest
from sqlmodel import select

from models.catalog.variants import Variant
from models.identity.accounts import User
from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order, SubOrder
from models.stock.levels import InsufficientStock
from models.stock.reservations import Reservation, ReservationState
from services.orders.kinds import LineUnits
from services.stock.reservations import ReservedGoods
from services.transaction import Transactions
from tests.factories.buying import PRICE, Stall
from tests.factories.orders import empty_order
from tests.factories.world import World
from tests.invariants import check_invariants

GOODS = ReservedGoods()


async def order_of(
    world: World, user: User, stall: Stall, *quantities: int
) -> tuple[Order, list[OrderLine]]:
    """Return an order with lines of the stall's first variant. Nothing is taken yet."""
    checkout, order = empty_order(user)
    amount = PRICE * sum(quantities)
    order.goods = order.total = amount
    part = SubOrder(
        order_id=order.id,
        vendor_id=stall.vendor.id,
        position=0,
        goods=amount,
        total=amount,
        vendor_net=amount,
    )
    lines = [
        OrderLine(
            suborder_id=part.id,
            position=place,
            kind=LineKind.GOODS,
            ref_id=stall.variant.id,
            locale="en",
            title={"en": "Mug"},
            quantity=quantity,
            unit=PRICE,
            goods=PRICE * quantity,
            taxable=PRICE * quantity,
            total=PRICE * quantity,
        )
        for place, quantity in enumerate(quantities)
    ]
    order.count_paid(0)
    await world.save(checkout, order, part, *lines)
    return order, lines


async def stock(world: World, stall: Stall) -> tuple[int, int]:
    found = await world.stock(stall.variant)
    return found.on_hand, found.reserved


async def test_lines_of_one_variant_are_taken_together(
    world: World, transactions: Transactions
) -> None:
    """Three and three of five: each alone would do. medusa#16502."""
    stall = await Stall.open(world, on_hand=5)
    order, lines = await order_of(world, await world.user(), stall, 3, 3)
    with pytest.raises(InsufficientStock) as refused:
        async with transactions.begin() as session:
            await GOODS.take(session, order, lines)
    assert refused.value.available == 5
    assert await stock(world, stall) == (5, 0)
    await check_invariants(world.database)


async def test_units_are_held_released_and_held_again(
    world: World, transactions: Transactions
) -> None:
    stall = await Stall.open(world, on_hand=5)
    order, lines = await order_of(world, await world.user(), stall, 2, 1)
    async with transactions.begin() as session:
        await GOODS.take(session, order, lines)
    assert await stock(world, stall) == (5, 3)
    for _ in range(2):  # a second call changes nothing
        async with transactions.begin() as session:
            await GOODS.line_failed(session, order, lines)
        assert await stock(world, stall) == (5, 0)
    async with transactions.begin() as session:
        await GOODS.take(session, order, lines)
        await GOODS.line_paid(session, order, lines)
    assert await stock(world, stall) == (2, 0)
    async with transactions.begin() as session:
        await GOODS.line_failed(session, order, lines)  # nothing is held any more
        await GOODS.take_back(session, order, [LineUnits(lines[0], 0, 2)])
    assert await stock(world, stall) == (4, 0)
    async with world.database.session() as session:
        (row,) = (await session.exec(select(Reservation))).all()
    assert (row.quantity, row.state) == (3, ReservationState.SOLD)


async def test_nothing_is_held_of_a_variant_without_stock_keeping(
    world: World, transactions: Transactions
) -> None:
    stall = await Stall.open(world, on_hand=0)
    async with transactions.begin() as session:
        kept = await session.get_one(Variant, stall.variant.id)
        kept.tracks_stock = False
    order, lines = await order_of(world, await world.user(), stall, 7)
    async with transactions.begin() as session:
        await GOODS.take(session, order, lines)
        await GOODS.line_paid(session, order, lines)
        await GOODS.take_back(session, order, [LineUnits(lines[0], 0, 7)])
    assert await stock(world, stall) == (0, 0)
    await check_invariants(world.database)
