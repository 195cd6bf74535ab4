"""One listed ticket: two users pay for it at once, while its seller cancels it or unlists it."""

import asyncio
from collections.abc import Collection
from uuid import UUID

import pytest

from core.statements.units import UnitOfWork
from models.events.selling.resale import ResaleState
from models.events.tickets import TicketState
from services.events.holds import selling as holds
from services.events.resale import selling
from services.events.tickets.ending import cancel_tickets
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.ordering import TicketOrder
from tests.resolvers.events.selling.test_resale import Reselling

ROUNDS = 3


async def both_ordered(scene: Reselling) -> list[TicketOrder]:
    """Return the order of a user that has expired, and that of the next one: both can be paid."""
    first, second = await scene.wait(most=1), await scene.wait(most=1)
    await scene.list()
    late = await scene.buying(first)
    await late.place()
    await late.expire()
    await scene.end_entry(first)
    current = await scene.buying(second)
    await current.place()
    return [late, current]


async def race(scene: Reselling, orders: list[TicketOrder], *, cancels: bool) -> int:
    """Let the money of orders come in at once, and the seller cancel. Returns the new tickets."""
    calls = [order.receive_money() for order in orders]
    given = [scene.seller.refusal_codes("cancelTicket", scene.input())] if cancels else []
    await asyncio.gather(*calls, *given)
    return sum([len(await order.tickets()) for order in orders])


async def test_one_of_all_gets_the_ticket(world: World, api: Client) -> None:
    for cancels in [False, *[True] * ROUNDS]:
        scene = await Reselling.begin(world, api)
        orders = await both_ordered(scene)
        sold = await race(scene, orders, cancels=cancels)
        listing = await scene.listing()
        assert listing.state is (ResaleState.SOLD if sold else ResaleState.WITHDRAWN)
        assert (sold, await scene.state()) in (
            (1, TicketState.CANCELLED),
            (0, TicketState.CANCELLED),
        )
        assert cancels or sold == 1
        assert await scene.office.taken() == sold
        returned = [reason for order in orders for reason, _ in await order.refunded()]
        assert returned == ["LATE_PAYMENT"] * (2 - sold)
        await scene.refund()
    await check_invariants(world.database)


async def test_without_the_guards_it_is_sold_twice(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a listing is neither looked at, nor is the ticket that a sale cancels."""

    async def is_ours(*given: object) -> bool:
        return True

    async def cancel_any(
        unit: UnitOfWork, ids: Collection[UUID], *, resold: bool, notifies: bool
    ) -> list[UUID]:
        await cancel_tickets(unit, ids, resold=resold, notifies=notifies)
        return list(ids)

    scene = await Reselling.begin(world, api)
    orders = await both_ordered(scene)
    quota = await world.fresh(scene.office.quota)
    quota.capacity += 1
    await world.save(quota)
    monkeypatch.setattr(selling, "has_listed", is_ours)
    monkeypatch.setattr(holds, "hold_listed", is_ours)
    monkeypatch.setattr(selling, "cancel_tickets", cancel_any)
    assert await race(scene, orders, cancels=False) == 2
    with pytest.raises(AssertionError, match="a listed ticket that it had not"):
        await check_invariants(world.database)


async def test_a_ticket_is_held_or_unlisted(world: World, api: Client) -> None:
    for _ in range(ROUNDS):
        scene = await Reselling.begin(world, api)
        entry = await scene.wait(most=1)
        await scene.list()
        unlist = {"ticketId": gid(scene.ticket)}
        codes, *_ = await asyncio.gather(
            scene.seller.refusal_codes("unlistTicket", unlist), scene.serve(), scene.serve()
        )
        held = await scene.hold_of(entry) is not None
        assert codes == (["RESALE_HELD"] if held else [])
        assert (await scene.listing()).held is held
    await check_invariants(world.database)
