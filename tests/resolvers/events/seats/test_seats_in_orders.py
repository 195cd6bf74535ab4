"""Seats of holds in orders: kept, sold, given up, and taken again."""

import pytest
from sqlmodel import select

from models.events.seats.seat_maps import SeatPlace
from models.events.selling.holds import HoldLine, TicketHold
from models.events.ticket_types import TicketsSoldOut
from models.events.tickets import Ticket
from services.events.holds.selling import (
    check_out_holds,
    give_up_holds,
    retake_holds,
    sell_holds,
)
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.hall import Hall
from tests.services.events.test_selling import placed


async def test_an_order_keeps_its_seats_until_it_is_paid(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=4)
    await hall.take(api.signed_in(hall.user), 0, 0, 1)
    hold = await world.first(TicketHold)
    order_id, order_line_id = await placed(world, hall.user)
    async with world.database.session() as session, session.begin():
        await check_out_holds(session, hall.user.id, order_id, [hold.id])
    async with world.database.session() as session:
        held = select(SeatPlace.expires_at).where(SeatPlace.hold_id == hold.id)
        until = (await session.exec(held)).first()
        assert until is not None
        assert until.year == 9999, "at infinity"
        lines = (await session.exec(select(HoldLine.id))).all()
    for expected in (2, 0):
        async with world.database.session() as session, session.begin():
            sold = await sell_holds(session, order_id, dict.fromkeys(lines, order_line_id))
        assert len(sold) == expected
    assert (await hall.states(0), await hall.sizes()) == ("SSFF", [1 << 2])
    async with world.database.session() as session:
        tickets = (await session.exec(select(Ticket))).all()
    assert {one.seat_id for one in tickets} == {hall.rows[0][0].id, hall.rows[0][1].id}
    await check_invariants(world.database)


async def test_late_money_takes_the_same_seats_or_none(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=4)
    await hall.take(api.signed_in(hall.user), 0, 0, 1)
    hold = await world.first(TicketHold)
    order_id, _ = await placed(world, hall.user)
    async with world.database.session() as session, session.begin():
        await check_out_holds(session, hall.user.id, order_id, [hold.id])
    for again in (True, False):
        async with world.database.session() as session, session.begin():
            await give_up_holds(session, order_id)
        assert (await hall.states(0), await hall.sizes()) == ("FFFF", [1 << 4])
        if again:
            async with world.database.session() as session, session.begin():
                await retake_holds(session, order_id)
            assert (await hall.states(0), await hall.sizes()) == ("HHFF", [1 << 2])
    await hall.take(api.signed_in(await world.user()), 0, 0, 1)
    with pytest.raises(TicketsSoldOut):
        async with world.database.session() as session, session.begin():
            await retake_holds(session, order_id)
    assert (await hall.states(0), await hall.sizes()) == ("HHFF", [1 << 2])
