"""New codes of a voucher, after which the former ones are refused."""

from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import MAX_GENERATION, Voucher, VoucherState
from models.scanners import CodesEnded, VoucherRevocation
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World

REISSUED = "voucher { id generation code token state }"


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world)


def reissue(voucher: Voucher, **changes: Any) -> dict[str, Any]:
    return {
        "voucherId": gid(voucher),
        "reason": "The code was shown to others",
        "idempotencyKey": str(new_id()),
    } | changes


async def test_the_former_codes_of_a_reissued_voucher_are_refused(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    client, input = api.signed_in(till.customer), reissue(voucher)
    new = (await client.do("reissueVoucher", input, REISSUED))["voucher"]
    assert new["generation"] == 2
    assert new["code"] != voucher.code
    assert (await client.do("reissueVoucher", input, REISSUED))["voucher"] == new
    assert (await till.redeem(api, token=voucher.token))["reason"] == "OLD_GENERATION"
    assert (await till.redeem(api, code=voucher.code))["reason"] == "UNKNOWN"
    assert (await till.redeem(api, token=new["token"]))["reason"] == "APPROVED"
    revoked = await till.world.first(VoucherRevocation)
    assert (revoked.kind, revoked.generation) == (CodesEnded.REISSUED, 2)


async def test_a_manager_does_not_see_the_new_codes_of_a_customer(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    client = api.signed_in(await till.manager())
    new = (await client.do("reissueVoucher", reissue(voucher), REISSUED))["voucher"]
    assert (new["generation"], new["code"], new["token"]) == (2, None, None)
    async with till.world.database.session() as session:
        kinds = (await session.exec(select(Notification.kind))).all()
    assert kinds == [NotificationKind.VOUCHER_REISSUED]


@pytest.mark.parametrize(
    "values",
    [
        {"state": VoucherState.REDEEMED, "redeemed_at": now()},
        {"state": VoucherState.EXPIRED},
        {"state": VoucherState.CANCELLED, "cancelled_at": now()},
        {"expires_at": now()},
    ],
)
async def test_a_voucher_that_cannot_be_used_is_not_reissued(
    till: Till, api: Client, values: dict[str, Any]
) -> None:
    voucher = await till.voucher(**values)
    client = api.signed_in(till.customer)
    assert await client.refusal_codes("reissueVoucher", reissue(voucher)) == ["VOUCHER_NOT_USABLE"]


async def test_a_voucher_has_a_maximum_of_generations(till: Till, api: Client) -> None:
    voucher = await till.voucher(generation=MAX_GENERATION)
    client = api.signed_in(till.customer)
    assert await client.refusal_codes("reissueVoucher", reissue(voucher)) == ["TOO_MANY_REISSUES"]


async def test_reissue_voucher_as_others(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    assert await api.mutation_failed("reissueVoucher", reissue(voucher)) == ["UNAUTHENTICATED"]
    rival = await Till.open(till.world)
    others = [till.scanner, await till.staff(), await till.world.user(), await rival.manager()]
    for user in others:
        codes = await api.signed_in(user).refusal_codes("reissueVoucher", reissue(voucher))
        assert codes == ["NOT_FOUND"]
    assert (await till.world.fresh(voucher)).generation == 1
