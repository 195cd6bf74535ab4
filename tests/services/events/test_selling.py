"""Holds in orders: checked out, sold once, given up, and taken again."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from models.errors import NotFound
from models.events.events import TransferPolicy
from models.events.selling.holds import HoldExpired, HoldLine, HoldState
from models.events.ticket_types import TicketsSoldOut
from models.events.tickets import Ticket
from models.identity.accounts import User
from services.events.holds.selling import (
    check_out_holds,
    give_up_holds,
    retake_holds,
    sell_holds,
)
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice


async def placed(world: World, user: User) -> tuple[UUID, UUID]:
    """Return the ids of an order of the user and of its only line."""
    order = await world.placed_order(user, [await world.vendor()])
    return order.order.id, order.lines[0].id


async def check_out(world: World, office: BoxOffice, order_id: UUID, hold_id: UUID) -> None:
    async with world.database.session() as session, session.begin():
        await check_out_holds(session, office.user.id, order_id, [hold_id])


async def test_a_hold_is_sold_once_with_the_policies_of_its_event(
    world: World, database: Database
) -> None:
    office = await BoxOffice.open(
        world,
        transfer=TransferPolicy.UNTIL,
        transfer_hours=5,
        refund_hours=24,
        refund_bps=5_000,
    )
    office.kind = await world.ticket_type(office.event, office.quota, admits=3, price=100_00)
    hold = await office.hold(office.user, quantity=2)
    order_id, order_line_id = await placed(world, office.user)
    await check_out(world, office, order_id, hold.id)
    assert (await world.fresh(hold)).state == HoldState.CHECKOUT
    line = await world.first(HoldLine)
    for expected in (6, 0):
        async with world.database.session() as session, session.begin():
            sold = await sell_holds(session, order_id, {line.id: order_line_id})
        assert len(sold) == expected
    async with world.database.session() as session:
        tickets = (await session.exec(select(Ticket))).all()
    assert sorted(one.price for one in tickets) == [33_33] * 4 + [33_34] * 2
    first = tickets[0]
    assert (first.holder_id, first.buyer_id) == (office.user.id, office.user.id)
    assert first.transfer_until == office.date.starts_at - timedelta(hours=5)
    assert first.refund_until == office.date.starts_at - timedelta(hours=24)
    assert first.refund_now(now()) == first.price // 2 + first.price % 2
    assert (await world.fresh(hold)).state == HoldState.SOLD
    await check_invariants(database)


async def test_a_hold_of_an_unpaid_order_is_given_up_and_taken_again(world: World) -> None:
    office = await BoxOffice.open(world, capacity=2)
    hold = await office.hold(office.user, quantity=2)
    order_id, _ = await placed(world, office.user)
    await check_out(world, office, order_id, hold.id)
    for _ in range(2):
        async with world.database.session() as session, session.begin():
            await give_up_holds(session, order_id)
        assert await office.taken() == 0
    async with world.database.session() as session, session.begin():
        await retake_holds(session, order_id)
    assert (await world.fresh(hold)).state == HoldState.CHECKOUT
    assert (await office.taken(), await office.counted(office.user)) == (2, 2)
    async with world.database.session() as session, session.begin():
        await give_up_holds(session, order_id)
    await office.hold(await world.user())
    with pytest.raises(TicketsSoldOut):
        async with world.database.session() as session, session.begin():
            await retake_holds(session, order_id)
    assert await office.taken() == 1


async def test_check_out_refuses_holds_of_others_and_expired_ones(world: World) -> None:
    office = await BoxOffice.open(world)
    order_id, _ = await placed(world, office.user)
    foreign = await office.hold(await world.user())
    with pytest.raises(NotFound):
        await check_out(world, office, order_id, foreign.id)
    expired = await office.hold(office.user, expires_at=now() - timedelta(seconds=1))
    with pytest.raises(HoldExpired):
        await check_out(world, office, order_id, expired.id)
