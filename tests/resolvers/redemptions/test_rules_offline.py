"""Rules without a network: obeyed by the bundle, and judged again by the server as of the scan."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from core.clock import now
from models.redemptions import Redemption, RedemptionOutcome
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.offers.ruled import inr, set_rules
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_rules_at_till import bill, failed, present
from tests.resolvers.redemptions.test_voucher_bundle import fetch

SERVER_RULES: list[tuple[str, dict[str, Any]]] = [
    ("MINIMUM_SPEND", {"minimumSpend": inr(100)}),
    ("FIRST_VISIT", {"firstVisit": True}),
    ("HOUSEHOLD", {"household": True}),
    ("STACKING", {"stacking": {"kind": "ALONE"}}),
    ("BALANCE", {"voucherBalance": inr(1_000)}),
]


@pytest.fixture
async def gadget(world: World, api: Client) -> Gadget:
    return await Gadget.register(await Till.open(world), api)


async def limits(gadget: Gadget) -> dict[str, Any]:
    """Return what the bundle lets the scanner obey for the till's offer."""
    _, claims = await fetch(gadget)
    (offer,) = claims["offers"]
    return {name: one for name, one in offer.items() if name not in {"id", "starts", "ends"}}


async def stored(gadget: Gadget) -> list[Redemption]:
    return await gadget.till.attempts()


@pytest.mark.parametrize(("kind", "rules"), SERVER_RULES)
async def test_an_offer_with_rules_of_the_server_is_red(
    gadget: Gadget, api: Client, kind: str, rules: dict[str, Any]
) -> None:
    """Failure 21 of the design: what the scanner cannot judge needs a network."""
    await set_rules(api, gadget.till, **rules)
    voucher = await gadget.till.claim(api)
    assert await limits(gadget) == {"red": True}
    (answer,) = await gadget.sync(gadget.scan(voucher))
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "RULE_FAILED")
    (attempt,) = await stored(gadget)
    assert attempt.failure is not None
    assert attempt.failure.data() == failed(kind, "online", None)
    await check_invariants(gadget.till.world.database)


async def test_a_claimed_voucher_keeps_its_offer_red(gadget: Gadget, api: Client) -> None:
    await set_rules(api, gadget.till, firstVisit=True)
    voucher = await gadget.till.claim(api)
    await set_rules(api, gadget.till, maximumUses=2)
    assert await limits(gadget) == {"red": True}
    assert (await present(gadget.till, api, voucher.token))["outcome"] == "APPROVED"
    assert await limits(gadget) == {"uses": 2}


async def test_a_scanner_obeys_hours_days_and_uses(gadget: Gadget, api: Client) -> None:
    spans = [{"weekday": 5, "opens": "22:00", "closes": "02:00"}]
    days = {"fromDay": "2026-01-01", "untilDay": "2026-01-31"}
    await set_rules(api, gadget.till, daysHours=days | {"spans": spans}, maximumUses=3)
    _, claims = await fetch(gadget)
    assert claims["zone"] == gadget.till.vendor.time_zone
    assert await limits(gadget) == {
        "times": [{"first": "2026-01-01", "last": "2026-01-31", "spans": [[5, 1320, 120]]}],
        "uses": 3,
    }


async def test_an_offer_is_red_at_scanners_of_other_branches(gadget: Gadget, api: Client) -> None:
    other = await Gadget.register(gadget.till, api)
    branches = [{"name": "Fort", "scannerIds": [gadget.id]}]
    await set_rules(api, gadget.till, branches=branches)
    assert (await limits(gadget), await limits(other)) == ({}, {"red": True})
    voucher = await gadget.till.claim(api)
    (there,) = await other.sync(other.scan(voucher, minutes=2))
    (here,) = await gadget.sync(gadget.scan(voucher, minutes=1))
    assert (there["reason"], here["outcome"]) == ("RULE_FAILED", "APPROVED")


async def test_days_are_judged_as_of_the_scan(world: World, api: Client) -> None:
    started = now() - timedelta(days=20)
    till = await Till.open(world, starts_at=started)
    gadget = await Gadget.register(till, api)
    await set_rules(
        api, till, daysHours={"untilDay": (now() + timedelta(days=9)).date().isoformat()}
    )
    voucher = await till.claim(api)
    yesterday = (now() - timedelta(days=5)).date().isoformat()
    late = await Till.open(world, starts_at=started)
    scanner = await Gadget.register(late, api)
    await set_rules(api, late, daysHours={"fromDay": "2020-01-01"})
    await set_rules(api, late, daysHours={"fromDay": yesterday})
    other = await late.claim(api)
    (answer,) = await gadget.sync(gadget.scan(voucher, minutes=5))
    assert answer["outcome"] == "APPROVED"
    before, after = await scanner.sync(
        scanner.scan(other, minutes=10 * 24 * 60), scanner.scan(other, minutes=1)
    )
    assert (before["reason"], after["outcome"]) == ("RULE_FAILED", "APPROVED")
    await check_invariants(world.database)


async def test_the_first_uses_are_approved_in_all_orders_of_arrival(
    world: World, api: Client
) -> None:
    for order in permutations(range(3)):
        till = await Till.open(world, claimed=0)
        gadget = await Gadget.register(till, api)
        await set_rules(api, till, maximumUses=2)
        voucher = await till.claim(api)
        scans = [gadget.scan(voucher, minutes=30 - number) for number in range(3)]
        for number in order:
            await gadget.sync(scans[number])
            await check_invariants(world.database)
        kept = sorted(await till.attempts(), key=lambda one: one.attempted_at)
        outcomes = [one.outcome for one in kept]
        assert outcomes == ["APPROVED", "APPROVED", RedemptionOutcome.DOUBLE]
        assert (await world.fresh(voucher)).redeemed_at == kept[1].attempted_at


async def test_partial_uses_are_no_doubles(gadget: Gadget, api: Client) -> None:
    """A scan that arrives later folds all: the uses of a balance with a network stand."""
    await set_rules(api, gadget.till, voucherBalance=inr(1_000))
    voucher = await gadget.till.claim(api)
    for amount in (300, 500):
        answer = await present(gadget.till, api, voucher.token, amount=inr(amount))
        assert answer["outcome"] == "APPROVED"
    await gadget.sync(gadget.scan(voucher, minutes=30))
    outcomes = [one.outcome for one in await stored(gadget)]
    assert outcomes == ["APPROVED", "APPROVED", "REFUSED"]
    assert (await gadget.till.world.fresh(voucher)).balance_minor == 200
    await check_invariants(gadget.till.world.database)


async def test_a_double_stays_on_its_bill(gadget: Gadget, api: Client) -> None:
    voucher = await gadget.till.claim(api)
    online = await present(gadget.till, api, voucher.token, bill=bill(1_000))
    assert online["outcome"] == "APPROVED"
    (answer,) = await gadget.sync(gadget.scan(voucher, minutes=30))
    assert answer["outcome"] == "APPROVED"
    first, _ = await stored(gadget)
    assert first.outcome is RedemptionOutcome.DOUBLE
    await check_invariants(gadget.till.world.database)
