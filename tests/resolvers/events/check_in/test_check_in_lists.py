"""Check-in lists, gates and scanners, written by managers of the vendor."""

from typing import Any

import pytest

from core.clock import now
from core.security.random_secrets import hash_secret
from models.events.check_in.lists import MAX_GATES, MAX_LISTS, CheckInGate, CheckInMode
from models.events.check_in.scanners import MAX_SCANNERS, Scanner
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.events.door import Door, stored
from tests.resolvers.events.inputs import keyed

LIST = """checkInList {
  id name mode maxEntries reentryMinutes opensAt closesAt archivedAt ticketTypes { id }
}"""
PUBLIC_KEY = "A" * 42 + "w"


def list_input(door: Door, **changes: Any) -> dict[str, Any]:
    return keyed(eventDateId=gid(door.date), name="North") | changes


async def test_create_check_in_list_and_change_it(world: World, api: Client) -> None:
    door = await Door.open(world)
    client = api.signed_in(door.manager)
    input = list_input(door, mode="TIMES", maxEntries=3, ticketTypeIds=[gid(door.kind)])
    made = await client.do("createCheckInList", input, LIST)
    assert made["errors"] == []
    assert made["checkInList"]["maxEntries"] == 3
    assert made["checkInList"]["ticketTypes"] == [{"id": gid(door.kind)}]
    assert await client.do("createCheckInList", input, LIST) == made
    again = input | keyed()
    assert await client.refusal_codes("createCheckInList", again) == ["CHECK_IN_LIST_TAKEN"]
    id = made["checkInList"]["id"]
    changes = {"listId": id, "mode": "REENTRY", "maxEntries": None, "reentryMinutes": 30}
    changed = await client.do("updateCheckInList", changes | {"ticketTypeIds": None}, LIST)
    assert changed["errors"] == []
    assert changed["checkInList"] | {"id": id} == made["checkInList"] | {
        "mode": "REENTRY",
        "maxEntries": None,
        "reentryMinutes": 30,
        "ticketTypes": [],
    }
    archived = await client.do("archiveCheckInList", {"listId": id}, LIST)
    assert archived["checkInList"]["archivedAt"] is not None
    renamed = {"listId": id, "name": "South"}
    codes = await client.refusal_codes("updateCheckInList", renamed)
    assert codes == ["CHECK_IN_LIST_ARCHIVED"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, ["name"]),
        ({"mode": "TIMES"}, ["maxEntries"]),
        ({"maxEntries": 2}, ["maxEntries"]),
        ({"mode": "TIMES", "maxEntries": 101}, ["maxEntries"]),
        ({"reentryMinutes": 5}, ["reentryMinutes"]),
        ({"opensAt": "2030-01-02T00:00:00Z", "closesAt": "2030-01-01T00:00:00Z"}, ["closesAt"]),
    ],
)
async def test_create_check_in_list_refuses(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    door = await Door.open(world)
    input = list_input(door, **changes)
    payload = await api.signed_in(door.manager).do("createCheckInList", input)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


async def test_the_first_scan_fixes_how_often_a_list_admits(world: World, api: Client) -> None:
    door = await Door.open(world)
    (_, key), ticket = await door.scanner(), await door.ticket()
    await door.check_in(api.signed_in(door.member), key, ticket)
    client = api.signed_in(door.manager)
    input: dict[str, Any] = {"listId": gid(door.door), "mode": "REENTRY"}
    assert await client.refusal_codes("updateCheckInList", input) == ["CHECK_IN_LIST_IN_USE"]
    input = {"listId": gid(door.door), "mode": "ONCE", "ticketTypeIds": [gid(door.kind)]}
    assert await client.refusal_codes("updateCheckInList", input) == []


async def test_lists_and_gates_have_limits(world: World, api: Client) -> None:
    door, elsewhere = await Door.open(world), await Door.open(world)
    client = api.signed_in(door.manager)
    foreign = list_input(door, ticketTypeIds=[gid(elsewhere.kind)])
    assert await client.refusal_codes("createCheckInList", foreign) == ["NOT_FOUND"]
    for _ in range(MAX_LISTS - 1):
        await world.check_in_list(door.date)
    codes = await client.refusal_codes("createCheckInList", list_input(door))
    assert codes == ["CHECK_IN_LIST_LIMIT_REACHED"]
    input = keyed(listId=gid(door.door), name="East")
    made = await client.do("createGate", input, "gate { id name admitted }")
    assert made["gate"] | {"id": ""} == {"id": "", "name": "East", "admitted": 0}
    assert await client.do("createGate", input, "gate { id name admitted }") == made
    assert await client.refusal_codes("createGate", input | keyed()) == ["GATE_TAKEN"]
    west = {"gateId": made["gate"]["id"], "name": "West"}
    assert (await client.do("renameGate", west, "gate { name }"))["gate"] == {"name": "West"}
    gates = [CheckInGate(list_id=door.door.id, name=f"Gate {n}") for n in range(MAX_GATES - 1)]
    await world.save(*gates)
    assert await client.refusal_codes("createGate", input | keyed()) == ["GATE_LIMIT_REACHED"]


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_lists_and_scanners_as_others(world: World, api: Client, kind: str) -> None:
    door = await Door.open(world)
    gate, (scanner, _) = await door.gate(), await door.scanner()
    client = api.signed_in(await outsider(world, door.vendor, kind))
    listed = {"listId": gid(door.door)}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("createCheckInList", list_input(door)),
        ("updateCheckInList", listed | {"name": "Mine"}),
        ("archiveCheckInList", listed),
        ("createGate", keyed(listId=gid(door.door), name="Mine")),
        ("renameGate", {"gateId": gid(gate), "name": "Mine"}),
        ("registerScanner", {"vendorId": gid(door.vendor), "name": "Mine"}),
        ("revokeScanner", {"scannerId": gid(scanner)}),
    ]
    for name, input in calls:
        assert await client.refusal_codes(name, input) == ["NOT_FOUND"], name
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"], name
    query = "query ($id: ID!) { scanners(vendorId: $id) { totalCount } }"
    seen = (await client.ask(query, id=gid(door.vendor)))["scanners"]["totalCount"]
    assert seen == (1 if kind == "an admin" else 0)
    assert await api.failed(query, id=gid(door.vendor)) == ["UNAUTHENTICATED"]


