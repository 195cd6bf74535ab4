"""A held attempt takes its bill, visit and household, and gives them back unless it is approved."""

from typing import Any

import pytest
from sqlmodel import select

from models.fraud.links import IdentityLink, LinkKind
from models.fraud.settings import FraudMode
from models.redemptions import Redemption, VoucherState
from models.redemptions.bills import Bill
from tests.client import Client, gid
from tests.factories.fraud import BLOCKED, HELD, cases, manager_of, score_with
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.offers.ruled import inr, set_rules
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_reverse_redemption import undo
from tests.resolvers.redemptions.test_rules_at_till import bill, failed, present

RULES: dict[str, Any] = {
    "firstVisit": True,
    "household": True,
    "voucherBalance": inr(1_000),
    "stacking": {"kind": "ONE_PER_GROUP", "group": "food"},
}


@pytest.fixture
async def till(world: World) -> Till:
    till = await Till.open(world)
    await world.save(IdentityLink(kind=LinkKind.PHONE, hash=bytes(32), user_id=till.customer.id))
    return till


async def hold(till: Till, api: Client) -> tuple[Any, Redemption]:
    await set_rules(api, till, **RULES)
    await score_with(till.world, till.vendor, HELD)
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token, bill=bill(600), amount=inr(400))
    assert (answer["outcome"], answer["failedRule"]) == ("HELD", None)
    assert answer["voucher"] == {
        "state": "CLAIMED",
        "used": 0,
        "balanceLeft": {"amountMinor": 1_000},
    }
    await check_invariants(till.world.database)
    (attempt,) = await till.attempts()
    return voucher, attempt


async def decide(till: Till, api: Client, decision: str) -> None:
    (case,) = await cases(till.world)
    client = api.signed_in(await manager_of(till.world, till.vendor))
    await client.do("takeFraudCase", {"caseId": gid(case)})
    given = {"caseId": gid(case), "decision": decision, "confirmed": []}
    assert (await client.do("decideFraudCase", given, "fraudCase { id }"))["errors"] == []
    await check_invariants(till.world.database)


async def test_an_approved_hold_takes_the_amount(till: Till, api: Client, world: World) -> None:
    voucher, _ = await hold(till, api)
    await decide(till, api, "APPROVED")
    stored = await world.fresh(voucher)
    assert (stored.state, stored.balance_minor, stored.used) == (VoucherState.CLAIMED, 600, 1)


async def test_a_rejected_hold_gives_all_back(till: Till, api: Client, world: World) -> None:
    """Failures 6 and 8 of the design."""
    voucher, _ = await hold(till, api)
    await decide(till, api, "REJECTED")
    stored = await world.fresh(voucher)
    assert (stored.state, stored.balance_minor, stored.used) == (VoucherState.CLAIMED, 1_000, 0)
    await score_with(world, till.vendor, HELD, version=2, mode=FraudMode.SHADOW)
    answer = await present(till, api, voucher.token, bill=bill(600), amount=inr(600))
    assert answer["outcome"] == "APPROVED"
    await check_invariants(world.database)


async def test_a_blocked_attempt_takes_nothing(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, **RULES)
    await score_with(world, till.vendor, BLOCKED)
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token, bill=bill(600), amount=inr(400))
    assert answer["outcome"] == "BLOCKED"
    assert answer["redemption"]["amountTaken"] is None
    await check_invariants(world.database)


async def test_a_rule_is_judged_before_the_risk(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, minimumSpend=inr(1_000))
    await score_with(world, till.vendor, BLOCKED)
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token, bill=bill(600))
    assert answer["failedRule"] == failed("MINIMUM_SPEND", "10.00", "6.00")
    assert await cases(world) == []


async def test_a_hold_that_an_earlier_scan_refuses_leaves_its_bill(
    till: Till, api: Client, world: World
) -> None:
    gadget = await Gadget.register(till, api)
    await score_with(world, till.vendor, HELD)
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token, bill=bill(600))
    assert answer["outcome"] == "HELD"
    await check_invariants(world.database)
    (scan,) = await gadget.sync(gadget.scan(voucher, minutes=30))
    assert scan["outcome"] == "APPROVED"
    assert [one.outcome for one in await till.attempts()] == ["REFUSED", "APPROVED"]
    async with world.database.session() as session:
        stored = (await session.exec(select(Bill))).one()
    assert (stored.uses, stored.discount_minor) == (0, 0)
    await decide(till, api, "APPROVED")


async def test_a_use_is_reversed_while_another_is_checked(
    till: Till, api: Client, world: World
) -> None:
    await set_rules(api, till, maximumUses=3)
    voucher = await till.claim(api)
    first = await present(till, api, voucher.token)
    await score_with(world, till.vendor, HELD)
    assert (await present(till, api, voucher.token))["outcome"] == "HELD"
    client = api.signed_in(await manager_of(world, till.vendor))
    answer = await client.do("reverseRedemption", undo(first["redemption"]["id"]))
    assert answer["errors"] == []
    await check_invariants(world.database)
    await decide(till, api, "APPROVED")
    stored = await world.fresh(voucher)
    assert (stored.state, stored.used, stored.uses) == (VoucherState.CLAIMED, 1, 2)
