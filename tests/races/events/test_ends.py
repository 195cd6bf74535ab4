"""Holds and tickets that end in two ways at once: what they took is free once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from core.database import Database
from core.statements.statement import KEYS
from core.statements.units import UnitOfWork
from models.events.selling.holds import TicketHold
from models.events.tickets import Ticket
from models.vendors import MemberRole
from services.events.holds import holding, pricing, selling
from services.events.holds.room import Room, lock_room
from services.events.tickets import ending
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Meeting, Overtaking
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input, keyed
from tests.resolvers.events.ordering import TicketOrder


class Fetch:
    """Stands in for a prepared statement whose rows come from another function."""

    def __init__(self, fetch: Callable[..., Awaitable[Any]]) -> None:
        self.fetch = fetch


async def count_nothing(*_: object, **__: object) -> None:
    """Leave the counter of the buyer, which refuses to fall below zero."""


async def order_what_expires(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, fetch: Callable[..., Awaitable[Any]]
) -> tuple[BoxOffice, list[list[str]]]:
    """Order the last ticket by a clock that is late, while another user wants it.

    Returns the refusals of both.
    """
    office = await BoxOffice.open(world, capacity=1)
    order = await TicketOrder.begin(office, api)
    input = order.input(await order.check_out())
    order.hold.expires_at = now() - timedelta(seconds=1)
    await world.save(order.hold)
    overtaking, late = Overtaking(), now() - timedelta(minutes=5)

    def clock() -> datetime:
        return late

    monkeypatch.setattr(pricing, "now", clock)
    monkeypatch.setattr(selling, "now", clock)
    monkeypatch.setattr(selling, "HOLDS", Fetch(overtaking.after(fetch)))
    next_buyer = api.signed_in(await world.user())
    wanted = hold_input(office.date, (office.kind, 1))
    answers = await overtaking.run(
        order.client.refusal_codes("placeOrder", input),
        next_buyer.refusal_codes("holdTickets", wanted),
    )
    return office, answers


async def test_a_hold_that_is_ordered_is_not_given_to_the_next(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    locked = selling.HOLDS.fetch
    office, answers = await order_what_expires(world, api, monkeypatch, locked)
    assert answers == [[], ["TICKETS_SOLD_OUT"]]
    assert await office.taken() == 1
    await check_invariants(database)


async def test_it_is_given_to_both_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The control: the hold is read, and ended before it is ordered."""

    async def read(_: object, **given: Any) -> list[TicketHold]:
        async with database.session() as session:
            return [await session.get_one(TicketHold, id) for id in given[KEYS]]

    _, answers = await order_what_expires(world, api, monkeypatch, read)
    assert answers == [[], []]
    with pytest.raises(AssertionError, match=r"ticket_quota\.taken differs"):
        await check_invariants(database)


async def release_twice(world: World, api: Client) -> BoxOffice:
    office = await BoxOffice.open(world)
    hold = await office.hold(office.user, quantity=2)
    await office.hold(await world.user(), quantity=3)
    client, input = api.signed_in(office.user), {"holdId": gid(hold)}
    calls = (client.refusal_codes("releaseHold", input) for _ in range(2))
    assert await asyncio.gather(*calls) == [[], []]
    return office


async def test_a_hold_that_is_released_twice_gives_back_once(
    world: World, api: Client, database: Database
) -> None:
    office = await release_twice(world, api)
    assert (await office.taken(), await office.counted(office.user)) == (3, 0)
    await check_invariants(database)


async def test_it_gives_back_twice_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The control: both find the hold open."""
    meeting = Meeting()

    async def read(unit: UnitOfWork, viewer: Viewer, hold_id: UUID) -> TicketHold:
        async with database.session() as session:
            hold = await session.get_one(TicketHold, hold_id)
        await meeting.arrive()
        return hold

    monkeypatch.setattr(holding, "lock_own_hold", read)
    monkeypatch.setattr("services.events.holds.ending.count_tickets", count_nothing)
    office = await release_twice(world, api)
    assert await office.taken() == 1
    with pytest.raises(AssertionError, match=r"ticket_quota\.taken differs"):
        await check_invariants(database)


async def cancel_twice(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> tuple[BoxOffice, list[list[str]]]:
    """Cancel a ticket as its holder and as a member, who find it valid together."""
    office, meeting = await BoxOffice.open(world), Meeting()
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    await office.hold(await world.user(), quantity=3)
    staff = await new_member(world, office.vendor, MemberRole.STAFF)

    async def meet(unit: UnitOfWork, quota_ids: Any) -> Room:
        await meeting.arrive()
        return await lock_room(unit, quota_ids)

    monkeypatch.setattr(ending, "lock_room", meet)
    answers = await asyncio.gather(
        *(
            api.signed_in(user).refusal_codes("cancelTicket", keyed(ticketId=gid(ticket)))
            for user in (office.user, staff)
        )
    )
    return office, sorted(answers)


async def test_a_ticket_that_two_cancel_is_free_once(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    office, answers = await cancel_twice(world, api, monkeypatch)
    assert answers == [[], ["TICKET_CANCELLED"]]
    assert (await office.taken(), await office.counted(office.user)) == (3, 0)
    assert (await world.first(Ticket)).generation == 2
    await check_invariants(database)


async def test_it_is_free_twice_if_it_is_not_read_again(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The control: what was valid before the locks is taken to be so."""

    async def know(_: object, **given: Any) -> Sequence[Any]:
        return [{"id": id} for id in given[KEYS]]

    monkeypatch.setattr(ending, "LOCK", Fetch(know))
    monkeypatch.setattr(ending, "count_tickets", count_nothing)
    _, answers = await cancel_twice(world, api, monkeypatch)
    assert answers == [[], []]
    with pytest.raises(AssertionError, match=r"ticket_quota\.taken differs"):
        await check_invariants(database)
