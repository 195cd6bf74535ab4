"""Redeeming a voucher with one of the vendor's scanners, which the attempt is recorded with."""

import asyncio
from typing import Any

from core.security.random_secrets import hash_secret
from models.events.check_in.scanners import Scanner
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.base import NUMBERS
from tests.factories.redemptions import Till
from tests.factories.vendors import new_member
from tests.factories.world import World

SHOWN = "outcome redemption { id scannedWith { id name } }"
LIST = """query ($id: ID!, $where: RedemptionWhere) {
  vendor(id: $id) { redemptions(where: $where) { nodes { id scannedWith { name } } } }
}"""


async def scanner_of(
    till: Till, vendor: Vendor | None = None, **values: Any
) -> tuple[str, Scanner]:
    """Return the key of a scanner and the scanner, by default of the till's vendor."""
    key = f"scan_{next(NUMBERS)}"
    given = {"key_hash": hash_secret(key)} | values
    return key, await till.world.scanner(vendor or till.vendor, till.scanner, **given)


async def test_redeem_voucher_with_a_scanner(world: World, api: Client) -> None:
    till = await Till.open(world)
    key, scanner = await scanner_of(till, name="Counter 3")
    await scanner_of(till)
    voucher = await till.voucher()
    client = api.signed_in(till.scanner)
    scan = till.scan(token=voucher.token, scannerKey=key)
    payload = await client.do("redeemVoucher", scan, SHOWN)
    assert payload["outcome"] == "APPROVED"
    assert payload["redemption"]["scannedWith"] is None  # only managers see the scanners
    assert (await client.do("redeemVoucher", scan, SHOWN)) == payload
    (kept,) = await till.attempts()
    assert kept.scanner_id == scanner.id
    assert (await world.fresh(scanner)).seen_at == kept.created_at


async def test_redeem_voucher_records_the_scanner_of_a_refused_attempt(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    key, scanner = await scanner_of(till)
    client = api.signed_in(till.scanner)
    payload = await client.do("redeemVoucher", till.scan(code="7QX4M-2K9TD", scannerKey=key), SHOWN)
    assert payload["outcome"] == "REFUSED"
    (kept,) = await till.attempts()
    assert kept.scanner_id == scanner.id


async def test_redeem_voucher_without_a_scanner(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    payload = await till.redeem(api, token=voucher.token, deviceId="till 3")
    assert payload["outcome"] == "APPROVED"
    (kept,) = await till.attempts()
    assert (kept.device_id, kept.scanner_id) == ("till 3", None)


async def test_redeem_voucher_with_another_vendors_scanner(world: World, api: Client) -> None:
    till = await Till.open(world)
    key, _ = await scanner_of(till, await world.vendor(owner=till.scanner))
    voucher = await till.voucher()
    client = api.signed_in(till.scanner)
    for wrong in (key, "scan_unknown", ""):
        scan = till.scan(token=voucher.token, scannerKey=wrong)
        payload = await client.do("redeemVoucher", scan, "errors { code field }")
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["scannerKey"])
    assert await till.attempts() == []


async def test_redeem_voucher_with_a_revoked_scanner(world: World, api: Client) -> None:
    """A repetition of a call is refused too: all that the scanner sends from now on."""
    till = await Till.open(world)
    key, scanner = await scanner_of(till)
    voucher, other = await till.voucher(), await till.voucher(claim_number=2)
    client = api.signed_in(till.scanner)
    scan = till.scan(token=voucher.token, scannerKey=key)
    assert (await client.do("redeemVoucher", scan, "outcome"))["outcome"] == "APPROVED"
    manager = await new_member(world, till.vendor, MemberRole.MANAGER)
    await api.signed_in(manager).do("revokeScanner", {"scannerId": gid(scanner)}, "errors { code }")
    later = till.scan(token=other.token, scannerKey=key)
    for refused in (scan, later):
        assert await client.refusal_codes("redeemVoucher", refused) == ["SCANNER_REVOKED"]
    assert len(await till.attempts()) == 1
    payload = await till.redeem(api, token=other.token)
    assert payload["outcome"] == "APPROVED"


async def test_redeem_voucher_with_a_scanner_does_not_replace_membership(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    key, _ = await scanner_of(till)
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token, scannerKey=key)
    assert await api.mutation_failed("redeemVoucher", scan) == ["UNAUTHENTICATED"]
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("redeemVoucher", scan) == ["NOT_FOUND"]
    assert await till.attempts() == []


async def test_redeem_voucher_again_with_another_scanner(world: World, api: Client) -> None:
    till = await Till.open(world)
    (key, _), (other, _) = await scanner_of(till), await scanner_of(till)
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token, scannerKey=key)
    client = api.signed_in(till.scanner)
    assert (await client.do("redeemVoucher", scan, "outcome"))["outcome"] == "APPROVED"
    refused = scan | {"scannerKey": other}
    assert await client.refusal_codes("redeemVoucher", refused) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_redeem_voucher_with_two_scanners_at_once(world: World, api: Client) -> None:
    till = await Till.open(world)
    keys = [(await scanner_of(till))[0] for _ in range(2)]
    voucher = await till.voucher()
    client = api.signed_in(till.scanner)
    scans = [till.scan(token=voucher.token, scannerKey=key) for key in keys]
    found = await asyncio.gather(*(client.do("redeemVoucher", one, "reason") for one in scans))
    assert sorted(one["reason"] for one in found) == ["ALREADY_REDEEMED", "APPROVED"]
    assert len({one.scanner_id for one in await till.attempts()}) == 2


async def test_redemptions_by_scanner(world: World, api: Client) -> None:
    till = await Till.open(world)
    _, scanner = await scanner_of(till, name="Counter 3")
    voucher = await till.voucher()
    by_scanner = await world.redemption(till.vendor, voucher, scanner_id=scanner.id)
    await world.redemption(till.vendor, voucher)
    manager = await new_member(world, till.vendor, MemberRole.MANAGER)
    where = {"scannerId": gid(scanner)}
    expected: list[tuple[User, Any]] = [(manager, {"name": "Counter 3"}), (till.scanner, None)]
    for user, shown in expected:
        data = await api.signed_in(user).ask(LIST, id=gid(till.vendor), where=where)
        nodes = data["vendor"]["redemptions"]["nodes"]
        assert nodes == [{"id": gid(by_scanner), "scannedWith": shown}]


async def test_voucher_does_not_show_the_scanner_to_its_owner(world: World, api: Client) -> None:
    till = await Till.open(world)
    _, scanner = await scanner_of(till)
    attempt = await world.redemption(till.vendor, await till.voucher(), scanner_id=scanner.id)
    document = "query ($id: ID!) { node(id: $id) { ... on Redemption { id scannedWith { id } } } }"

    async def seen_by(user: User) -> dict[str, Any]:
        data = await api.signed_in(user).ask(document, id=gid(attempt))
        found: dict[str, Any] = data["node"]
        return found

    assert await seen_by(till.customer) == {"id": gid(attempt), "scannedWith": None}
    assert await seen_by(await world.admin()) == {
        "id": gid(attempt),
        "scannedWith": {"id": gid(scanner)},
    }
