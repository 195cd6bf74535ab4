"""A row of seats becomes free while users wait and a crowd tries to buy it."""

import asyncio
from collections.abc import Awaitable
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlmodel import col, select

from core.database import Database
from core.ids import new_id
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from models.events.seats.seat_maps import SeatRow
from models.events.selling.waitlist import WaitlistDraft, WaitlistEntry, WaitlistState
from models.identity.accounts import User
from services.events.tickets.ending import cancel_tickets
from services.events.waitlist import joining, rows
from services.events.waitlist.joining import join_waitlist
from services.events.waitlist.rows import PublicSeats, lock_public_seats
from services.viewer import Viewer
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import Payload, crowd, tally
from tests.races.meeting import waits_or_ends
from tests.resolvers.events.hall import SEATS, Hall
from tests.resolvers.events.waiting import serve

ROW, PUBLIC = 8, 60
OPEN = text("UPDATE seat_row SET waitlist_first = false")


async def rush(world: World, clients: list[Client], *, closed: bool) -> tuple[Hall, int]:
    """Free a row that is waited for, and let a crowd buy before and while two serve.

    Returns how many bought. Without `closed`, all is the same but the rows, which are open to the
    public sale.
    """
    hall = await Hall.open(world, rows=2, seats=ROW)
    tickets = [await hall.sold_seat(row, at) for row in range(2) for at in range(ROW)]
    for _ in range(ROW // 2):
        await world.waitlist_entry(await world.user(), hall.date, least=2)

    async def free() -> None:
        async with world.database.session() as session, session.begin():
            await cancel_tickets(session, [one.id for one in tickets[:ROW]], notifies=False)

    def buy(client: Client, user: User, at: int) -> Awaitable[Payload]:
        """Buy the best seats, or chosen ones."""
        wanted = hall.choosing(0, at % ROW) if at % 2 else hall.input(1)
        return client.signed_in(user).do("holdTickets", wanted, SEATS)

    await free()
    if not closed:
        async with world.database.session() as session, session.begin():
            await session.execute(OPEN)
    people = zip(cycle(clients), await crowd(world, PUBLIC), strict=False)
    calls = [buy(client, user, at) for at, (client, user) in enumerate(people)]
    half = len(calls) // 2
    answers = list(await asyncio.gather(*calls[:half]))
    others, *_ = await asyncio.gather(
        asyncio.gather(*calls[half:]), serve(world, hall), serve(world, hall)
    )
    return hall, tally([*answers, *others])["OK"]


async def states(world: World) -> set[WaitlistState]:
    async with world.database.session() as session:
        return {entry.state for entry in await session.exec(select(WaitlistEntry))}


async def test_the_public_sale_never_outruns_those_who_wait_for_seats(
    world: World, clients: list[Client], database: Database
) -> None:
    hall, bought = await rush(world, clients, closed=True)
    assert bought == 0
    assert await states(world) == {WaitlistState.HOLDING}
    assert await hall.states(0) == "H" * ROW
    await check_invariants(database)


async def test_the_public_sale_outruns_them_without_the_guard(
    world: World, clients: list[Client], database: Database
) -> None:
    _, bought = await rush(world, clients, closed=False)
    assert bought == ROW, "none is left to serve"
    assert await states(world) == {WaitlistState.WAITING}
    await check_invariants(database)


UNLOCKED = Statement(
    select(*columns_of(SeatRow)).where(
        col(SeatRow.event_date_id) == bindparam("event_date_id"),
        any_of(col(SeatRow.category_id)),
    ),
    SeatRow,
)
JOBS = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%serve_waitlist'")


@pytest.mark.parametrize("locked", [True, False])
async def test_a_seat_that_is_freed_while_a_user_joins_is_served(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """Without the locks of the rows, what frees the seat knows of no entry that waits for it."""
    hall = await Hall.open(world, rows=1, seats=2)
    first, _ = [await hall.sold_seat(0, at) for at in range(2)]
    looked, go_on = asyncio.Event(), asyncio.Event()
    look, user = lock_public_seats, await world.user()

    async def stop(*args: Any, **given: Any) -> PublicSeats:
        found = await look(*args, **given)
        looked.set()
        await go_on.wait()
        return found

    async def join() -> None:
        async with world.database.session() as session, session.begin():
            await join_waitlist(
                session,
                Viewer(user_id=user.id),
                event_date_id=hall.date.id,
                draft=WaitlistDraft(most=1),
                idempotency_key=str(new_id()),
            )

    async def free() -> None:
        async with world.database.session() as session, session.begin():
            await cancel_tickets(session, [first.id], notifies=False)

    monkeypatch.setattr(joining, "lock_public_seats", stop)
    if not locked:
        monkeypatch.setattr(rows, "LOCK", UNLOCKED)
    async with asyncio.TaskGroup() as group:
        group.create_task(join())
        await looked.wait()
        freeing = group.create_task(free())
        await waits_or_ends(database, freeing)
        assert freeing.done() is not locked
        go_on.set()
    async with database.session() as session:
        assert (await session.execute(JOBS)).scalar_one() == int(locked)
    await check_invariants(database)
