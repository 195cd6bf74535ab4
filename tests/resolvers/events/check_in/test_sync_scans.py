"""Scans without a network: the same end in any order, and conflicts that are shown."""

from collections import Counter
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlmodel import col, select

from core.clock import now
from models.events.check_in.lists import MAX_ENTRIES, CheckInMode
from models.events.check_in.scans import Scan, TicketPresence
from models.events.tickets import Ticket
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.door import SCANS, Door, stored

CLOCKS = [timedelta(), timedelta(minutes=-7), timedelta(hours=3)]
TICKETS = 100


async def end_of(world: World, door: Door) -> tuple[Any, Any]:
    """Return what is known of all scans and tickets of a list, whatever the ids of rows."""
    async with world.database.session() as session:
        scans = (await session.exec(select(Scan).where(Scan.list_id == door.door.id))).all()
        rows = select(TicketPresence).where(col(TicketPresence.list_id) == door.door.id)
        presence = (await session.exec(rows)).all()
    return (
        sorted((str(one.scan_id), one.outcome, one.reason, one.anomaly) for one in scans),
        sorted((one.ticket_id, one.inside, one.entries) for one in presence),
    )


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_three_scanners_of_a_hundred_tickets_end_the_same_in_any_order(
    world: World, api: Client, order: tuple[int, ...]
) -> None:
    """Each scanner has let each ticket in, by a clock of its own. All is sent twice."""
    door = await Door.open(world)
    tickets = [await door.ticket() for _ in range(2)]
    tickets += await spares(world, door, TICKETS - len(tickets))
    keys = [(await door.scanner())[1] for _ in CLOCKS]
    begin = now() - timedelta(hours=1)
    first = [number % 3 for number in range(TICKETS)]
    sent = [
        [
            door.offline(
                ticket,
                begin + timedelta(seconds=10 * number + 3 * ((scanner - first[number]) % 3)),
                clock,
            )
            for number, ticket in enumerate(tickets)
        ]
        for scanner, clock in enumerate(CLOCKS)
    ]
    client = api.signed_in(door.member)
    ends = []
    for _ in range(2):
        for scanner in order:
            input = door.sync_input(keys[scanner], sent[scanner], CLOCKS[scanner])
            payload = await client.do("syncScans", input, SCANS)
            assert payload["errors"] == []
            assert [one["scanId"] for one in payload["scans"]] == [
                one["scanId"] for one in sent[scanner]
            ]
        ends.append(await end_of(world, door))
    assert ends[0] == ends[1]
    scans, presence = ends[0]
    outcomes = {id: (outcome, anomaly) for id, outcome, _, anomaly in scans}
    assert Counter(outcomes.values()) == {
        ("ADMITTED", None): TICKETS,
        ("DUPLICATE", "DUPLICATE"): 2 * TICKETS,
    }
    for number, scanner in enumerate(first):
        assert outcomes[sent[scanner][number]["scanId"]] == ("ADMITTED", None)
    assert [(inside, entries) for _, inside, entries in presence] == [(True, 1)] * TICKETS
    await check_invariants(world.database)


async def spares(world: World, door: Door, count: int) -> list[Ticket]:
    """Return more tickets, saved at once."""
    model = await door.ticket()
    made = [
        Ticket(**model.model_dump(exclude={"id", "code", "changed_xid"}), code=f"AAAAA-{n:05d}")
        for n in range(count - 1)
    ]
    await world.save(*made)
    return [model, *made]


async def test_a_late_scan_shows_an_online_one_to_be_the_second(world: World, api: Client) -> None:
    door = await Door.open(world)
    (_, online), (_, offline) = await door.scanner(), await door.scanner()
    ticket, client = await door.ticket(), api.signed_in(door.member)
    green = await door.check_in(client, online, ticket)
    early = door.offline(ticket, now() - timedelta(minutes=5))
    payload = await client.do("syncScans", door.sync_input(offline, [early]), SCANS)
    assert payload["scans"][0] | {"id": "", "scanId": ""} == {
        "id": "",
        "scanId": "",
        "scanOutcome": "ADMITTED",
        "reason": "ADMITTED",
        "shown": "GREEN",
        "anomaly": None,
    }
    query = """query ($id: ID!) { checkInList(id: $id) {
        attendance { admitted conflicts } scans(conflicts: true) { nodes { id shown anomaly } }
    } }"""
    found = (await client.ask(query, id=gid(door.door)))["checkInList"]
    assert found["attendance"] == {"admitted": 1, "conflicts": 1}
    conflict = {"id": green["id"], "shown": "GREEN", "anomaly": "DUPLICATE"}
    assert found["scans"] == {"nodes": [conflict]}
    void = {"scanId": payload["scans"][0]["id"], "reason": "By mistake"}
    assert await api.signed_in(door.manager).refusal_codes("voidScan", void) == []
    found = (await client.ask(query, id=gid(door.door)))["checkInList"]
    assert found == {"attendance": {"admitted": 1, "conflicts": 0}, "scans": {"nodes": []}}