async def test_a_scanner_has_a_key_that_is_shown_once(world: World, api: Client) -> None:
    door = await Door.open(world, mode=CheckInMode.ONCE)
    client = api.signed_in(door.manager)
    input = {"vendorId": gid(door.vendor), "name": "Till 1", "publicKey": PUBLIC_KEY}
    shown = "scanner { id name hasPublicKey revokedAt lastScanAt } key"
    made = await client.do("registerScanner", input, shown)
    assert made["errors"] == []
    row = await world.first(Scanner)
    assert row.key_hash == hash_secret(made["key"])
    assert made["scanner"]["hasPublicKey"]
    ticket = await door.ticket()
    member = api.signed_in(door.member)
    assert (await door.check_in(member, made["key"], ticket))["scanOutcome"] == "ADMITTED"
    revoked = await client.do("revokeScanner", {"scannerId": gid(row)}, "scanner { revokedAt }")
    assert revoked["scanner"]["revokedAt"] is not None
    codes = await member.refusal_codes("checkIn", door.scan_input(made["key"], ticket))
    assert codes == ["SCANNER_REVOKED"]
    for wrong in ("", "AAAA", "?" * 43):
        given = input | {"publicKey": wrong}
        assert await client.refusal_codes("registerScanner", given) == ["INVALID_INPUT"]
    query = "query ($id: ID!) { scanners(vendorId: $id) { nodes { name revokedAt } } }"
    (listed,) = (await client.ask(query, id=gid(door.vendor)))["scanners"]["nodes"]
    assert listed["name"] == "Till 1"


async def test_register_scanner_refuses_one_after_the_last(world: World, api: Client) -> None:
    door = await Door.open(world)
    rows = [
        Scanner(
            vendor_id=door.vendor.id,
            registered_by_id=door.member.id,
            name="Till",
            key_hash=hash_secret(str(number)),
        )
        for number in range(MAX_SCANNERS)
    ]
    await world.save(*rows)
    client = api.signed_in(door.manager)
    input = {"vendorId": gid(door.vendor), "name": "One more"}
    assert await client.refusal_codes("registerScanner", input) == ["SCANNER_LIMIT_REACHED"]
    rows[0].revoked_at = now()
    await world.save(rows[0])
    assert await client.refusal_codes("registerScanner", input) == []
    assert await stored(world, Scanner) == MAX_SCANNERS + 1
