"""Waitlists of types that only seats limit: closed rows, holds of real seats, and what blocks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.clock import now
from core.database import Database
from models.events.events import WaitlistRule
from models.events.seats.seat_maps import SeatPlace, SeatRow
from models.events.selling.holds import HoldLine, TicketHold
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.vendors import MemberRole
from services.events.holds.selling import check_out_holds, give_up_holds, retake_holds
from services.events.seats.release import release_accessible_seats
from services.events.tickets.ending import cancel_tickets
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.hall import SEATS, Hall, shown
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.waiting import end, holds_of, join_input, serve, state_of
from tests.services.events.test_selling import placed

ENTRY = "waitlistEntry { id state }"
SOLD = (
    "query ($id: ID!) { node(id: $id) { ... on EventDate { soldTypes { availability onSale } } } }"
)
BLOCKED = """query ($id: ID!) { waitlist(eventDateId: $id) { nodes {
  id blockedBy { id } blockedBySeats { id name } } } }"""


async def sell_all(hall: Hall) -> None:
    """Sell the seats of all rows to others."""
    for row, seats in enumerate(hall.rows):
        for at in range(len(seats)):
            await hall.sold_seat(row, at)


async def free(world: World, hall: Hall, *places: tuple[int, int]) -> None:
    """Cancel the tickets of seats."""
    ids = [hall.rows[row][pos].id for row, pos in places]
    async with world.database.session() as session, session.begin():
        rows = select(SeatPlace.ticket_id).where(col(SeatPlace.seat_id).in_(ids))
        tickets = [id for id in (await session.exec(rows)).all() if id is not None]
        assert len(tickets) == len(places)
        await cancel_tickets(session, tickets, notifies=False)


async def seats_of(world: World, hall: Hall, entry: WaitlistEntry) -> list[tuple[int, int]]:
    """Return the seats that an entry has in its newest hold."""
    hold = (await holds_of(world, entry))[-1]
    places = {seat.id: (at, seat.pos) for at, row in enumerate(hall.rows) for seat in row}
    async with world.database.session() as session:
        rows = select(HoldLine.seat_id).where(HoldLine.hold_id == hold.id)
        return sorted(places[id] for id in (await session.exec(rows)).all() if id is not None)


async def closed(world: World) -> list[tuple[bool, bool]]:
    rows = select(SeatRow).order_by(col(SeatRow.rank))
    async with world.database.session() as session:
        found = (await session.exec(rows)).all()
    return [(row.waitlist_first, row.accessible_first) for row in found]


async def make_accessible(hall: Hall, *places: tuple[int, int]) -> None:
    ids = [hall.rows[row][pos].id for row, pos in places]
    async with hall.world.database.session() as session, session.begin():
        rows = select(SeatPlace).where(col(SeatPlace.seat_id).in_(ids))
        for place in (await session.exec(rows)).all():
            place.accessible = True
    await hall.resize()


async def test_freed_seats_are_held_for_those_who_wait(
    world: World, api: Client, database: Database
) -> None:
    hall = await Hall.open(world, rows=2, seats=4)
    client, public = api.signed_in(await world.user()), api.signed_in(await world.user())
    assert await client.refusal_codes("joinWaitlist", join_input(hall)) == ["TICKETS_LEFT"]
    await sell_all(hall)
    joined = await client.do("joinWaitlist", join_input(hall), ENTRY)
    assert joined["errors"] == []
    assert await closed(world) == [(True, False)] * 2
    await free(world, hall, (0, 1), (0, 2))
    for wanted in (hall.input(1), hall.input(1, best={"together": "ANY"})):
        assert await public.refusal_codes("holdTickets", wanted) == ["TICKETS_SOLD_OUT"]
    assert await public.refusal_codes("holdTickets", hall.choosing(0, 1)) == ["SEATS_TAKEN"]
    await serve(world, hall)
    entry = await world.first(WaitlistEntry)
    assert await seats_of(world, hall, entry) == [(0, 1), (0, 2)]
    assert await hall.states(0) == "SHHS"
    assert await closed(world) == [(False, False)] * 2, "no entry waits any more"
    await free(world, hall, (1, 0))
    assert await public.refusal_codes("holdTickets", hall.input(1)) == []
    await check_invariants(database)


@pytest.mark.parametrize("way", ["cancel", "expire", "unblock", "release"])
async def test_each_way_in_which_seats_become_free_serves_the_waitlist(
    world: World, api: Client, way: str
) -> None:
    """A job is deferred in the transaction that frees them."""
    hall = await Hall.open(world, rows=1, seats=2)
    await hall.take(api.signed_in(hall.user), 0, 0)
    await hall.sold_seat(0, 1)
    hold = await world.first(TicketHold)
    owner = api.signed_in(await new_member(world, hall.vendor, MemberRole.OWNER))
    if way in {"unblock", "release"}:
        await end(world, hold)
    if way == "unblock":
        await hall.block(0, 0)
    if way == "release":
        await make_accessible(hall, (0, 0))
        hall.date.starts_at = now() + timedelta(hours=1)
        await world.save(hall.date)
    entry = await world.waitlist_entry(await world.user(), hall.date, most=1)
    await forget_jobs(world)
    if way == "cancel":
        await free(world, hall, (0, 1))
    elif way == "expire":
        await end(world, hold)
    elif way == "unblock":
        given = {"eventDateId": gid(hall.date), "seatIds": hall.ids(0, 0), "state": "FREE"}
        assert await owner.refusal_codes("blockSeats", given) == []
    else:
        async with world.database.session() as session, session.begin():
            await release_accessible_seats(session, hall.date.id)
    assert await deferred(world) == 1
    await serve(world, hall)
    assert await state_of(world, entry) is WaitlistState.HOLDING
    await check_invariants(world.database)


JOBS = "FROM procrastinate_jobs WHERE task_name LIKE '%serve_waitlist'"


async def forget_jobs(world: World) -> None:
    async with world.database.session() as session, session.begin():
        await session.execute(text(f"DELETE {JOBS}"))


async def deferred(world: World) -> int:
    async with world.database.session() as session:
        return int((await session.execute(text(f"SELECT count(*) {JOBS}"))).scalar_one())


@pytest.mark.parametrize(
    ("together", "least", "most", "freed", "held"),
    [
        ("ROW", 2, 3, [(0, 0), (0, 2), (1, 1)], None),
        ("ROW", 2, 3, [(0, 0), (1, 1), (1, 2)], [(1, 1), (1, 2)]),
        ("ROW", 1, 3, [(0, 0), (0, 2)], [(0, 2)]),
        ("NEARBY", 4, 4, [(0, 0), (0, 1), (1, 2), (1, 3)], [(0, 0), (0, 1), (1, 2), (1, 3)]),
        ("NEARBY", 3, 3, [(0, 0), (0, 1), (1, 2), (1, 3)], None),
        ("ANY", 3, 3, [(0, 0), (0, 2), (1, 1)], [(0, 0), (0, 2), (1, 1)]),
        ("ANY", 2, 4, [(0, 0), (0, 2), (1, 1)], [(0, 0), (0, 2), (1, 1)]),
    ],
)
async def test_seats_are_as_close_as_the_entry_wants_them(
    world: World,
    together: str,
    least: int,
    most: int,
    freed: Sequence[tuple[int, int]],
    held: Sequence[tuple[int, int]] | None,
) -> None:
    hall = await Hall.open(world, rows=2, seats=4)
    await sell_all(hall)
    wish: dict[str, Any] = {"together": together, "least": least, "most": most}
    entry = await world.waitlist_entry(hall.user, hall.date, **wish)
    await free(world, hall, *freed)
    await serve(world, hall)
    if held is None:
        assert await state_of(world, entry) is WaitlistState.WAITING
    else:
        assert await seats_of(world, hall, entry) == held
    await check_invariants(world.database)


async def test_the_first_that_fits_gets_seats_but_passes_none_too_often(world: World) -> None:
    hall = await Hall.open(world, rows=1, seats=8)
    await sell_all(hall)
    large = await world.waitlist_entry(hall.user, hall.date, least=3, most=3, together="ROW")
    for skips in (1, 2, 3):
        small = await world.waitlist_entry(await world.user(), hall.date, most=1)
        await free(world, hall, (0, skips - 1))
        await serve(world, hall)
        assert await state_of(world, small) is WaitlistState.HOLDING
        assert (await world.fresh(large)).skips == skips
    small = await world.waitlist_entry(await world.user(), hall.date, most=1)
    await free(world, hall, (0, 5), (0, 6))
    await serve(world, hall)
    assert await state_of(world, small) is WaitlistState.WAITING, "blocked for a day"
    await free(world, hall, (0, 7))
    await serve(world, hall)
    assert await seats_of(world, hall, large) == [(0, 5), (0, 6), (0, 7)]
    await check_invariants(world.database)


async def test_a_strict_waitlist_passes_nobody_of_the_same_category(world: World) -> None:
    hall = await Hall.open(world, rows=1, seats=4, waitlist=WaitlistRule.STRICT)
    await make_accessible(hall, (0, 3))
    await sell_all(hall)
    quota = await world.quota(hall.date, 1)
    standing = await world.ticket_type(hall.event, quota)
    seats = {"type_ids": [hall.kind.id]}
    wheelchair = await world.waitlist_entry(hall.user, hall.date, accessible=1, most=1, **seats)
    first = await world.waitlist_entry(await world.user(), hall.date, least=2, **seats)
    second = await world.waitlist_entry(await world.user(), hall.date, **seats)
    third = await world.waitlist_entry(await world.user(), hall.date, type_ids=[standing.id])
    await free(world, hall, (0, 0))
    await serve(world, hall)
    waiting = wheelchair, first, second, third
    states = [await state_of(world, one) for one in waiting]
    assert states == ["WAITING", "WAITING", "WAITING", "HOLDING"]
    await free(world, hall, (0, 2))
    await serve(world, hall)
    states = [await state_of(world, one) for one in waiting]
    assert states == ["WAITING", "HOLDING", "WAITING", "HOLDING"], "others than accessible seats"
    await free(world, hall, (0, 3))
    await serve(world, hall)
    assert await seats_of(world, hall, wheelchair) == [(0, 3)]


async def test_a_hold_that_expires_leaves_its_seats_to_those_who_wait(
    world: World, api: Client
) -> None:
    """Its own entry waits again, and its row is closed before the seats are free."""
    hall = await Hall.open(world, rows=2, seats=2)
    await sell_all(hall)
    entry = await world.waitlist_entry(hall.user, hall.date)
    await free(world, hall, (0, 0), (0, 1))
    await serve(world, hall)
    (hold,) = await holds_of(world, entry)
    assert await closed(world) == [(False, False)] * 2
    await end(world, hold)
    assert await closed(world) == [(True, True), (False, False)]
    public = api.signed_in(await world.user())
    assert await public.refusal_codes("holdTickets", hall.input(1)) == ["TICKETS_SOLD_OUT"]
    await serve(world, hall)
    assert await seats_of(world, hall, entry) == [(0, 0), (0, 1)]
    await check_invariants(world.database)


async def test_holds_keep_their_seats_while_others_wait(world: World, api: Client) -> None:
    """A hold can become smaller, and change to the seats that it has."""
    hall = await Hall.open(world, rows=1, seats=4, orphan_rule="OFF")
    client = api.signed_in(hall.user)
    await hall.take(client, 0, 0, 1, 2)
    await hall.sold_seat(0, 3)
    await world.waitlist_entry(await world.user(), hall.date, least=4, most=4)
    hold = await world.first(TicketHold)
    fewer = keyed(holdId=gid(hold), lines=hall.input(2)["lines"])
    changed = await client.do("changeHold", fewer, SEATS)
    assert shown(changed["hold"]) == ["A1", "A2"]
    assert await hall.states(0) == "HHFS"
    more = fewer | keyed(lines=hall.input(3)["lines"])
    assert await client.refusal_codes("changeHold", more) == ["TICKETS_SOLD_OUT"]
    chosen = hall.choosing(0, 1)
    other = {"lines": chosen["lines"], "seatIds": chosen["seatIds"]}
    assert await client.refusal_codes("changeHold", fewer | keyed() | other) == []
    assert await hall.states(0) == "FHFS"
    kept = {"lines": chosen["lines"], "seatIds": hall.ids(0, 0)}
    assert await client.refusal_codes("changeHold", fewer | keyed() | kept) == ["SEATS_TAKEN"]
    await check_invariants(world.database)


async def test_late_money_takes_no_seats_of_those_who_wait(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=2)
    await hall.take(api.signed_in(hall.user), 0, 0, 1)
    hold = await world.first(TicketHold)
    order_id, _ = await placed(world, hall.user)
    async with world.database.session() as session, session.begin():
        await check_out_holds(session, hall.user.id, order_id, [hold.id])
    await world.waitlist_entry(await world.user(), hall.date)
    async with world.database.session() as session, session.begin():
        await give_up_holds(session, order_id)
    assert await hall.states(0) == "FF"
    with pytest.raises(Exception, match="not enough tickets"):
        async with world.database.session() as session, session.begin():
            await retake_holds(session, order_id)


async def test_members_see_the_categories_that_block_an_entry(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=4)
    await sell_all(hall)
    entry = await world.waitlist_entry(hall.user, hall.date, least=2, together="ROW")
    staff = api.signed_in(await new_member(world, hall.vendor, MemberRole.STAFF))
    await free(world, hall, (0, 0), (0, 2))
    await serve(world, hall)
    category = {"id": gid(hall.category), "name": hall.category.name}
    nodes = [{"id": gid(entry), "blockedBy": [], "blockedBySeats": [category]}]
    shown = await staff.ask(BLOCKED, id=gid(hall.date))
    assert shown["waitlist"]["nodes"] == nodes
    own = "{ waitlistEntries { nodes { blockedBySeats { id } } } }"
    seen = await api.signed_in(hall.user).ask(own)
    assert seen["waitlistEntries"]["nodes"] == [{"blockedBySeats": []}]
    await free(world, hall, (0, 1))
    shown = await staff.ask(BLOCKED, id=gid(hall.date))
    assert shown["waitlist"]["nodes"] == [nodes[0] | {"blockedBySeats": []}]


async def test_availability_of_seats_and_of_dates_that_are_over(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=2)

    async def seen() -> tuple[str, bool]:
        (sold,) = (await api.ask(SOLD, id=gid(hall.date)))["node"]["soldTypes"]
        return sold["availability"], sold["onSale"]

    assert await seen() == ("AVAILABLE", True)
    await sell_all(hall)
    assert await seen() == ("SOLD_OUT", True)
    await world.waitlist_entry(hall.user, hall.date)
    await free(world, hall, (0, 0))
    assert await seen() == ("SOLD_OUT", True), "for those who wait"
    await serve(world, hall)
    await free(world, hall, (0, 1))
    assert await seen() == ("AVAILABLE", True)
    hall.date = await world.fresh(hall.date)
    hall.date.starts_at, hall.date.ends_at = now() - timedelta(hours=2), now() - timedelta(hours=1)
    await world.save(hall.date)
    assert await seen() == ("SOLD_OUT", False)


@pytest.mark.parametrize("wanted", [1, 2])
async def test_wrong_sizes_of_a_row_end_in_a_refusal(
    world: World, api: Client, wanted: int
) -> None:
    """They are wrong by a bug alone, which must not keep a server busy for ever."""
    hall = await Hall.open(world, rows=1, seats=2)
    await sell_all(hall)
    async with world.database.session() as session, session.begin():
        await session.execute(text("UPDATE seat_row SET sizes = 6"))
    best = hall.input(wanted, best={"together": "ANY"})
    client = api.signed_in(hall.user)
    assert await client.refusal_codes("holdTickets", best) == ["TICKETS_SOLD_OUT"]
    await hall.resize()
