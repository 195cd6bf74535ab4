"""Scans without a network that arrive after uses, reversals and doubles of their voucher."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from core.security.rotating_codes import SEPARATOR, STEP_SECONDS, rotating_code, rotating_key
from models.redemptions import Voucher, VoucherState
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_reverse_redemption import undo
from tests.resolvers.redemptions.test_rotating_codes import require


@pytest.fixture
async def gadget(world: World, api: Client) -> Gadget:
    return await Gadget.register(await Till.open(world, claimed=1), api)


async def reverse(gadget: Gadget, api: Client, redemption_id: str) -> None:
    client = api.signed_in(await gadget.till.manager())
    assert await client.refusal_codes("reverseRedemption", undo(redemption_id)) == []


async def use(gadget: Gadget, api: Client, voucher: Voucher) -> str:
    """Return the id of a redemption at the till."""
    answer = await gadget.till.redeem(api, token=voucher.token)
    assert answer["outcome"] == "APPROVED"
    id: str = answer["redemption"]["id"]
    return id


async def test_reversals_of_later_uses_leave_an_earlier_scan_approved(
    gadget: Gadget, api: Client
) -> None:
    """Two uses that were reversed one after the other took one place, and not two."""
    voucher = await gadget.till.voucher(max_uses=2)
    first = gadget.scan(voucher, minutes=5)
    await gadget.sync(first)
    for _ in range(2):
        await reverse(gadget, api, await use(gadget, api, voucher))
    scanned = await gadget.sync(gadget.scan(voucher), first)
    assert [one["outcome"] for one in scanned] == ["APPROVED", "APPROVED"]
    await check_invariants(gadget.till.world.database)


async def test_a_double_is_not_approved_once_the_earlier_scan_is_reversed(
    gadget: Gadget, api: Client
) -> None:
    """The voucher was used again meanwhile, and that use stays approved."""
    voucher = await gadget.till.voucher()
    await use(gadget, api, voucher)
    (early,) = await gadget.sync(gadget.scan(voucher, minutes=5))
    await reverse(gadget, api, early["id"])
    await use(gadget, api, voucher)
    await gadget.sync(gadget.scan(voucher, minutes=4))
    outcomes = {one.attempted_at: one.outcome for one in await gadget.till.attempts()}
    in_order = [outcomes[moment] for moment in sorted(outcomes)]
    assert in_order == ["APPROVED", "DOUBLE", "DOUBLE", "APPROVED"]
    await check_invariants(gadget.till.world.database)


async def test_an_earlier_scan_can_leave_a_redeemed_voucher_a_use(
    gadget: Gadget, api: Client
) -> None:
    """Its code is later than those of the two others, which were used by then."""
    await require(gadget.till)
    voucher = await gadget.till.voucher(max_uses=2)
    key = rotating_key(gadget.till.world.keys, voucher.id, voucher.generation)
    begin = datetime.fromtimestamp(int(now().timestamp()) // 30 * 30 - 600, now().tzinfo)

    def scan(second: int, step: int) -> dict[str, Any]:
        code = rotating_code(key, begin + step * timedelta(seconds=STEP_SECONDS))
        at = (begin + timedelta(seconds=second)).isoformat()
        return gadget.scan(voucher, scannedAt=at, token=f"{voucher.token}{SEPARATOR}{code}")

    scans = [scan(8, 1), scan(12, 0), scan(16, 1)]
    answers = await gadget.sync(*scans[1:])
    assert [one["outcome"] for one in answers] == ["APPROVED", "APPROVED"]
    assert (await gadget.till.world.fresh(voucher)).state is VoucherState.REDEEMED
    answers = await gadget.sync(*scans)
    assert [one["reason"] for one in answers] == ["APPROVED", "STEP_USED", "STEP_USED"]
    stored = await gadget.till.world.fresh(voucher)
    assert (stored.state, stored.used) == (VoucherState.CLAIMED, 1)
    await check_invariants(gadget.till.world.database)
