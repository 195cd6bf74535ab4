"""Held attempts among scans of the same voucher without a network."""

import pytest

from models.redemptions import Voucher, VoucherState
from tests.client import Client, gid
from tests.factories.fraud import HELD, attempt_of, cases, decision, manager_of, score_with
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.redemptions.offline import Gadget


async def open_till(world: World, api: Client) -> tuple[Till, Gadget, Voucher]:
    """Open a till with a held voucher, and a scanner without a network."""
    till = await Till.open(world)
    gadget = await Gadget.register(till, api)
    await score_with(world, till.vendor, HELD)
    voucher = await till.claim(api)
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "HELD"
    return till, gadget, voucher


async def test_an_earlier_scan_ends_the_hold(world: World, api: Client) -> None:
    till, gadget, held = await open_till(world, api)
    (scan,) = await gadget.sync(gadget.scan(held, minutes=5))
    assert scan["outcome"] == "APPROVED"
    voucher, (case,) = await world.fresh(held), await cases(world)
    assert (voucher.state, voucher.held_at, voucher.uses) == (VoucherState.REDEEMED, None, 1)
    attempt = await attempt_of(world, case)
    assert (attempt.outcome, attempt.reason) == ("REFUSED", "ALREADY_REDEEMED")
    manager = api.signed_in(await manager_of(world, till.vendor))
    payload = await manager.do(
        "decideFraudCase", decision(case, "REJECTED"), "fraudCase { holdEffect }"
    )
    assert payload["fraudCase"] == {"holdEffect": "NONE"}
    attempt = await attempt_of(world, case)
    assert (attempt.outcome, attempt.reason) == ("REFUSED", "ALREADY_REDEEMED")
    await check_invariants(world.database)


@pytest.mark.parametrize(("decided", "scanned"), [("APPROVED", "DOUBLE"), ("REJECTED", "APPROVED")])
async def test_a_later_scan_waits_for_the_decision(
    world: World, api: Client, decided: str, scanned: str
) -> None:
    till, gadget, held = await open_till(world, api)
    scan = gadget.scan(held)
    (stored,) = await gadget.sync(scan)
    assert (stored["outcome"], stored["reason"]) == ("DOUBLE", "ALREADY_REDEEMED")
    assert (await world.fresh(held)).is_held
    (case,) = await cases(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    await manager.do("decideFraudCase", decision(case, decided))
    (stored,) = await gadget.sync(scan)
    assert stored["outcome"] == scanned
    voucher = await world.fresh(held)
    assert (voucher.state, voucher.held_at, voucher.uses) == (VoucherState.REDEEMED, None, 1)
    await check_invariants(world.database)


async def test_a_held_voucher_is_neither_given_nor_reissued(world: World, api: Client) -> None:
    till, _, held = await open_till(world, api)
    customer = api.signed_in(till.customer)
    reissue = {"voucherId": gid(held), "reason": "Seen by others", "idempotencyKey": "again"}
    gift = {"voucherId": gid(held), "idempotencyKey": "once"}
    assert await customer.refusal_codes("reissueVoucher", reissue) == ["VOUCHER_NOT_USABLE"]
    assert await customer.refusal_codes("giftVoucher", gift) == ["VOUCHER_NOT_USABLE"]
