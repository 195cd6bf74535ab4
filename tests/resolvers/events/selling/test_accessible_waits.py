"""Waitlists for accessible seats, and what is shown of seats that are left."""

from datetime import timedelta

from core.clock import now
from core.database import Database
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.waitlist import WaitlistEntry
from services.events.seats.release import release_accessible_seats
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.selling.test_seat_waitlist import (
    SOLD,
    closed,
    free,
    make_accessible,
    seats_of,
    sell_all,
)
from tests.resolvers.events.waiting import end, holds_of, join_input, serve


async def test_accessible_seats_are_for_those_who_wait_for_them(
    world: World, api: Client, database: Database
) -> None:
    hall = await Hall.open(world, rows=2, seats=4)
    await make_accessible(hall, (0, 0), (0, 1))
    client, other = api.signed_in(await world.user()), api.signed_in(await world.user())
    wish = join_input(hall, accessible=1, least=2)
    assert await client.refusal_codes("joinWaitlist", wish) == ["TICKETS_LEFT"]
    best = hall.input(2, best={"accessible": 2})
    assert await other.refusal_codes("holdTickets", best) == []
    hold = await world.first(TicketHold)
    assert await client.refusal_codes("joinWaitlist", wish | keyed()) == []
    assert await closed(world) == [(False, True)] * 2, "the others are on sale"
    assert await api.signed_in(hall.user).refusal_codes("holdTickets", hall.input(1)) == []
    await end(world, hold, HoldState.RELEASED)
    stranger = api.signed_in(await world.user())
    best = hall.input(1, best={"accessible": 1})
    assert await stranger.refusal_codes("holdTickets", best) == ["NO_SEATS_TOGETHER"]
    assert await stranger.refusal_codes("holdTickets", hall.choosing(0, 0)) == ["SEATS_TAKEN"]
    await serve(world, hall)
    entry = await world.first(WaitlistEntry)
    (first, second) = await seats_of(world, hall, entry)
    assert first[0] == second[0] == 0
    assert first[1] < 2 <= second[1], "one is accessible, and its companion is in the row"
    assert await closed(world) == [(False, False)] * 2
    await check_invariants(database)


async def test_accessible_seats_that_some_wait_for_are_not_released(world: World) -> None:
    hall = await Hall.open(world, rows=2, seats=3)
    await make_accessible(hall, (0, 0), (1, 0))
    await sell_all(hall)
    await free(world, hall, (0, 0))
    hall.date.starts_at = now() + timedelta(hours=1)
    await world.save(hall.date)
    entry = await world.waitlist_entry(hall.user, hall.date, accessible=2, least=2, most=2)
    assert await released(world, hall) == [0, 0]
    entry.accessible = entry.least = entry.most = 1
    await world.save(entry)
    await serve(world, hall)
    assert await seats_of(world, hall, entry) == [(0, 0)]
    assert await released(world, hall) == [0, 0], "the seat can come back to who holds it"
    await end(world, await world.first(TicketHold))
    await serve(world, hall)
    assert await seats_of(world, hall, entry) == [(0, 0)]
    await end(world, (await holds_of(world, entry))[-1], HoldState.RELEASED)
    assert await released(world, hall) == [1 << 1, 0]
    await check_invariants(world.database)


async def released(world: World, hall: Hall) -> list[int]:
    """Release the seats that no entry waits for, and return the sizes of the rows."""
    async with world.database.session() as session, session.begin():
        await release_accessible_seats(session, hall.date.id)
    return await hall.sizes()


async def test_accessible_seats_that_a_date_has_not_are_not_waited_for(
    world: World, api: Client
) -> None:
    hall = await Hall.open(world, rows=1, seats=2)
    await sell_all(hall)
    wish = join_input(hall, accessible=1)
    client = api.signed_in(hall.user)
    assert await client.refusal_codes("joinWaitlist", wish) == ["INVALID_INPUT"]


async def test_few_are_left_if_only_accessible_seats_are(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=2)
    await hall.sold_seat(0, 1)
    await make_accessible(hall, (0, 0))
    asked = {"id": gid(hall.date)}
    (sold,) = (await api.ask(SOLD, **asked))["node"]["soldTypes"]
    assert sold == {"availability": "FEW", "onSale": True}
    await hall.sold_seat(0, 0)
    (sold,) = (await api.ask(SOLD, **asked))["node"]["soldTypes"]
    assert sold == {"availability": "SOLD_OUT", "onSale": True}
