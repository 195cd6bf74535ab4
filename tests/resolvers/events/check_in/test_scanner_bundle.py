"""Bundles: encrypted to one scanner, signed, and with what has changed since the last one."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, OKPKey

from core.clock import now
from core.security.key_file import Purpose
from models.events.check_in.bundles import ID_BYTES, RECORD
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import Ticket, TicketTransfer, TransferState
from services.events.check_in import bundles
from services.events.transfers.announcing import tell_scanners
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.events.door import Door
from tests.resolvers.events.inputs import keyed

BUNDLE = """query ($list: ID!, $key: String!, $since: String) {
  scannerBundle(listId: $list, scannerKey: $key, since: $since) {
    content cursor expiresAt tickets hasMore
  }
}"""
PRIVATE = X25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key().public_bytes_raw()


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def open_bundle(content: str) -> dict[str, Any]:
    """Return the claims of a bundle, as a scanner reads them."""
    key: dict[str, str | list[str]] = {"kty": "OKP", "crv": "X25519", "x": encoded(PUBLIC)}
    private = OKPKey.import_key(key | {"d": encoded(PRIVATE.private_bytes_raw())})
    signed = (jwe.decrypt_compact(content, private).plaintext or b"").decode()
    unverified = json.loads(urlsafe_b64decode(signed.split(".")[1] + "=="))
    keys = KeySet([ECKey.import_key(one) for one in unverified["keys"]])
    decoded = jwt.decode(signed, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "scanner-bundle+jwt"
    return decoded.claims


def records(claims: dict[str, Any]) -> dict[bytes, tuple[int, ...]]:
    raw = urlsafe_b64decode(claims["tickets"] + "==")
    return {short: tuple(rest) for short, *rest in RECORD.iter_unpack(raw)}


def short(ticket: Ticket) -> bytes:
    return ticket.id.bytes[-ID_BYTES:]


async def fetch(
    client: Client, door: Door, key: str, since: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a bundle and its claims, once it can have all that has changed.

    It ends below the oldest transaction in progress, which may be another test's.
    """
    await door.world.transactions_end()
    answer = await client.ask(BUNDLE, list=gid(door.door), key=key, since=since)
    found = answer["scannerBundle"]
    return found, open_bundle(found["content"])


async def test_a_bundle_has_the_rules_and_the_tickets(world: World, api: Client) -> None:
    door = await Door.open(world)
    gate, (scanner, key) = await door.gate(), await door.scanner(public_key=PUBLIC)
    used, cancelled, renewed = [await door.ticket() for _ in range(3)]
    await door.cancel(cancelled, now())
    renewed.generation = 3
    await world.save(renewed)
    client = api.signed_in(door.member)
    await door.check_in(client, key, used)
    found, claims = await fetch(client, door, key)
    assert (found["tickets"], found["hasMore"]) == (3, False)
    assert (claims["aud"], claims["full"], claims["more"]) == (scanner.id.hex, True, False)
    assert claims["exp"] - claims["iat"] == bundles.BUNDLE_HOURS * 3600
    assert claims["list"]["id"] == door.door.id.hex
    assert (claims["list"]["mode"], claims["list"]["types"]) == ("ONCE", [0])
    assert [one["id"] for one in claims["types"]] == [door.kind.id.hex]
    assert claims["gates"] == [{"id": gate.id.hex, "name": gate.name}]
    assert records(claims) == {
        short(used): (1, 0, 2, 1),
        short(cancelled): (2, 0, 1, 0),
        short(renewed): (3, 0, 0, 0),
    }
    own = {one["kid"] for one in claims["keys"]}
    assert own == {one.key.kid for one in world.keys.sets.by_purpose[Purpose.TICKET]}


async def test_a_bundle_names_the_types_that_its_list_admits(world: World, api: Client) -> None:
    """Without types those of the kind ADMISSION, so that scanners need no rule of their own."""
    door = await Door.open(world)
    _, key = await door.scanner(public_key=PUBLIC)
    parking = await door.add_type(TicketTypeKind.ADD_ON)
    child = await door.add_type(TicketTypeKind.ADMISSION)
    client = api.signed_in(door.member)
    _, claims = await fetch(client, door, key)
    ids = [door.kind.id.hex, parking.id.hex, child.id.hex]
    assert [one["id"] for one in claims["types"]] == ids
    assert claims["list"]["types"] == [0, 2]
    door.door.type_ids = [parking.id]
    await world.save(door.door)
    _, claims = await fetch(client, door, key)
    assert claims["list"]["types"] == [1]


