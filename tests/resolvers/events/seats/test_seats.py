"""Holds with seats: chosen ones, and the best that are available."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from models.events.events import OrphanRule
from models.events.seats.seat_maps import SeatPlace
from models.events.selling.holds import HoldState, TicketHold
from services.events.holds.ending import expire_holds
from services.events.seats.places import resize_dates
from services.events.seats.release import release_accessible_seats
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.hall import SEATS, Hall, shown
from tests.resolvers.events.inputs import hold_input, keyed
from tests.resolvers.events.selling.test_holds import expire

PROBLEMS = """errors { code ...on SeatsTaken { seatIds } ...on NoSeatsTogether { largest }
  ...on LeavesSingleSeat { seatIds } }"""
KEPT = {"code", "seatIds", "largest"}


async def best(client: Client, hall: Hall, quantity: int, **given: Any) -> list[str]:
    changes = {"best": given} if given else {}
    payload = await client.do("holdTickets", hall.input(quantity, **changes), SEATS)
    assert payload["errors"] == []
    return sorted(shown(payload["hold"]))


async def problem(client: Client, input: dict[str, Any]) -> dict[str, Any]:
    """Return the code and the data of the refusal of a hold, if there is one."""
    errors = (await client.do("holdTickets", input, PROBLEMS))["errors"]
    return {name: one for error in errors for name, one in error.items() if name in KEPT}


async def another(world: World, api: Client) -> Client:
    return api.signed_in(await world.user())


async def test_chosen_seats_are_held_by_one(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    client, other = api.signed_in(hall.user), await another(world, api)
    hold = await hall.take(client, 0, 0, 1)
    assert shown(hold) == ["A1", "A2"]
    assert hold["total"]["decimal"] == "200.00"
    assert hold["holdLines"][0]["seat"]["row"]["section"] == {"name": "Stalls"}
    assert (await hall.states(0), await hall.sizes()) == ("HHFFFFFFFF", [1 << 8, 1 << 10])
    taken = await problem(other, hall.choosing(0, 1, 2))
    assert taken == {"code": "SEATS_TAKEN", "seatIds": hall.ids(0, 1)}
    assert await hall.states(0) == "HHFFFFFFFF", "all or none"
    released = await client.do("releaseHold", {"holdId": hold["id"]}, SEATS)
    assert released["hold"]["state"] == "RELEASED"
    assert (await hall.states(0), await hall.sizes()) == ("FFFFFFFFFF", [1 << 10, 1 << 10])
    await check_invariants(world.database)


async def test_seats_of_other_dates_or_of_no_type(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    client = api.signed_in(hall.user)
    ids = hall.ids(0, 0, 1)
    assert await client.refusal_codes("holdTickets", hall.input(3, seatIds=ids)) == [
        "INVALID_INPUT"
    ]
    assert await client.refusal_codes("holdTickets", hall.input(2, seatIds=[ids[0]] * 2)) == [
        "INVALID_INPUT"
    ]
    both = hall.input(2, seatIds=ids, best={})
    assert await client.refusal_codes("holdTickets", both) == ["INVALID_INPUT"]
    date = await world.event_date(hall.event)
    quota = await world.quota(date)
    standing = await world.ticket_type(hall.event, quota)
    for input in (
        hold_input(date, (standing, 2), seatIds=ids),
        hold_input(date, (hall.kind, 2), seatIds=ids),
    ):
        assert await client.refusal_codes("holdTickets", input) in (
            ["INVALID_INPUT"],
            ["NOT_FOUND"],
        )
    assert await hall.states(0) == "F" * 10


async def test_two_types_share_seats_by_their_categories(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    child = await world.ticket_type(hall.event, category_ids=[hall.category.id], price=50_00)
    client = api.signed_in(hall.user)
    input = hold_input(hall.date, (hall.kind, 2), (child, 1), seatIds=hall.ids(0, 0, 1, 2))
    hold = (await client.do("holdTickets", input, SEATS))["hold"]
    assert (sorted(shown(hold)), hold["total"]["decimal"]) == (["A1", "A2", "A3"], "250.00")
    other = await another(world, api)
    input = hold_input(hall.date, (hall.kind, 2), (child, 2))
    hold = (await other.do("holdTickets", input, SEATS))["hold"]
    assert sorted(shown(hold)) == ["A4", "A5", "A6", "A7"], "side by side, whatever the type"


@pytest.mark.parametrize(
    ("rule", "blocked", "chosen", "left"),
    [
        (OrphanRule.LENIENT, (), (1, 2), (0,)),
        (OrphanRule.LENIENT, (3, 4), (0, 1), ()),  # two of three are always sold
        (OrphanRule.STRICT, (3, 4), (0, 1), (2,)),  # row B would leave none
        (OrphanRule.OFF, (), (1, 2), ()),
        (OrphanRule.LENIENT, (0, 1, 2, 3, 4, 5, 6), (8, 9), ()),
    ],
)
async def test_the_rule_of_single_seats(
    world: World,
    api: Client,
    rule: OrphanRule,
    blocked: tuple[int, ...],
    chosen: tuple[int, ...],
    left: tuple[int, ...],
) -> None:
    hall = await Hall.open(world, orphan_rule=rule)
    await hall.block(0, *blocked)
    client = api.signed_in(hall.user)
    expected = {"code": "LEAVES_SINGLE_SEAT", "seatIds": hall.ids(0, *left)} if left else {}
    assert await problem(client, hall.choosing(0, *chosen)) == expected


async def test_few_seats_end_the_rule_of_single_seats(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=5)
    for row in range(5):
        await hall.block(row, *range(0 if row else 4, 10))
    client = api.signed_in(hall.user)
    assert await client.refusal_codes("holdTickets", hall.choosing(0, 1, 2)) == []


async def test_the_best_seats_are_central_and_leave_none_single(world: World, api: Client) -> None:
    hall = await Hall.open(world, seats=7)
    assert await best(api.signed_in(hall.user), hall, 3) == ["A3", "A4", "A5"]
    # Two runs of two are left in row A: one that wants 1 goes to row B.
    assert await best(await another(world, api), hall, 2) == ["A1", "A2"]
    assert await best(await another(world, api), hall, 1) == ["B4"]
    assert await hall.sizes() == [1 << 2, 1 << 3]
    refused = await problem(await another(world, api), hall.input(4))
    assert refused == {"code": "NO_SEATS_TOGETHER", "largest": 3}
    near = await best(await another(world, api), hall, 5, together="NEARBY")
    assert near == ["A6", "A7", "B1", "B2", "B3"]
    assert await best(await another(world, api), hall, 3, together="ANY") == ["B5", "B6", "B7"]
    sold = await problem(await another(world, api), hall.input(1))
    assert sold == {"code": "TICKETS_SOLD_OUT"}
    await check_invariants(world.database)


async def test_seats_anywhere_and_in_a_section(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=3, seats=4)
    for row in range(3):
        await hall.block(row, 2)
    client = api.signed_in(hall.user)
    assert await client.refusal_codes("holdTickets", hall.input(5, best={"together": "ROW"})) == [
        "NO_SEATS_TOGETHER"
    ]
    query = "query ($id: ID!) { eventDate(id: $id) { chart { sections { sectionId } } } }"
    shown_date = (await api.ask(query, id=gid(hall.date)))["eventDate"]
    section = shown_date["chart"]["sections"][0]["sectionId"]
    anywhere = {"together": "ANY", "sectionId": section}
    assert await best(client, hall, 7, **anywhere) == ["A1", "A2", "A4", "B1", "B2", "C1", "C2"]
    more = hall.input(3, best={"together": "ANY"})
    codes = await (await another(world, api)).refusal_codes("holdTickets", more)
    assert codes == ["TICKETS_SOLD_OUT"]
    free = [(await hall.states(row)).count("F") for row in range(3)]
    assert sum(free) == 2


async def make_accessible(hall: Hall, row: int, *positions: int) -> None:
    ids = [hall.rows[row][pos].id for pos in positions]
    async with hall.world.database.session() as session, session.begin():
        places = update(SeatPlace).where(col(SeatPlace.seat_id).in_(ids))
        await session.exec(places.values(accessible=True))
        await resize_dates(session, [hall.date.id])


async def test_accessible_places_are_for_those_who_ask(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=6)
    await make_accessible(hall, 0, 0, 5)
    assert await hall.sizes() == [1 << 4]
    client = api.signed_in(hall.user)
    assert await client.refusal_codes("holdTickets", hall.input(5)) == ["NO_SEATS_TOGETHER"]
    assert await best(client, hall, 2, accessible=1) == ["A1", "A2"]
    other = await another(world, api)
    assert await other.refusal_codes("holdTickets", hall.input(2, best={"accessible": 2})) == [
        "NO_SEATS_TOGETHER"
    ]
    many = hall.input(1, best={"accessible": 2})
    assert await other.refusal_codes("holdTickets", many) == ["INVALID_INPUT"]
    async with world.database.session() as session, session.begin():
        await release_accessible_seats(session, hall.date.id)
    assert await hall.sizes() == [1 << 3], "a week before the start"
    date = await world.fresh(hall.date)
    date.starts_at -= timedelta(days=6)
    date.ends_at -= timedelta(days=6)
    await world.save(date)
    async with world.database.session() as session, session.begin():
        await release_accessible_seats(session, hall.date.id)
    assert await hall.sizes() == [1 << 4]
    await check_invariants(world.database)


async def test_change_hold_keeps_its_seats_or_takes_others(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    child = await world.ticket_type(hall.event, category_ids=[hall.category.id], price=50_00)
    client = api.signed_in(hall.user)
    hold = await hall.take(client, 0, 0, 1, 2)
    lines = hold_input(hall.date, (hall.kind, 1), (child, 2))["lines"]
    kept = await client.do("changeHold", keyed(holdId=hold["id"], lines=lines), SEATS)
    assert kept["errors"] == []
    assert sorted(shown(kept["hold"])) == ["A1", "A2", "A3"]
    assert kept["hold"]["total"]["decimal"] == "200.00"
    lines = hold_input(hall.date, (hall.kind, 2))["lines"]
    ids = hall.ids(0, 2, 3)
    refused = keyed(holdId=hold["id"], lines=lines, seatIds=ids)
    assert await client.refusal_codes("changeHold", refused) == []
    assert await hall.states(0) == "FFHHFFFFFF"
    more = keyed(holdId=hold["id"], lines=hold_input(hall.date, (hall.kind, 10))["lines"])
    changed = await client.do("changeHold", more, SEATS)
    assert sorted(shown(changed["hold"])) == sorted(f"A{number}" for number in range(1, 11))
    assert changed["hold"]["hardUntil"] == hold["hardUntil"]
    other = await another(world, api)
    await hall.take(other, 1, 0, 1)
    lost = keyed(holdId=hold["id"], lines=lines, seatIds=hall.ids(1, 1, 2))
    assert await client.refusal_codes("changeHold", lost) == ["SEATS_TAKEN"]
    assert await hall.states(0) == "H" * 10, "what it has stays"
    await check_invariants(world.database)


async def test_expiry_frees_seats_with_or_without_a_worker(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1, seats=4)
    await hall.take(api.signed_in(hall.user), 0, 0, 1, 2, 3)
    other = await another(world, api)
    assert await other.refusal_codes("holdTickets", hall.choosing(0, 0, 1)) == ["SEATS_TAKEN"]
    assert await other.refusal_codes("holdTickets", hall.input(2)) == ["TICKETS_SOLD_OUT"]
    first = await world.first(TicketHold)
    await expire(world, first)
    await hall.take(other, 0, 0, 1)
    assert (await hall.states(0), await hall.sizes()) == ("HHFF", [1 << 2])
    async with world.database.session() as session:
        rows = select(TicketHold).where(TicketHold.state == HoldState.OPEN)
        second = (await session.exec(rows)).one()
    await expire(world, second)
    async with world.database.session() as session, session.begin():
        await expire_holds(session, [first.id, second.id])
    assert (await hall.states(0), await hall.sizes()) == ("FFFF", [1 << 4])
    assert await best(await another(world, api), hall, 4) == ["A1", "A2", "A3", "A4"]
    await check_invariants(world.database)


async def test_a_hold_has_at_most_fifty_units_of_all_types(world: World, api: Client) -> None:
    """More seats than a row can have would not fit into the bits that count runs."""
    hall = await Hall.open(world, rows=2, seats=50, max_per_user=100)
    hall.kind.max_per_order = 50
    other = await world.ticket_type(hall.event, category_ids=[hall.category.id], max_per_order=50)
    await world.save(hall.kind)
    client = api.signed_in(hall.user)
    many = hold_input(hall.date, (hall.kind, 50), (other, 13))
    assert await client.refusal_codes("holdTickets", many) == ["INVALID_INPUT"]
    most = hold_input(hall.date, (hall.kind, 37), (other, 13))
    assert await client.refusal_codes("holdTickets", most) == []
