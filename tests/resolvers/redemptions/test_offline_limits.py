"""Limits of bundles, which the server checks again: what passed one is kept, and named."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from models.redemptions import VoucherState
from services.events.check_in import gaps
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.door import Door
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_voucher_bundle import fetch

SCANNERS = "query ($id: ID!) { node(id: $id) { ... on Scanner { missingScans } } }"


@pytest.fixture
async def gadget(world: World, api: Client) -> Gadget:
    return await Gadget.register(await Till.open(world, per_user_limit=20), api)


def breaches(scans: list[dict[str, Any]]) -> list[str | None]:
    assert {one["outcome"] for one in scans} == {"APPROVED"}
    return [one["offlineBreach"] for one in scans]


async def test_more_scans_than_the_bundle_allows_are_kept_and_marked(
    gadget: Gadget, api: Client
) -> None:
    """Its limit is that of its issue, and counts over synchronizations, whatever their order."""
    manager = api.signed_in(await gadget.till.manager())
    limit = {"vendorId": gid(gadget.till.vendor), "scans": 2}
    await manager.do("setOfflineLimit", limit, "scans")
    stamp = (await fetch(gadget))[1]["bundle"]
    await manager.do("setOfflineLimit", limit | {"scans": 10_000}, "scans")
    vouchers = [await gadget.till.claim(api) for _ in range(6)]
    red = gadget.scan(vouchers[5], shown="RED", bundle=stamp)
    green = [gadget.scan(one, bundle=stamp) for one in vouchers[:4]]
    await gadget.sync(red)
    assert breaches(await gadget.sync(green[1])) == [None]
    assert breaches(await gadget.sync(green[3], green[1], green[0])) == [
        "OFFLINE_LIMIT",
        None,
        None,
    ]
    assert breaches(await gadget.sync(green[2])) == ["OFFLINE_LIMIT"]
    again = await gadget.sync(*green)
    assert breaches(again) == [None, None, "OFFLINE_LIMIT", "OFFLINE_LIMIT"]
    next_one = gadget.scan(vouchers[4], bundle=gadget.stamp(hours=0))
    assert breaches(await gadget.sync(next_one)) == [None]
    for voucher in vouchers[:5]:
        assert (await gadget.till.world.fresh(voucher)).state is VoucherState.REDEEMED
    await check_invariants(gadget.till.world.database)


async def test_scans_after_the_end_of_the_bundle_are_kept_and_marked(
    gadget: Gadget, api: Client
) -> None:
    """By the server's clock: that of the scanner changes nothing, and neither does a late call."""
    vouchers = [await gadget.till.claim(api) for _ in range(4)]
    old = gadget.stamp(hours=30)
    in_time, late, slow, lost = (gadget.scan(one, bundle=old) for one in vouchers)
    in_time["scannedAt"] = (now() - timedelta(hours=7)).isoformat()
    late["scannedAt"] = (now() - timedelta(hours=5)).isoformat()
    assert breaches(await gadget.sync(in_time, late)) == [None, "BUNDLE_EXPIRED"]
    behind = timedelta(hours=8)  # so that it seems to be before the end
    slow["scannedAt"] = (now() - behind).isoformat()
    assert breaches(await gadget.sync(slow, clock=now() - behind)) == ["BUNDLE_EXPIRED"]
    lost["scannedAt"] = "1970-01-01T00:00:00Z"
    assert breaches(await gadget.sync(lost, clock=datetime.fromisoformat(lost["scannedAt"]))) == [
        "BUNDLE_EXPIRED"
    ]
    await check_invariants(gadget.till.world.database)


async def test_only_the_own_stamp_of_a_scanner_counts(gadget: Gadget, api: Client) -> None:
    other = await Gadget.register(gadget.till, api)
    issued, limit, signature = gadget.stamp(limit=5).split(".")
    stamps = [
        None,
        "",
        "..",
        "é.é.é",
        other.stamp(),
        f"{issued}.10000.{signature}",
        f"{int(issued) + 1}.{limit}.{signature}",
    ]
    for stamp in stamps:
        scan = gadget.scan(await gadget.till.claim(api), bundle=stamp)
        assert breaches(await gadget.sync(scan)) == ["BUNDLE_EXPIRED"]
    red = gadget.scan(await gadget.till.claim(api), shown="RED")
    assert (await gadget.sync(red))[0]["offlineBreach"] is None
    long = gadget.scan(await gadget.till.claim(api), bundle="x" * 101)
    assert [code for code, _ in await gadget.refusals(long)] == ["INVALID_INPUT"]


async def test_no_scan_is_before_its_bundle(gadget: Gadget, api: Client) -> None:
    """A scanner that states an earlier time is marked, if that is no difference of clocks."""
    first, second = await gadget.till.claim(api), await gadget.till.claim(api)
    issued = (now() - timedelta(hours=1)).replace(microsecond=0)
    early, close = (gadget.scan(one, bundle=gadget.stamp()) for one in (first, second))
    early["scannedAt"] = (issued - timedelta(minutes=5)).isoformat()
    close["scannedAt"] = (issued - timedelta(minutes=1)).isoformat()
    synced = await gadget.sync(early, close)
    assert [one["clockWrong"] for one in synced] == [True, False]
    for one in synced:
        at = datetime.fromisoformat(one["attemptedAt"])
        assert abs(at - issued) < timedelta(seconds=5)


async def test_numbers_that_are_missing_are_shown(world: World, api: Client) -> None:
    """Those of tickets count as well. A scan that arrives later is not missing any more."""
    door = await Door.open(world)
    offer = await world.offer(door.vendor)
    till = Till(world, door.vendor, door.member, await world.user(), offer)
    gadget, manager = await Gadget.register(till, api), api.signed_in(door.manager)

    async def missing() -> int:
        return int((await manager.ask(SCANNERS, id=gadget.id))["node"]["missingScans"])

    assert await missing() == 0
    voucher = await till.claim(api)
    scans = [gadget.scan(voucher, shown="RED", seq=seq) for seq in (7, 8, 12, 12, 15)]
    await gadget.sync(*scans)
    assert await missing() == 5
    await gadget.sync(gadget.scan(voucher, shown="RED", seq=10))
    assert await missing() == 4
    await door.check_in(gadget.client, gadget.key, await door.ticket(), seq=11)
    assert await missing() == 3


async def test_only_the_newest_numbers_are_looked_at(
    gadget: Gadget, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = await gadget.till.claim(api)
    scans = [gadget.scan(voucher, shown="RED", seq=seq) for seq in (1, 900, 901, 903)]
    await gadget.sync(*scans)
    manager = api.signed_in(await gadget.till.manager())
    found = await manager.ask(SCANNERS, id=gadget.id)
    assert found["node"]["missingScans"] == 898 + 1
    assert gaps.MAX_NUMBERS == 1_000
    for user in (gadget.till.scanner, gadget.till.customer):
        hidden = await api.signed_in(user).ask(SCANNERS, id=gadget.id)
        assert hidden == {"node": None}
