"""Redemptions that are held or blocked by their score, and vouchers meanwhile."""

from typing import Any

import pytest

from models.fraud.settings import FraudMode
from models.redemptions import RedemptionOutcome, Voucher, VoucherState
from tests.client import Client, gid
from tests.factories.fraud import BLOCKED, HELD, attempt_of, cases, score_with
from tests.factories.redemptions import Till
from tests.factories.world import World


async def redeem(till: Till, api: Client, points: int, **values: Any) -> dict[str, Any]:
    await score_with(till.world, till.vendor, points, **values)
    voucher = await till.voucher()
    return await till.redeem(api, token=voucher.token)


async def test_a_held_voucher_is_being_checked(world: World, api: Client) -> None:
    till = await Till.open(world)
    payload = await redeem(till, api, HELD)
    assert (payload["outcome"], payload["reason"]) == ("HELD", "BEING_CHECKED")
    assert payload["voucher"]["state"] == "CLAIMED"
    assert payload["redemption"]["redeemedAt"] is None
    (case,) = await cases(world)
    attempt = await attempt_of(world, case)
    assert (case.score, case.effect, attempt.score) == (HELD, None, HELD)
    voucher = await world.first(Voucher)
    assert voucher.held_at == attempt.created_at
    seen = await api.signed_in(till.customer).ask(
        "query ($id: ID!) { voucher(id: $id) { isBeingChecked refusal } }", id=gid(voucher)
    )
    assert seen == {"voucher": {"isBeingChecked": True, "refusal": "BEING_CHECKED"}}


async def test_a_held_voucher_is_neither_redeemed_nor_cancelled(world: World, api: Client) -> None:
    till = await Till.open(world)
    await redeem(till, api, HELD)
    voucher = await world.first(Voucher)
    again = await till.redeem(api, token=voucher.token)
    assert (again["outcome"], again["reason"]) == ("REFUSED", "BEING_CHECKED")
    customer = api.signed_in(till.customer)
    codes = await customer.refusal_codes("cancelVoucher", {"voucherId": gid(voucher)})
    assert codes == ["VOUCHER_NOT_CANCELLABLE"]
    assert len(await cases(world)) == 1


async def test_a_blocked_voucher_stays_claimed_and_is_one_case(world: World, api: Client) -> None:
    till = await Till.open(world)
    payload = await redeem(till, api, BLOCKED)
    assert (payload["outcome"], payload["reason"]) == ("BLOCKED", "SUSPECTED_FRAUD")
    voucher = await world.first(Voucher)
    assert (voucher.state, voucher.held_at) == (VoucherState.CLAIMED, None)
    again = await till.redeem(api, token=voucher.token)
    assert again["outcome"] == "BLOCKED"
    (case,) = await cases(world)
    assert (case.hold_ends_at, case.effect) == (None, "NONE")


async def test_a_score_below_the_limit_changes_nothing(world: World, api: Client) -> None:
    till = await Till.open(world)
    assert (await redeem(till, api, HELD - 11))["outcome"] == "APPROVED"
    assert await cases(world) == []


@pytest.mark.parametrize("points", [HELD, BLOCKED])
async def test_shadow_stores_the_advice_and_changes_nothing(
    world: World, api: Client, points: int
) -> None:
    till = await Till.open(world)
    payload = await redeem(till, api, points, mode=FraudMode.SHADOW)
    assert payload["outcome"] == "APPROVED"
    assert payload["voucher"]["state"] == "REDEEMED"
    (attempt,) = await till.attempts()
    advised = RedemptionOutcome.HELD if points == HELD else RedemptionOutcome.BLOCKED
    assert (attempt.score, attempt.advised) == (points, advised)
    assert await cases(world) == []


async def test_a_vendor_without_settings_has_those_of_the_platform(
    world: World, api: Client
) -> None:
    till, other = await Till.open(world), await Till.open(world)
    await score_with(world, None, BLOCKED)
    await score_with(world, other.vendor, HELD)
    for at, outcome in ((till, "BLOCKED"), (other, "HELD")):
        voucher = await at.voucher()
        assert (await at.redeem(api, token=voucher.token))["outcome"] == outcome


async def test_without_settings_attempts_are_scored_and_approved(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    assert (await till.redeem(api, code=voucher.code))["outcome"] == "APPROVED"
    (attempt,) = await till.attempts()
    assert attempt.score is not None
    assert attempt.scored_by_id is None


async def test_a_replay_of_a_held_attempt_returns_it(world: World, api: Client) -> None:
    till = await Till.open(world)
    await score_with(world, till.vendor, HELD)
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token)
    client = api.signed_in(till.scanner)
    first, second = [
        await client.do("redeemVoucher", scan, "outcome redemption { id }") for _ in range(2)
    ]
    assert first == second
    assert len(await cases(world)) == 1


async def test_an_invalid_voucher_is_not_scored(world: World, api: Client) -> None:
    till = await Till.open(world)
    await score_with(world, till.vendor, BLOCKED)
    await till.redeem(api, code="7QX4M-2K9TD")
    (attempt,) = await till.attempts()
    assert (attempt.outcome, attempt.score) == (RedemptionOutcome.REFUSED, None)
    assert await cases(world) == []
