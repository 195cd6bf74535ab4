"""Redeeming a voucher: every outcome and reason, each kept as an attempt."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from core.ids import new_id
from core.security.codes import SYMBOLS
from core.security.signing_keys import SigningKeys
from models.redemptions import RedemptionReason, VoucherState
from tests.client import Client, gid
from tests.factories.forged_tokens import tampered, unsigned
from tests.factories.redemptions import Till
from tests.factories.world import World

HOUR = timedelta(hours=1)


async def ensure_refused(
    till: Till, payload: dict[str, Any], reason: str, voucher_id: UUID | None = None
) -> None:
    assert payload["errors"] == []
    assert (payload["outcome"], payload["reason"]) == ("REFUSED", reason)
    assert payload["redemption"]["redeemedAt"] is None
    (kept,) = await till.attempts()
    assert (kept.outcome, kept.reason, kept.voucher_id) == ("REFUSED", reason, voucher_id)
    assert kept.member_id == till.scanner.id


async def test_redeem_voucher_by_its_token(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    payload = await till.redeem(api, token=voucher.token, deviceId="till 3")
    assert payload["errors"] == []
    assert (payload["outcome"], payload["reason"]) == ("APPROVED", "APPROVED")
    assert payload["voucher"]["id"] == payload["redemption"]["voucher"]["id"] == gid(voucher)
    assert payload["voucher"]["state"] == "REDEEMED"
    assert payload["voucher"]["redeemedAt"] == payload["redemption"]["redeemedAt"] is not None
    assert payload["redemption"]["deviceId"] == "till 3"
    (kept,) = await till.attempts()
    assert (kept.reason, kept.voucher_id) == (RedemptionReason.APPROVED, voucher.id)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"expires_at": now() - HOUR}, "EXPIRED"),
        ({"state": VoucherState.EXPIRED}, "EXPIRED"),
        ({"starts_at": now() + HOUR}, "NOT_YET"),
        ({"state": VoucherState.CANCELLED, "cancelled_at": now()}, "CANCELLED"),
    ],
)
async def test_redeem_voucher_that_cannot_be_used(
    world: World, api: Client, values: dict[str, Any], reason: str
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher(**values)
    payload = await till.redeem(api, code=voucher.code)
    await ensure_refused(till, payload, reason, voucher.id)
    assert payload["voucher"]["id"] == gid(voucher)
    assert (await world.fresh(voucher)).state == voucher.state


async def test_redeem_voucher_again_returns_the_first_redemption_time(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    first = await till.redeem(api, token=voucher.token)
    again = await till.redeem(api, token=voucher.token)
    assert (again["outcome"], again["reason"]) == ("REFUSED", "ALREADY_REDEEMED")
    assert again["voucher"]["redeemedAt"] == first["redemption"]["redeemedAt"]
    assert again["redemption"]["redeemedAt"] is None
    assert [one.reason for one in await till.attempts()] == ["APPROVED", "ALREADY_REDEEMED"]


async def test_redeem_voucher_of_another_vendor_shows_nothing_of_it(
    world: World, api: Client
) -> None:
    till, other = await Till.open(world), await Till.open(world)
    voucher = await other.voucher()
    payload = await till.redeem(api, token=voucher.token)
    await ensure_refused(till, payload, "OTHER_VENDOR", voucher.id)
    assert payload["voucher"] is None
    assert payload["redemption"]["voucher"] is None
    assert (await world.fresh(voucher)).state == VoucherState.CLAIMED


async def test_redeem_voucher_with_a_bad_signature(world: World, api: Client) -> None:
    voucher_id = new_id()
    foreign = SigningKeys.generate().sign_voucher(voucher_id, 1)
    own = world.keys.sign_voucher(voucher_id, 1)
    for token in (foreign, tampered(own), unsigned(own), "garbage", "a.b.c", "\u20b9" * 9):
        payload = await (till := await Till.open(world)).redeem(api, token=token)
        await ensure_refused(till, payload, "BAD_SIGNATURE")
        assert payload["voucher"] is None


async def test_redeem_voucher_with_an_old_generation(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher = await till.voucher(generation=2)
    payload = await till.redeem(api, token=voucher.token)
    await ensure_refused(till, payload, "OLD_GENERATION", voucher.id)


async def test_redeem_voucher_with_an_access_token(world: World, api: Client) -> None:
    till = await Till.open(world)
    token, _ = world.keys.sign_access(till.customer.id, new_id(), 15)
    await ensure_refused(till, await till.redeem(api, token=token), "WRONG_TYPE")


@pytest.mark.parametrize("presented", ["wrong check symbol", "unknown code", "unknown token"])
async def test_redeem_voucher_that_is_not_known(world: World, api: Client, presented: str) -> None:
    till = await Till.open(world)
    code = (await till.voucher()).code
    wrong = code[:-1] + next(symbol for symbol in SYMBOLS if symbol != code[-1])
    given = {
        "wrong check symbol": {"code": wrong},
        "unknown code": {"code": "00000-00000"},
        "unknown token": {"token": world.keys.sign_voucher(new_id(), 1)},
    }
    await ensure_refused(till, await till.redeem(api, **given[presented]), "UNKNOWN")