async def test_a_later_bundle_has_what_has_changed(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = await Door.open(world)
    _, key = await door.scanner(public_key=PUBLIC)
    tickets = [await door.ticket() for _ in range(5)]
    client = api.signed_in(door.member)
    monkeypatch.setattr(bundles, "MAX_TICKETS", 2)
    found, claims = await fetch(client, door, key)
    seen, pages = records(claims), 1
    while found["hasMore"]:
        found, claims = await fetch(client, door, key, found["cursor"])
        assert claims["cursor"] == found["cursor"]
        seen, pages = seen | records(claims), pages + 1
    assert (pages, set(seen)) == (3, {short(one) for one in tickets})
    found, claims = await fetch(client, door, key, found["cursor"])
    assert (records(claims), claims["full"]) == ({}, False)
    await door.cancel(tickets[1], now())
    await door.check_in(client, key, tickets[3])
    _, claims = await fetch(client, door, key, found["cursor"])
    assert records(claims) == {short(tickets[1]): (2, 0, 1, 0), short(tickets[3]): (1, 0, 2, 1)}


async def test_a_later_bundle_has_transfers_that_have_begun_or_ended(
    world: World, api: Client
) -> None:
    """While one is pending, the holder's code is refused also without a network."""
    door = await Door.open(world)
    _, key = await door.scanner(public_key=PUBLIC)
    holder, friend = await world.user(), await world.user()
    ticket = await world.ticket(holder, door.date, door.kind)
    member, giver = api.signed_in(door.member), api.signed_in(holder)
    found, _ = await fetch(member, door, key)
    given = keyed(ticketId=gid(ticket), to={"userId": gid(friend)})
    id = (await giver.do("transferTicket", given, "transfer { id }"))["transfer"]["id"]
    ends = {
        "withdrawTransfer": (giver, {"transferId": id}),
        "declineTransfer": (api.signed_in(friend), {"transfer": {"transferId": id}}),
    }
    for name, (client, input) in ends.items():
        found, claims = await fetch(member, door, key, found["cursor"])
        assert records(claims) == {short(ticket): (1, 0, 4, 0)}
        assert await client.refusal_codes(name, input) == []
        found, claims = await fetch(member, door, key, found["cursor"])
        assert records(claims) == {short(ticket): (1, 0, 0, 0)}
        transfer = await world.first(TicketTransfer)
        transfer.state, transfer.ended_at = TransferState.PENDING, None
        await world.save(transfer)
        async with world.database.session() as session, session.begin():
            await tell_scanners(session, ticket.id)


async def test_scanner_bundle_as_others(world: World, api: Client) -> None:
    door, elsewhere = await Door.open(world), await Door.open(world)
    _, key = await door.scanner(public_key=PUBLIC)
    _, foreign = await elsewhere.scanner(public_key=PUBLIC)
    _, revoked = await door.scanner(public_key=PUBLIC, revoked_at=now())
    _, plain = await door.scanner()
    asked = {"list": gid(door.door), "key": key}
    assert await api.failed(BUNDLE, **asked) == ["UNAUTHENTICATED"]
    for user in (await world.user(), elsewhere.member):
        assert await api.signed_in(user).failed(BUNDLE, **asked) == ["NOT_FOUND"]
    member = api.signed_in(door.member)
    assert await member.failed(BUNDLE, **asked | {"key": foreign}) == ["NOT_FOUND"]
    assert await member.failed(BUNDLE, **asked | {"key": revoked}) == ["SCANNER_REVOKED"]
    assert await member.failed(BUNDLE, **asked | {"key": plain}) == ["BAD_USER_INPUT"]
    assert await member.failed(BUNDLE, **asked | {"since": "x"}) == ["BAD_USER_INPUT"]
