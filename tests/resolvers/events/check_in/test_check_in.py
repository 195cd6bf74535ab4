"""Tickets checked in with a network: the outcome is data, and every attempt is stored."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import orjson
import pytest

from core.clock import now
from core.ids import new_id
from models.events.check_in.lists import CheckInMode
from models.events.check_in.scans import Scan, TicketPresence
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import ATTENDEE_COLUMN, TicketTransfer, TransferTo
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.events.door import SCAN, SCANS, Door, stored


async def test_a_ticket_is_admitted_once(world: World, api: Client) -> None:
    door = await Door.open(world)
    gate, (scanner, key) = await door.gate(), await door.scanner()
    ticket = await door.ticket()
    ticket.attendee = world.sealer.seal(ATTENDEE_COLUMN, ticket.id, b"Asha Rao")
    await world.save(ticket)
    client = api.signed_in(door.member)
    input = door.scan_input(key, ticket, gateId=gid(gate))
    first = await client.do("checkIn", input, SCAN)
    assert first["errors"] == []
    scan = first["scan"]
    assert (scan["scanOutcome"], scan["reason"], scan["shown"]) == ("ADMITTED", "ADMITTED", "GREEN")
    assert scan["scannedTicketType"] == {"id": gid(door.kind)}
    assert (scan["attendee"], scan["gate"]) == ("Asha Rao", {"id": gid(gate)})
    assert scan["scanner"] == {"name": scanner.name}
    assert await client.do("checkIn", input, SCAN) == first
    again = await door.check_in(client, key, ticket)
    assert (again["scanOutcome"], again["reason"], again["shown"]) == (
        "DUPLICATE",
        "USED_UP",
        "RED",
    )
    left = await door.check_in(client, key, ticket, direction="EXIT")
    assert (left["scanOutcome"], left["shown"]) == ("LEFT", "GREEN")
    assert (await door.check_in(client, key, ticket))["reason"] == "USED_UP"
    presence = await world.first(TicketPresence)
    assert (presence.inside, presence.entries) == (False, 1)
    assert await stored(world, Scan) == 4


async def test_a_typed_code_counts_as_the_ticket(world: World, api: Client) -> None:
    door = await Door.open(world, mode=CheckInMode.REENTRY)
    (_, key), ticket = await door.scanner(), await door.ticket()
    client = api.signed_in(door.member)
    typed = ticket.code.lower().replace("-", " ")
    assert (await door.check_in(client, key, code=typed))["scanOutcome"] == "ADMITTED"
    inside = await door.check_in(client, key, ticket)
    assert (inside["scanOutcome"], inside["reason"]) == ("DUPLICATE", "ALREADY_INSIDE")
    assert (await door.check_in(client, key, ticket, direction="EXIT"))["scanOutcome"] == "LEFT"
    assert (await door.check_in(client, key, ticket))["scanOutcome"] == "ADMITTED"


def forged(token: str, **header: str) -> str:
    """Return a token with another header, or with the signature of no key."""
    head, claims, signature = token.split(".")
    if header:
        unsigned = orjson.dumps({"typ": "ticket+jwt"} | header)
        return f"{urlsafe_b64encode(unsigned).decode().rstrip('=')}.{claims}."
    return f"{head}.{claims}.{signature[::-1]}"


async def test_what_is_refused_is_stored_with_its_reason(world: World, api: Client) -> None:
    door = await Door.open(world)
    _, key = await door.scanner()
    client = api.signed_in(door.member)
    other = await world.ticket_type(door.event)
    door.door.type_ids = [door.kind.id]
    await world.save(door.door)
    elsewhere = await Door.open(world)
    cancelled = await door.ticket()
    await door.cancel(cancelled, now())
    moving = await door.ticket()
    transfer = TicketTransfer(
        ticket_id=moving.id,
        from_user_id=door.manager.id,
        to_kind=TransferTo.USER,
        to_user_id=door.member.id,
        generation=1,
        expires_at=now() + timedelta(days=7),
    )
    await world.save(cancelled, transfer)
    renewed = await door.ticket(generation=2)
    foreign = await elsewhere.ticket()
    wrong = await world.ticket(None, door.date, other)
    shown: list[tuple[dict[str, Any], str]] = [
        ({"token": door.token(cancelled)}, "CANCELLED"),
        ({"token": door.token(cancelled, 1)}, "CANCELLED"),
        ({"token": door.token(moving)}, "IN_TRANSFER"),
        ({"token": door.token(renewed, 1)}, "OLD_GENERATION"),
        ({"token": elsewhere.token(foreign)}, "WRONG_DATE"),
        ({"code": foreign.code}, "UNKNOWN"),
        ({"token": door.token(wrong)}, "WRONG_LIST"),
        ({"token": world.keys.sign_voucher(new_id(), 1)}, "WRONG_TYPE"),
        ({"token": world.keys.sign_ticket(new_id(), door.date.id, 1)}, "UNKNOWN"),
        ({"token": "a.b.c"}, "BAD_SIGNATURE"),
        ({"token": forged(door.token(cancelled), alg="none")}, "BAD_SIGNATURE"),
        ({"token": forged(door.token(cancelled))}, "BAD_SIGNATURE"),
        ({"code": "nonsense"}, "UNKNOWN"),
    ]
    for given, reason in shown:
        scan = await door.check_in(client, key, **given)
        assert (scan["scanOutcome"], scan["reason"], scan["shown"]) == ("REFUSED", reason, "RED")
        known = reason in {"CANCELLED", "IN_TRANSFER", "OLD_GENERATION", "WRONG_LIST"}
        assert (scan["scannedTicketType"] is not None) == known, (
            "no ticket of another date is shown"
        )
    assert await stored(world, Scan) == len(shown)
    assert await stored(world, TicketPresence) == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"opens_at": now() + timedelta(hours=1)}, "NOT_YET"),
        ({"closes_at": now() - timedelta(hours=1)}, "TOO_LATE"),
    ],
)
async def test_a_list_admits_in_its_time(
    world: World, api: Client, values: dict[str, Any], reason: str
) -> None:
    door = await Door.open(world, **values)
    (_, key), ticket = await door.scanner(), await door.ticket()
    assert (await door.check_in(api.signed_in(door.member), key, ticket))["reason"] == reason


async def test_a_donation_opens_no_door_without_its_name(world: World, api: Client) -> None:
    """A list without types admits those of the kind ADMISSION, also for a synchronized scan."""
    door = await Door.open(world)
    (_, key), client = await door.scanner(), api.signed_in(door.member)
    given = await door.add_type(TicketTypeKind.DONATION)
    donations, ticket = [await door.ticket(given) for _ in range(3)], await door.ticket()
    assert (await door.check_in(client, key, ticket))["reason"] == "ADMITTED"
    refused = await door.check_in(client, key, donations[0])
    assert (refused["shown"], refused["reason"]) == ("RED", "WRONG_LIST")
    input = door.sync_input(key, [door.offline(donations[1], now())])
    (synced,) = (await client.do("syncScans", input, SCANS))["scans"]
    assert (synced["reason"], synced["anomaly"]) == ("WRONG_LIST", "WRONG_LIST")
    query = "query ($id: ID!) { checkInList(id: $id) { attendance { expected admitted } } }"
    found = (await client.ask(query, id=gid(door.door)))["checkInList"]["attendance"]
    assert found == {"expected": 1, "admitted": 1}
    door.door.type_ids = [given.id]
    await world.save(door.door)
    assert (await door.check_in(client, key, donations[2]))["reason"] == "ADMITTED"
    found = (await client.ask(query, id=gid(door.door)))["checkInList"]["attendance"]
    assert found == {"expected": 3, "admitted": 2}


async def test_check_in_as_others(world: World, api: Client) -> None:
    door, elsewhere = await Door.open(world), await Door.open(world)
    (_, key), (_, foreign) = await door.scanner(), await elsewhere.scanner()
    _, revoked = await door.scanner(revoked_at=now())
    ticket, gate = await door.ticket(), await elsewhere.gate()
    input = door.scan_input(key, ticket)
    member = api.signed_in(door.member)
    assert await api.mutation_failed("checkIn", input) == ["UNAUTHENTICATED"]
    for user in (await world.user(), elsewhere.member, await world.admin()):
        assert await api.signed_in(user).refusal_codes("checkIn", input) == ["NOT_FOUND"]
    for other in (foreign, "unknown", ""):
        given = input | {"scannerKey": other}
        assert await member.refusal_codes("checkIn", given) == ["NOT_FOUND"]
    given = input | {"scannerKey": revoked}
    assert await member.refusal_codes("checkIn", given) == ["SCANNER_REVOKED"]
    given = input | {"gateId": gid(gate)}
    assert await member.refusal_codes("checkIn", given) == ["NOT_FOUND"]
    both = input | {"code": ticket.code}
    for wrong in (both, input | {"token": None}, input | {"scanId": "x"}, input | {"seq": -1}):
        assert await member.refusal_codes("checkIn", wrong) == ["INVALID_INPUT"]
    assert await stored(world, Scan) == 0
    staff = await new_member(world, door.vendor, MemberRole.STAFF)
    assert await api.signed_in(staff).refusal_codes("checkIn", input) == []
    second = await world.check_in_list(door.date)
    elsewhere_used = input | {"listId": gid(second)}
    assert await member.refusal_codes("checkIn", elsewhere_used) == ["IDEMPOTENCY_KEY_REUSED"]
    door.door.archived_at = now()
    await world.save(door.door)
    late = door.scan_input(key, ticket)
    assert await member.refusal_codes("checkIn", late) == ["CHECK_IN_LIST_ARCHIVED"]


async def test_void_scan_heals_a_missed_exit(world: World, api: Client) -> None:
    door = await Door.open(world, mode=CheckInMode.REENTRY)
    (_, key), ticket = await door.scanner(), await door.ticket()
    member, manager = api.signed_in(door.member), api.signed_in(door.manager)
    entered = await door.check_in(member, key, ticket)
    void = {"scanId": entered["id"], "reason": "Left unseen"}
    for user in (door.member, await world.user()):
        assert await api.signed_in(user).refusal_codes("voidScan", void) == ["NOT_FOUND"]
    assert await api.mutation_failed("voidScan", void) == ["UNAUTHENTICATED"]
    payload = await manager.do("voidScan", void, "scan { voidedAt voidReason scanOutcome }")
    assert payload["errors"] == []
    assert payload["scan"]["voidedAt"] is not None
    assert payload["scan"]["voidReason"] == "Left unseen"
    assert await manager.refusal_codes("voidScan", void) == ["SCAN_VOIDED"]
    presence = await world.first(TicketPresence)
    assert (presence.inside, presence.entries, presence.last_at) == (False, 0, None)
    assert (await door.check_in(member, key, ticket))["scanOutcome"] == "ADMITTED"


async def test_the_attendance_is_counted_per_list_and_gate(world: World, api: Client) -> None:
    door = await Door.open(world)
    gate, (_, key) = await door.gate(), await door.scanner()
    client = api.signed_in(door.member)
    tickets = [await door.ticket() for _ in range(3)]
    for ticket in tickets[:2]:
        await door.check_in(client, key, ticket, gateId=gid(gate))
    await door.check_in(client, key, tickets[0], direction="EXIT")
    query = """query ($id: ID!) { checkInList(id: $id) {
        attendance { expected admitted inside conflicts }
        gates { name admitted lastMinute }
        scans(first: 1) { totalCount nodes { direction } }
        eventDate { checkInLists { id } }
    } }"""
    found = (await client.ask(query, id=gid(door.door)))["checkInList"]
    assert found["attendance"] == {"expected": 3, "admitted": 2, "inside": 1, "conflicts": 0}
    assert found["gates"] == [{"name": "North", "admitted": 2, "lastMinute": 2}]
    assert found["scans"] == {"totalCount": 3, "nodes": [{"direction": "EXIT"}]}
    assert found["eventDate"] == {"checkInLists": [{"id": gid(door.door)}]}
    stranger = api.signed_in(await world.user())
    assert (await stranger.ask(query, id=gid(door.door)))["checkInList"] is None
    lists = "query ($id: ID!) { eventDate(id: $id) { checkInLists { id } } }"
    assert (await api.ask(lists, id=gid(door.date)))["eventDate"] == {"checkInLists": []}