async def test_a_scan_is_judged_by_the_ticket_at_its_time(world: World, api: Client) -> None:
    """A ticket that was cancelled later was admitted; one that was before should not have been."""
    door = await Door.open(world)
    _, key = await door.scanner()
    later, before = await door.ticket(), await door.ticket()
    scans = [door.offline(one, now() - timedelta(hours=1)) for one in (later, before)]
    await door.cancel(later, now() - timedelta(minutes=30))
    await door.cancel(before, now() - timedelta(minutes=90))
    client = api.signed_in(door.member)
    payload = await client.do("syncScans", door.sync_input(key, scans), SCANS)
    found = [(one["reason"], one["anomaly"], one["shown"]) for one in payload["scans"]]
    assert found == [("ADMITTED", None, "GREEN"), ("CANCELLED", "REVOKED", "GREEN")]


async def test_a_red_scan_changes_nothing(world: World, api: Client) -> None:
    door = await Door.open(world)
    (_, key), ticket = await door.scanner(), await door.ticket()
    client = api.signed_in(door.member)
    red = door.offline(
        ticket, now() - timedelta(hours=1), shown="RED", reason="USED_UP", scanId=str(ticket.id)
    )
    assert await client.refusal_codes("syncScans", door.sync_input(key, [red])) == []
    assert (await door.check_in(client, key, ticket))["scanOutcome"] == "ADMITTED"
    for wrong in (red | {"reason": None}, red | {"shown": "GREEN"}, red | {"reason": "ADMITTED"}):
        input = door.sync_input(key, [wrong])
        assert await client.refusal_codes("syncScans", input) == ["INVALID_INPUT"]
    many = [red] * 101
    input = door.sync_input(key, many)
    assert await client.refusal_codes("syncScans", input) == ["INVALID_INPUT"]


async def test_a_clock_that_is_ahead_is_held_to_the_reception(world: World, api: Client) -> None:
    door = await Door.open(world)
    (_, key), ticket = await door.scanner(), await door.ticket()
    ahead = door.offline(ticket, now() + timedelta(minutes=10))
    client = api.signed_in(door.member)
    payload = await client.do("syncScans", door.sync_input(key, [ahead]), SCANS)
    found = payload["scans"][0]
    assert (found["scanOutcome"], found["anomaly"]) == ("ADMITTED", "CLOCK")
    scan = await world.first(Scan)
    assert scan.moment == scan.received_at


@pytest.mark.parametrize(
    ("scanned_at", "clock"),
    [
        ("1970-01-01T00:05:00Z", "1970-01-01T00:06:00Z"),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    ],
)
async def test_an_absurd_clock_lets_no_former_code_in(
    world: World, api: Client, scanned_at: str, clock: str | None
) -> None:
    """A ticket that was given away was valid long ago, and its former code is not any more."""
    door = await Door.open(world)
    (_, key), giver, friend = await door.scanner(), await world.user(), await world.user()
    ticket = await world.ticket(giver, door.date, door.kind)
    former = door.token(ticket)
    await world.ticket_transfer(ticket, friend, state="ACCEPTED", ended_at=now())
    ticket.generation, ticket.holder_id = 2, friend.id
    await world.save(ticket)
    scan = door.offline(ticket, now(), token=former, scannedAt=scanned_at)
    input = door.sync_input(key, [scan]) | ({"clock": clock} if clock else {})
    payload = await api.signed_in(door.member).do("syncScans", input, SCANS)
    (found,) = payload["scans"]
    assert (found["reason"], found["anomaly"]) == ("OLD_GENERATION", "REVOKED")
    assert (await world.first(Scan)).clock_wrong


