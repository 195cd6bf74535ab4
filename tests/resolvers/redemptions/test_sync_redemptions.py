"""Scans of vouchers without a network: each stored once, decided by the time of the scan."""

from collections import Counter
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.notifications.inbox import Notification
from models.redemptions import Redemption, Voucher, VoucherState
from models.scanners import MAX_SCANS
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.counting import captured
from tests.resolvers.redemptions.offline import Gadget

NOTICE_STATEMENTS = 3


@pytest.fixture
async def gadget(world: World, api: Client) -> Gadget:
    return await Gadget.register(await Till.open(world, per_user_limit=20), api)


async def outcomes(till: Till) -> dict[str, tuple[str, str]]:
    return {str(one.scan_id): (one.outcome, one.reason) for one in await till.attempts()}


async def test_a_scan_is_redeemed_at_the_time_of_the_scan(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    scan = gadget.scan(voucher, minutes=10)
    (first,) = await gadget.sync(scan)
    assert (first["outcome"], first["scanMode"]) == ("APPROVED", "OFFLINE")
    assert first["voucher"] == {"id": gid(voucher), "state": "REDEEMED"}
    assert first["redeemedAt"] == first["attemptedAt"]
    kept = await gadget.till.world.fresh(voucher)
    assert timedelta(minutes=9) < now() - kept.redeemed_at < timedelta(minutes=11)
    assert await gadget.sync(scan, scan) == [first, first]
    assert len(await gadget.till.attempts()) == 1
    async with gadget.till.world.database.session() as session:
        assert len((await session.exec(select(Notification))).all()) == 1
    assert (await gadget.till.redeem(api, token=voucher.token))["reason"] == "ALREADY_REDEEMED"
    await check_invariants(gadget.till.world.database)


async def test_a_late_double_is_kept(gadget: Gadget, api: Client) -> None:
    voucher, other = await gadget.till.claim(api), await Gadget.register(gadget.till, api)
    early, late = gadget.scan(voucher, minutes=20), other.scan(voucher, minutes=10)
    (there,) = await other.sync(late)
    assert there["outcome"] == "APPROVED"
    (here,) = await gadget.sync(early)
    assert here["outcome"] == "APPROVED"
    (there,) = await other.sync(late)
    assert (there["outcome"], there["reason"]) == ("DOUBLE", "ALREADY_REDEEMED")
    assert there["redeemedAt"] is None
    kinds = [kind for *_, kind in await gadget.till.world.journal()]
    assert kinds.count("redemption.decided") == 1
    await check_invariants(gadget.till.world.database)


async def test_all_orders_of_arrival_have_the_same_end(world: World, api: Client) -> None:
    ends = []
    for order in permutations(range(3)):
        gadget = await Gadget.register(await Till.open(world), api)
        voucher = await gadget.till.claim(api)
        scans = [gadget.scan(voucher, minutes=30 - number) for number in range(3)]
        for place in order:
            await gadget.sync(scans[place])
        found = await outcomes(gadget.till)
        ends.append([found[one["scanId"]] for one in scans])
    assert ends == [[("APPROVED", "APPROVED"), *[("DOUBLE", "ALREADY_REDEEMED")] * 2]] * 6
    await check_invariants(world.database)


async def test_an_earlier_scan_makes_one_with_a_network_a_double(
    gadget: Gadget, api: Client
) -> None:
    voucher = await gadget.till.claim(api)
    online = await gadget.till.redeem(api, token=voucher.token)
    (offline,) = await gadget.sync(gadget.scan(voucher, minutes=5))
    assert offline["outcome"] == "APPROVED"
    (kept,) = [one for one in await gadget.till.attempts() if one.scan_id is None]
    assert (gid(kept), kept.outcome) == (online["redemption"]["id"], "DOUBLE")
    await check_invariants(gadget.till.world.database)


async def test_a_scan_whose_answer_was_lost_is_stored_once(gadget: Gadget, api: Client) -> None:
    voucher, scan_id = await gadget.till.claim(api), str(new_id())
    scanned = {"token": voucher.token, "scannerKey": gadget.key, "scanId": scan_id}
    online = await gadget.till.redeem(api, **scanned)
    (synced,) = await gadget.sync(gadget.scan(voucher, scanId=scan_id))
    assert (synced["id"], synced["outcome"]) == (online["redemption"]["id"], "APPROVED")
    codes = await gadget.client.refusal_codes("redeemVoucher", gadget.till.scan(**scanned))
    assert codes == ["SCAN_ID_USED"]
    del scanned["scannerKey"]
    codes = await gadget.client.refusal_codes("redeemVoucher", gadget.till.scan(**scanned))
    assert codes == ["INVALID_INPUT"]


async def test_a_voucher_that_has_expired_meanwhile_was_valid(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    scan = gadget.scan(voucher, minutes=10)
    ended = now() - timedelta(minutes=5)
    await gadget.till.world.change(voucher, state=VoucherState.EXPIRED, expires_at=ended)
    (synced,) = await gadget.sync(scan)
    assert (synced["outcome"], synced["voucher"]["state"]) == ("APPROVED", "REDEEMED")
    (late,) = await gadget.sync(gadget.scan(voucher))
    assert (late["outcome"], late["reason"]) == ("REFUSED", "EXPIRED")


async def test_former_codes_are_judged_as_of_the_scan(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    before = gadget.scan(voucher, minutes=10)
    given = {"voucherId": gid(voucher), "reason": "Lost phone", "idempotencyKey": "k"}
    await api.signed_in(gadget.till.customer).do("reissueVoucher", given)
    (late,) = await gadget.sync(gadget.scan(voucher, minutes=-1))
    assert (late["outcome"], late["reason"]) == ("REFUSED", "OLD_GENERATION")
    (early,) = await gadget.sync(before)
    assert early["outcome"] == "APPROVED"


async def test_a_scan_of_a_cancelled_voucher_is_a_double(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    await api.signed_in(gadget.till.customer).do("cancelVoucher", {"voucherId": gid(voucher)})
    (synced,) = await gadget.sync(gadget.scan(voucher, minutes=10))
    assert (synced["outcome"], synced["reason"]) == ("DOUBLE", "CANCELLED")
    assert (await gadget.till.world.fresh(gadget.till.offer)).claimed == 0
    await check_invariants(gadget.till.world.database)


async def test_scans_before_a_reversal_do_not_use_the_voucher_again(
    gadget: Gadget, api: Client
) -> None:
    voucher = await gadget.till.claim(api)
    late = gadget.scan(voucher, minutes=10)
    online = await gadget.till.redeem(api, token=voucher.token)
    undo = {
        "redemptionId": online["redemption"]["id"],
        "reason": "Wrong customer",
        "idempotencyKey": "k",
    }
    await api.signed_in(await gadget.till.manager()).do("reverseRedemption", undo)
    (synced,) = await gadget.sync(late)
    assert (synced["outcome"], synced["voucher"]["state"]) == ("DOUBLE", "CLAIMED")
    await check_invariants(gadget.till.world.database)


async def test_red_scans_and_strange_codes_change_nothing(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    rival = await Till.open(gadget.till.world)
    foreign = await rival.voucher()
    keys = gadget.till.world.keys
    scans = [
        gadget.scan(voucher, shown="RED"),
        gadget.scan(voucher, token="a.b.c"),
        gadget.scan(voucher, token=keys.sign_ticket(new_id(), new_id(), 1)),
        gadget.scan(voucher, token=keys.sign_voucher(new_id(), 1)),
        gadget.scan(foreign),
    ]
    synced = await gadget.sync(*scans)
    assert [one["reason"] for one in synced] == [
        "NOT_ACCEPTED",
        "BAD_SIGNATURE",
        "WRONG_TYPE",
        "UNKNOWN",
        "OTHER_VENDOR",
    ]
    assert {one["outcome"] for one in synced} == {"REFUSED"}
    assert (await gadget.till.world.fresh(voucher)).state is VoucherState.CLAIMED
    assert (await gadget.till.world.fresh(foreign)).state is VoucherState.CLAIMED


async def test_the_clock_of_the_scanner_is_corrected(gadget: Gadget, api: Client) -> None:
    voucher, fast = await gadget.till.claim(api), timedelta(hours=3)
    scan = gadget.scan(voucher, minutes=10 - 180)  # by a clock that is three hours fast
    (synced,) = await gadget.sync(scan, clock=now() + fast)
    assert (synced["outcome"], synced["clockWrong"]) == ("APPROVED", False)
    kept = await gadget.till.world.fresh(voucher)
    assert timedelta(minutes=9) < now() - kept.redeemed_at < timedelta(minutes=11)
    ahead = gadget.scan(voucher, minutes=-60)
    assert (await gadget.sync(ahead))[0]["clockWrong"] is True


async def test_an_id_names_one_scan(gadget: Gadget, api: Client) -> None:
    first, second = await gadget.till.claim(api), await gadget.till.claim(api)
    scan = gadget.scan(first)
    await gadget.sync(scan)
    other = gadget.scan(second, scanId=scan["scanId"])
    fine = gadget.scan(second)
    codes = await gadget.client.refusal_codes("syncRedemptions", gadget.input([fine, other]))
    assert codes == ["IDEMPOTENCY_KEY_REUSED"]
    assert len(await gadget.till.attempts()) == 1


async def test_a_call_takes_at_most_a_hundred_scans(gadget: Gadget, api: Client) -> None:
    vouchers = [await gadget.till.claim(api) for _ in range(4)]
    reds = [gadget.scan(voucher, shown="RED") for voucher in vouchers for _ in range(25)]
    assert len(await gadget.sync(*reds)) == MAX_SCANS
    assert len(await gadget.till.attempts()) == MAX_SCANS
    too_many = gadget.input([*reds, gadget.scan(vouchers[0])])
    assert await gadget.client.refusal_codes("syncRedemptions", too_many) == ["INVALID_INPUT"]


async def test_statements_grow_with_the_notices_and_doubles_alone(
    gadget: Gadget, api: Client
) -> None:
    """A voucher that is redeemed has a notice: its row, the number of unread ones, and a job.

    A double has a job that scores it.
    """
    vouchers = [await gadget.till.claim(api) for _ in range(20)]

    async def count(some: list[Voucher], minutes: float) -> int:
        scans = [gadget.scan(voucher, minutes) for voucher in some]
        with captured() as sent:
            await gadget.sync(*scans)
        return len(sent)

    one, more = await count(vouchers[:1], 10), await count(vouchers[1:], 10)
    assert more - one == 18 * NOTICE_STATEMENTS
    one, more = await count(vouchers[:1], 5), await count(vouchers, 4)
    assert more - one == 19


async def test_a_hundred_scans_of_forty_vouchers_have_a_hundred_results(
    gadget: Gadget, api: Client
) -> None:
    """Three devices scan, and nothing is dropped or merged: one approval for each voucher."""
    others = [await Gadget.register(gadget.till, api) for _ in range(2)]
    devices = [gadget, *others]
    users = [gadget.till.customer, await gadget.till.world.user()]
    vouchers = [await gadget.till.claim(api, users[number % 2]) for number in range(40)]
    queues: list[list[dict[str, Any]]] = [[], [], []]
    for number in range(100):
        device = number % 3
        voucher = vouchers[number % 40]
        queues[device].append(devices[device].scan(voucher, minutes=200 - number))
    results = [
        one
        for device, scans in zip(devices, queues, strict=True)
        for one in await device.sync(*scans)
    ]
    assert len({one["id"] for one in results}) == 100
    attempts = await gadget.till.attempts()
    assert Counter(one.outcome for one in attempts) == {"APPROVED": 40, "DOUBLE": 60}
    assert len({one.voucher_id for one in attempts if one.outcome == "APPROVED"}) == 40
    await check_invariants(gadget.till.world.database)


async def test_sync_redemptions_as_others(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    input = gadget.input([gadget.scan(voucher)])
    assert await api.mutation_failed("syncRedemptions", input) == ["UNAUTHENTICATED"]
    rival = await Till.open(gadget.till.world)
    for user in (gadget.till.customer, rival.scanner):
        codes = await api.signed_in(user).refusal_codes("syncRedemptions", input)
        assert codes == ["NOT_FOUND"]
    foreign = input | {"vendorId": gid(rival.vendor)}
    codes = await api.signed_in(rival.scanner).refusal_codes("syncRedemptions", foreign)
    assert codes == ["NOT_FOUND"]
    manager = api.signed_in(await gadget.till.manager())
    await manager.do("revokeScanner", {"scannerId": gadget.id})
    assert await gadget.client.refusal_codes("syncRedemptions", input) == ["SCANNER_REVOKED"]
    attempts: list[Redemption] = await gadget.till.attempts()
    assert attempts == []


async def test_set_offline_limit_as_managers_and_others(gadget: Gadget, api: Client) -> None:
    input: dict[str, Any] = {"vendorId": gid(gadget.till.vendor), "scans": 20}
    assert await api.mutation_failed("setOfflineLimit", input) == ["UNAUTHENTICATED"]
    staff = await gadget.till.world.user()
    await gadget.till.world.member(gadget.till.vendor, staff, MemberRole.STAFF)
    for user in (gadget.till.customer, gadget.till.scanner, staff):
        codes = await api.signed_in(user).refusal_codes("setOfflineLimit", input)
        assert codes == ["NOT_FOUND"]
    manager = api.signed_in(await gadget.till.manager())
    for scans, codes in ((-1, ["INVALID_INPUT"]), (10_001, ["INVALID_INPUT"]), (0, []), (20, [])):
        changed = input | {"scans": scans}
        assert await manager.refusal_codes("setOfflineLimit", changed) == codes
