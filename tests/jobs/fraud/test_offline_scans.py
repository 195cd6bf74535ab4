"""Scores of scans without a network: doubles, limits of bundles, and clocks that were wrong."""

from typing import Any

from sqlmodel import select

from models.fraud.cases import RedemptionFactor
from models.fraud.rules import Factor, FraudRule
from models.fraud.settings import FraudMode
from models.notifications.inbox import NotificationKind
from models.redemptions import Redemption, RedemptionOutcome
from tests.client import Client, gid
from tests.factories.fraud import cases, decision, score_with
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.jobs.fraud.test_holds import notices
from tests.resolvers.redemptions.offline import Gadget

OFFLINE = (Factor.BUNDLE_EXPIRED, Factor.OFFLINE_LIMIT, Factor.SCAN_CLOCK, Factor.OFFLINE_DOUBLE)


def rule(factor: Factor) -> dict[str, Any]:
    points = 50 if factor is Factor.OFFLINE_DOUBLE else 15
    return FraudRule(factor=factor, limit=0, points=points).model_dump(mode="json")


DOUBLE = rule(Factor.OFFLINE_DOUBLE)


async def doubled(world: World, api: Client, mode: FraudMode = FraudMode.ACT) -> Till:
    """Return a till where a voucher was redeemed, and then shown as valid without a network."""
    till = await Till.open(world)
    await score_with(world, till.vendor, 0, mode=mode, rules=[DOUBLE])
    gadget, voucher = await Gadget.register(till, api), await till.claim(api)
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "APPROVED"
    (scan,) = await gadget.sync(gadget.scan(voucher))
    assert scan["outcome"] == "DOUBLE"
    return till


async def attempt(till: Till, outcome: RedemptionOutcome) -> Redemption:
    (found,) = [one for one in await till.attempts() if one.outcome is outcome]
    return found


async def test_a_double_has_the_factor_and_a_case(world: World, api: Client, work: Work) -> None:
    till = await doubled(world, api)
    await work()
    double = await attempt(till, RedemptionOutcome.DOUBLE)
    assert (double.score, double.advised) == (50, RedemptionOutcome.HELD)
    async with world.database.session() as session:
        rows = select(RedemptionFactor).where(RedemptionFactor.redemption_id == double.id)
        (factor,) = (await session.exec(rows)).all()
    assert (factor.factor, factor.points, factor.value) == ("OFFLINE_DOUBLE", 50, 1.0)
    (case,) = await cases(world)
    assert (case.redemption_id, case.user_id) == (double.id, till.customer.id)
    assert (case.score, case.effect, case.hold_ends_at) == (50, "NONE", None)
    manager = await till.manager()
    sent = await notices(world, NotificationKind.FRAUD_CASE_OPENED)
    assert {one.subject_id for one in sent} == {case.id}
    codes = await api.signed_in(manager).refusal_codes(
        "decideFraudCase", decision(case, "REJECTED", "OFFLINE_DOUBLE")
    )
    assert codes == []
    await check_invariants(world.database)


async def test_a_double_is_scored_once(world: World, api: Client, defer: Defer, work: Work) -> None:
    till = await doubled(world, api)
    await work()
    double = await attempt(till, RedemptionOutcome.DOUBLE)
    await defer("score_scans", redemption_ids=[double.id])
    await work()
    assert len(await cases(world)) == 1


async def test_a_double_in_shadow_mode_opens_no_case(world: World, api: Client, work: Work) -> None:
    till = await doubled(world, api, FraudMode.SHADOW)
    await work()
    double = await attempt(till, RedemptionOutcome.DOUBLE)
    assert (double.score, double.advised) == (50, RedemptionOutcome.HELD)
    assert await cases(world) == []


async def test_an_earlier_scan_makes_a_scored_redemption_a_double(
    world: World, api: Client, work: Work
) -> None:
    """It keeps the factors that it had, and gets one more."""
    till = await Till.open(world)
    quick = FraudRule(factor=Factor.QUICK, limit=1_000_000, points=20).model_dump(mode="json")
    await score_with(world, till.vendor, 0, rules=[DOUBLE, quick])
    gadget, voucher = await Gadget.register(till, api), await till.claim(api)
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "APPROVED"
    (scan,) = await gadget.sync(gadget.scan(voucher, minutes=5))
    assert scan["outcome"] == "APPROVED"
    await work()
    double = await attempt(till, RedemptionOutcome.DOUBLE)
    assert (double.mode, double.score) == ("ONLINE", 70)
    manager = api.signed_in(await till.manager())
    (case,) = await cases(world)
    seen = await manager.ask(
        "query ($id: ID!) { fraudCase(id: $id) { riskScore counterState riskFactors { factor } } }",
        id=gid(case),
    )
    factors = {one["factor"] for one in seen["fraudCase"]["riskFactors"]}
    assert (factors, seen["fraudCase"]["riskScore"]) == ({"OFFLINE_DOUBLE", "QUICK"}, 70)


async def test_a_scan_that_was_not_shown_as_valid_is_no_double(
    world: World, api: Client, work: Work
) -> None:
    till = await Till.open(world)
    await score_with(world, till.vendor, 0, rules=[DOUBLE])
    gadget, voucher = await Gadget.register(till, api), await till.claim(api)
    await till.redeem(api, token=voucher.token)
    await gadget.sync(gadget.scan(voucher, shown="RED"))
    await work()
    assert await cases(world) == []


async def test_passed_limits_and_wrong_clocks_have_factors(
    world: World, api: Client, work: Work
) -> None:
    """The voucher is used all the same: goods were handed over."""
    till = await Till.open(world, per_user_limit=5)
    await score_with(world, till.vendor, 0, rules=[*map(rule, OFFLINE)])
    gadget = await Gadget.register(till, api)
    full, ended, early, red = [await till.claim(api) for _ in range(4)]
    scans = [
        gadget.scan(full, bundle=gadget.stamp(limit=0)),
        gadget.scan(ended, bundle=gadget.stamp(hours=30)),
        gadget.scan(early, minutes=90, bundle=gadget.stamp()),
        gadget.scan(red, minutes=90, bundle=gadget.stamp(), shown="RED"),
    ]
    outcomes = [one["outcome"] for one in await gadget.sync(*scans)]
    assert outcomes == ["APPROVED", "APPROVED", "APPROVED", "REFUSED"]
    await work()
    found = {}
    async with world.database.session() as session:
        for one in await till.attempts():
            rows = select(RedemptionFactor.factor).where(RedemptionFactor.redemption_id == one.id)
            found[one.voucher_id] = one.score, [*await session.exec(rows)]
    assert found == {
        full.id: (15, [Factor.OFFLINE_LIMIT]),
        ended.id: (15, [Factor.BUNDLE_EXPIRED]),
        early.id: (15, [Factor.SCAN_CLOCK]),
        red.id: (None, []),
    }
    assert await cases(world) == []
    double = gadget.scan(full, minutes=-1, bundle=gadget.stamp(hours=30))
    assert (await gadget.sync(double))[0]["outcome"] == "DOUBLE"
    await work()
    (case,) = await cases(world)
    assert case.score == 50 + 15
    await check_invariants(world.database)


async def test_scans_of_strange_vouchers_are_not_scored(
    world: World, api: Client, work: Work
) -> None:
    till, rival = await Till.open(world), await Till.open(world)
    gadget, foreign = await Gadget.register(till, api), await rival.voucher()
    await gadget.sync(gadget.scan(foreign), gadget.scan(foreign, token="a.b.c"))
    await work()
    assert [one.score for one in await till.attempts()] == [None, None]