async def test_a_ticket_enters_again_as_often_as_it_leaves(world: World, api: Client) -> None:
    door = await Door.open(world, mode=CheckInMode.REENTRY)
    (_, key), ticket = await door.scanner(), await door.ticket()
    client = api.signed_in(door.member)
    await door.check_in(client, key, ticket)
    presence = await world.first(TicketPresence)
    presence.entries = MAX_ENTRIES
    await world.save(presence)
    for direction, outcome in (("EXIT", "LEFT"), ("ENTRY", "ADMITTED")):
        scan = await door.check_in(client, key, ticket, direction=direction)
        assert scan["scanOutcome"] == outcome


async def test_an_id_has_one_content(world: World, api: Client) -> None:
    """Neither in a batch nor later is a scan dropped for another with its id."""
    door = await Door.open(world)
    (_, key), ticket, second = await door.scanner(), await door.ticket(), await door.ticket()
    client, begin = api.signed_in(door.member), now() - timedelta(hours=1)
    scan = door.offline(ticket, begin)
    others = [
        scan | {"token": door.token(second)},
        scan | {"token": None, "code": ticket.code},
        scan | {"shown": "RED", "reason": "USED_UP"},
        scan | {"seq": 999_999},
        scan | {"direction": "EXIT"},
        scan | {"gateId": gid(await door.gate())},
        scan | {"scannedAt": begin.replace(year=begin.year - 1).isoformat()},
    ]
    for other in others:
        input = door.sync_input(key, [scan, other])
        (error,) = (await client.do("syncScans", input))["errors"]
        assert (error["code"], error["field"][-2]) == ("IDEMPOTENCY_KEY_REUSED", "1")
    assert await stored(world, Scan) == 0
    assert await client.refusal_codes("syncScans", door.sync_input(key, [scan, scan])) == []
    for other in others:
        codes = await client.refusal_codes("syncScans", door.sync_input(key, [other]))
        assert codes == ["IDEMPOTENCY_KEY_REUSED"]
    assert await stored(world, Scan) == 1
    online = door.scan_input(key, second)
    green = await client.do("checkIn", online, "scan { id }")
    assert await client.do("checkIn", online, "scan { id }") == green
    other = online | {"token": door.token(ticket)}
    assert await client.refusal_codes("checkIn", other) == ["IDEMPOTENCY_KEY_REUSED"]
    lost = door.offline(second, begin, scanId=online["scanId"], token=online["token"])
    synced = await client.do("syncScans", door.sync_input(key, [lost]), "scans { id }")
    assert synced["scans"] == [green["scan"]]


async def test_a_scan_that_was_sent_for_another_list_refuses_all(world: World, api: Client) -> None:
    """Its outcome is that of the other list."""
    door = await Door.open(world)
    (_, key), first, second = await door.scanner(), await door.ticket(), await door.ticket()
    client, begin = api.signed_in(door.member), now() - timedelta(hours=1)
    sent, fresh = door.offline(first, begin), door.offline(second, begin)
    assert await client.refusal_codes("syncScans", door.sync_input(key, [sent])) == []
    other = {"listId": gid(await world.check_in_list(door.date))}
    both = door.sync_input(key, [fresh, sent]) | other
    (error,) = (await client.do("syncScans", both))["errors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert error["field"] == ["scans", "1", "scanId"]
    assert await stored(world, Scan) == 1
    alone = door.sync_input(key, [fresh]) | other
    assert await client.refusal_codes("syncScans", alone) == []
    again = door.sync_input(key, [sent])
    assert await client.refusal_codes("syncScans", again) == [], "a retry for its own list"
    assert await stored(world, Scan) == 2


async def test_sync_scans_as_others(world: World, api: Client) -> None:
    door, elsewhere = await Door.open(world), await Door.open(world)
    (_, key), (_, revoked) = await door.scanner(), await door.scanner(revoked_at=now())
    foreign = elsewhere.offline(await elsewhere.ticket(), now() - timedelta(hours=1))
    input = door.sync_input(key, [foreign])
    assert await api.mutation_failed("syncScans", input) == ["UNAUTHENTICATED"]
    for user in (await world.user(), elsewhere.member, await world.admin()):
        assert await api.signed_in(user).refusal_codes("syncScans", input) == ["NOT_FOUND"]
    member = api.signed_in(door.member)
    given = input | {"scannerKey": revoked}
    assert await member.refusal_codes("syncScans", given) == ["SCANNER_REVOKED"]
    payload = await member.do("syncScans", input, SCANS)
    found = payload["scans"][0]
    assert (found["reason"], found["anomaly"]) == ("WRONG_DATE", "WRONG_LIST")
    assert (await world.first(Scan)).ticket_id is None
