"""Rotating codes at the till: of their time, used once, and required if the vendor wants that."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection

from core.clock import now
from core.security.rotating_codes import SEPARATOR, STEP_SECONDS, rotating_code, rotating_key
from models.redemptions import Redemption, Voucher, VoucherState
from services.redemptions import redeem
from tests.client import Client, gid
from tests.factories.fraud import score_with
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_reverse_redemption import undo

ROTATING = """query ($id: ID!) {
  voucher(id: $id) { rotatingCode { content changesAt rotationKey } }
}"""
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def till(world: World) -> Till:
    till = await Till.open(world, per_user_limit=20)
    await require(till)
    return till


async def require(till: Till, rotation: str = "REQUIRE", **values: Any) -> None:
    await score_with(till.world, till.vendor, 1, rotation=rotation, **values)


def shown(till: Till, voucher: Voucher, ago: timedelta = timedelta()) -> str:
    """Return the content of the QR code some time ago."""
    key = rotating_key(till.world.keys, voucher.id, voucher.generation)
    return f"{voucher.token}{SEPARATOR}{rotating_code(key, now() - ago)}"


async def test_the_code_on_the_screen_of_the_holder_redeems(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    holder = api.signed_in(till.customer)
    seen = (await holder.ask(ROTATING, id=gid(voucher)))["voucher"]["rotatingCode"]
    assert (await till.redeem(api, token=seen["content"]))["outcome"] == "APPROVED"
    (attempt,) = await till.attempts()
    kept = await till.world.fresh(voucher)
    assert attempt.step == kept.last_step
    assert kept.last_step >= int((now() - MINUTE).timestamp()) // STEP_SECONDS
    await check_invariants(till.world.database)


async def test_others_do_not_see_the_code(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    for user in (till.scanner, await till.manager(), await till.world.admin()):
        seen = await api.signed_in(user).ask(ROTATING, id=gid(voucher))
        assert seen["voucher"]["rotatingCode"] is None
    stranger = api.signed_in(await till.world.user())
    assert (await stranger.ask(ROTATING, id=gid(voucher)))["voucher"] is None


async def test_a_screenshot_is_worthless_where_the_code_is_required(
    till: Till, api: Client
) -> None:
    voucher = await till.claim(api)
    presented = [
        {"token": voucher.token},
        {"code": voucher.code},
        {"token": f"{voucher.token}{SEPARATOR}00000000"},
        {"token": shown(till, voucher, ago=2 * MINUTE)},
        {"token": shown(till, voucher, ago=-2 * MINUTE)},
    ]
    for one in presented:
        answer = await till.redeem(api, **one)
        assert (answer["outcome"], answer["reason"]) == ("REFUSED", "CODE_EXPIRED")
    assert (await till.world.fresh(voucher)).state is VoucherState.CLAIMED
    assert (await till.redeem(api, token=shown(till, voucher)))["outcome"] == "APPROVED"


async def test_a_code_works_once_also_after_a_reversal(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    token = shown(till, voucher, ago=-timedelta(seconds=STEP_SECONDS))  # the last of the three
    first = await till.redeem(api, token=token)
    assert first["outcome"] == "APPROVED"
    assert (await till.redeem(api, token=token))["reason"] == "STEP_USED"
    manager = api.signed_in(await till.manager())
    await manager.do("reverseRedemption", undo(first["redemption"]["id"]))
    again = await till.redeem(api, token=token)
    assert (again["outcome"], again["reason"]) == ("REFUSED", "STEP_USED")
    assert (await till.world.fresh(voucher)).state is VoucherState.CLAIMED
    await check_invariants(till.world.database)


async def test_a_till_that_read_the_voucher_before_a_scan_is_refused_by_the_guard(
    till: Till, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = await till.claim(api)
    token = shown(till, voucher)
    assert (await till.redeem(api, token=token))["outcome"] == "APPROVED"

    async def read_before(connection: Connection, voucher_id: UUID) -> Voucher:
        return voucher

    monkeypatch.setattr(redeem, "_lock_voucher", read_before)
    assert (await till.redeem(api, token=token))["reason"] == "STEP_USED"
    assert len([one for one in await till.attempts() if one.step is not None]) == 2


async def test_a_code_of_new_codes_is_fresh_in_the_step_of_a_used_one(
    till: Till, api: Client
) -> None:
    voucher = await till.claim(api)
    used = await till.redeem(api, token=shown(till, voucher, ago=-MINUTE / 2))
    manager = api.signed_in(await till.manager())
    assert await manager.refusal_codes("reverseRedemption", undo(used["redemption"]["id"])) == []
    given = {"voucherId": gid(voucher), "reason": "A copy is about", "idempotencyKey": "new-codes"}
    assert await manager.refusal_codes("reissueVoucher", given) == []
    renewed = await till.world.fresh(voucher)
    assert (await till.redeem(api, token=shown(till, renewed)))["reason"] == "APPROVED"


async def test_a_code_of_former_codes_is_refused(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    given = {"voucherId": gid(voucher), "reason": "Lost phone", "idempotencyKey": "k"}
    await api.signed_in(till.customer).do("reissueVoucher", given)
    former, kept = shown(till, voucher), await till.world.fresh(voucher)
    assert (await till.redeem(api, token=former))["reason"] == "OLD_GENERATION"
    mixed = f"{kept.token}{SEPARATOR}{former.rpartition(SEPARATOR)[2]}"
    assert (await till.redeem(api, token=mixed))["reason"] == "CODE_EXPIRED"
    assert (await till.redeem(api, token=shown(till, kept)))["outcome"] == "APPROVED"


async def test_by_default_a_code_is_not_needed_and_not_read(world: World, api: Client) -> None:
    till = await Till.open(world, per_user_limit=2)
    voucher, other = await till.claim(api), await till.claim(api)
    wrong = f"{voucher.token}{SEPARATOR}00000000"
    assert (await till.redeem(api, token=wrong))["outcome"] == "APPROVED"
    assert (await till.redeem(api, token=other.token))["outcome"] == "APPROVED"
    assert {one.step for one in await till.attempts()} == {None}


async def test_a_code_that_is_preferred_and_missing_is_scored(world: World, api: Client) -> None:
    till = await Till.open(world, per_user_limit=3)
    rules = [{"factor": "STATIC_CODE", "limit": 0, "points": 10}]
    await require(till, "PREFER", rules=rules)
    vouchers = [await till.claim(api) for _ in range(3)]
    tokens = [vouchers[0].token, shown(till, vouchers[1]), f"{vouchers[2].token}{SEPARATOR}0"]
    answers = [await till.redeem(api, token=token) for token in tokens]
    assert [one["reason"] for one in answers] == ["APPROVED", "APPROVED", "CODE_EXPIRED"]
    assert [one.score for one in await till.attempts()] == [10, 0, None]


async def test_without_a_network_the_code_is_judged_as_of_the_scan(till: Till, api: Client) -> None:
    gadget = await Gadget.register(till, api)
    voucher, other = await till.claim(api), await till.claim(api)
    fresh = gadget.scan(voucher, minutes=10, token=shown(till, voucher, ago=10 * MINUTE))
    stale = gadget.scan(other, minutes=10, token=shown(till, other, ago=13 * MINUTE))
    bare = gadget.scan(other, minutes=9)
    synced = await gadget.sync(fresh, stale, bare)
    assert [one["reason"] for one in synced] == ["APPROVED", "CODE_EXPIRED", "CODE_EXPIRED"]
    late = gadget.scan(other, minutes=5, token=shown(till, other, ago=5 * MINUTE))
    assert (await gadget.sync(late))[0]["outcome"] == "APPROVED"
    assert [one["reason"] for one in await gadget.sync(fresh, stale, bare)] == [
        "APPROVED",
        "CODE_EXPIRED",
        "CODE_EXPIRED",
    ]
    await check_invariants(till.world.database)


async def test_a_code_that_two_scanners_accepted_without_a_network_is_a_double(
    till: Till, api: Client
) -> None:
    gadget, other = await Gadget.register(till, api), await Gadget.register(till, api)
    voucher = await till.claim(api)
    token = shown(till, voucher, ago=5 * MINUTE)
    early, late = gadget.scan(voucher, 5, token=token), other.scan(voucher, 4.9, token=token)
    assert (await other.sync(late))[0]["outcome"] == "APPROVED"
    assert (await gadget.sync(early))[0]["outcome"] == "APPROVED"
    (double,) = await other.sync(late)
    assert (double["outcome"], double["reason"]) == ("DOUBLE", "STEP_USED")
    attempts: list[Redemption] = await till.attempts()
    assert (await till.world.fresh(voucher)).last_step == max(one.step or 0 for one in attempts)
    await check_invariants(till.world.database)
