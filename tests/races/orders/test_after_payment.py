"""Paid orders that buyers and vendors change at the same moment."""

import asyncio
from collections import Counter

import pytest
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from models.orders.states import OrderState, PaymentState, SubOrderState
from models.orders.timeline import OrderActor
from models.payments.refunds import Refund, RefundReason
from services.orders import parts
from services.orders.refunds import granting as refunds
from tests.client import Client, gid
from tests.factories.orders import PlacedOrder
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once
from tests.races.meeting import Meeting

ROUNDS = 12


async def test_one_unit_is_refunded_once_by_whichever_door(
    world: World, clients: list[Client], database: Database
) -> None:
    buyer, owner = await world.user(), await world.user()
    placed = await world.placed_order(buyer, [await world.vendor(owner)], quantity=3)
    line = placed.lines[0]
    given = {"lines": [{"lineId": gid(line), "quantity": 1}], "reason": "Twice"}
    order, part = {"orderId": gid(placed.order)}, {"suborderId": gid(placed.suborders[0])}
    calls = []
    for number in range(10):
        client, keyed = clients[number % 2], {"idempotencyKey": str(new_id())}
        calls += [
            client.signed_in(buyer).do("cancelOrderLines", given | order | keyed),
            client.signed_in(owner).do("cancelSuborderLines", given | part | keyed),
        ]
    answers = await at_once(calls, most=10)
    codes = Counter(error["code"] for answer in answers for error in answer["errors"])
    assert sum(codes.values()) == 17
    assert codes.keys() <= {"TOO_MANY_UNITS", "ORDER_STATE"}
    order_row = await world.fresh(placed.order)
    assert order_row.state is OrderState.CANCELLED
    assert order_row.payment_state is PaymentState.REFUNDED
    assert (await world.stock_of(line)).on_hand == 13
    async with database.session() as session:
        assert len((await session.exec(select(Refund))).all()) == 3
    await check_invariants(database)


async def refund_one(database: Database, placed: PlacedOrder, read: Meeting) -> None:
    """Cancel one unit, after all others have read the counters."""
    async with database.session() as session, session.begin():
        part = await parts.lock_part(session, placed.suborders[0].id)
        (line,) = await parts.find_lines(session, part.suborder.id)
        await read.arrive()
        units = refunds.cancel_units([(line, 1)])
        await refunds.grant_refund(
            session, part.order, units, RefundReason.CANCELLED, actor=OrderActor.BUYER
        )


async def test_without_the_lock_and_the_constraint_a_unit_is_refunded_twice(
    world: World, drop: Drop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drop("refund_line_units_excl")
    monkeypatch.setattr(parts, "for_change", lambda rows: rows)
    placed = await world.placed_order(await world.user(), [await world.vendor()], quantity=2)
    read = Meeting()
    await asyncio.gather(*(refund_one(database, placed, read) for _ in range(2)))
    async with database.session() as session:
        assert len((await session.exec(select(Refund))).all()) == 2
    with pytest.raises(AssertionError, match="line that differs from its refunds"):
        await check_invariants(database)


async def test_a_buyer_cancels_while_the_vendor_accepts(
    world: World, clients: list[Client], database: Database
) -> None:
    buyer, owner = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    orders = [await world.placed_order(buyer, [vendor]) for _ in range(ROUNDS)]
    calls = []
    for number, placed in enumerate(orders):
        accept = {"suborderId": gid(placed.suborders[0])}
        cancel = {"orderId": gid(placed.order), "idempotencyKey": f"{number}"}
        calls += [
            clients[0].signed_in(owner).do("acceptSuborder", accept),
            clients[1].signed_in(buyer).do("cancelOrder", cancel),
        ]
    answers = await at_once(calls, most=8)
    codes = {error["code"] for answer in answers for error in answer["errors"]}
    assert codes <= {"ORDER_STATE"}
    assert not any(answer["errors"] for answer in answers[1::2])
    for placed in orders:
        assert (await world.fresh(placed.suborders[0])).state is SubOrderState.CANCELLED
        assert (await world.fresh(placed.order)).payment_state is PaymentState.REFUNDED
    await check_invariants(database)


async def test_without_the_lock_a_vendor_accepts_what_was_refunded(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "for_change", lambda rows: rows)
    placed = await world.placed_order(await world.user(), [await world.vendor()], quantity=1)
    async with database.session() as session, session.begin():
        part = await parts.lock_part(session, placed.suborders[0].id)
        await refund_one(database, placed, Meeting(callers=1))
        part.suborder.accept()
    suborder = await world.fresh(placed.suborders[0])
    assert (suborder.state, suborder.refunded) == (SubOrderState.PREPARING, suborder.total)
