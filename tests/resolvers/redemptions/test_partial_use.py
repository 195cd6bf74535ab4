"""Vouchers with a balance, used in parts, and bills that vouchers share."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core.clock import now
from models.redemptions import VoucherState
from models.redemptions.bills import Bill
from services.redemptions.redemptions import cancel_vouchers_of
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.offers.ruled import inr, set_rules
from tests.resolvers.redemptions.test_reverse_redemption import undo
from tests.resolvers.redemptions.test_rules_at_till import bill, failed, present


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world, per_user_limit=20)


async def reverse(till: Till, api: Client, redemption_id: str) -> None:
    client = api.signed_in(await till.manager())
    answer = await client.do("reverseRedemption", undo(redemption_id), "redemption { id }")
    assert answer["errors"] == []


async def test_a_balance_is_used_in_parts(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, voucherBalance=inr(1_000))
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token)
    assert answer["failedRule"] == failed("BALANCE", "10.00", None)
    first = await present(till, api, voucher.token, amount=inr(300))
    assert first["voucher"] == {"state": "CLAIMED", "used": 1, "balanceLeft": {"amountMinor": 700}}
    assert first["redemption"]["amountTaken"] == {"amountMinor": 300}
    answer = await present(till, api, voucher.token, amount=inr(701))
    assert answer["failedRule"] == failed("BALANCE", "7.01", "7.00")
    await check_invariants(world.database)
    answer = await present(till, api, voucher.token, amount=inr(700))
    assert answer["voucher"] == {"state": "REDEEMED", "used": 2, "balanceLeft": {"amountMinor": 0}}
    answer = await present(till, api, voucher.token, amount=inr(1))
    assert answer["reason"] == "ALREADY_REDEEMED"
    await reverse(till, api, first["redemption"]["id"])
    stored = await world.fresh(voucher)
    assert (stored.state, stored.balance_minor, stored.used) == (VoucherState.CLAIMED, 300, 1)
    await check_invariants(world.database)


async def test_a_bill_takes_what_is_left_of_a_balance(
    till: Till, api: Client, world: World
) -> None:
    await set_rules(api, till, voucherBalance=inr(1_000))
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token, bill=bill(400))
    assert answer["redemption"]["amountTaken"] == {"amountMinor": 400}
    answer = await present(till, api, voucher.token, bill=bill(5_000, "B-2"))
    assert answer["redemption"]["amountTaken"] == {"amountMinor": 600}
    assert answer["voucher"]["state"] == "REDEEMED"
    await check_invariants(world.database)


async def test_a_key_is_replayed_with_the_same_amount(till: Till, api: Client) -> None:
    await set_rules(api, till, voucherBalance=inr(1_000))
    voucher = await till.claim(api)
    client = api.signed_in(till.scanner)
    scan = till.scan(token=voucher.token, amount=inr(100))
    first = await client.do("redeemVoucher", scan, "redemption { id }")
    again = await client.do("redeemVoucher", scan, "redemption { id } voucher { used }")
    assert again["redemption"] == first["redemption"]
    assert again["voucher"] == {"used": 1}
    codes = await client.refusal_codes("redeemVoucher", scan | {"amount": inr(200)})
    assert codes == ["IDEMPOTENCY_KEY_REUSED"]


USES = st.lists(st.tuples(st.booleans(), st.integers(1, 500)), min_size=1, max_size=12)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=USES)
async def test_any_order_of_uses_and_reversals_keeps_the_balance(
    till: Till, api: Client, world: World, steps: list[tuple[bool, int]]
) -> None:
    """Failure 10 of the design: the end is the value less the uses that stand."""
    await set_rules(api, till, voucherBalance=inr(1_000))
    standing: dict[str, int] = {}
    voucher = await till.claim(api)
    for back, amount in steps:
        if back and standing:
            redemption_id = next(iter(standing))
            await reverse(till, api, redemption_id)
            del standing[redemption_id]
            continue
        answer = await present(till, api, voucher.token, amount=inr(amount))
        left = 1_000 - sum(standing.values())
        assert (answer["outcome"] == "APPROVED") == (amount <= left)
        if answer["outcome"] == "APPROVED":
            standing[answer["redemption"]["id"]] = amount
    stored = await world.fresh(voucher)
    assert stored.balance_minor == 1_000 - sum(standing.values())
    assert stored.used == len(standing)
    await check_invariants(world.database)
    client = api.signed_in(till.customer)
    if not standing:
        await client.do("cancelVoucher", {"voucherId": gid(voucher)})


async def shared_bill(
    till: Till, api: Client, world: World, offers: list[dict[str, Any]], reference: str
) -> list[str]:
    """Use a voucher of each offer on one bill of 1,000, and return the outcomes."""
    outcomes = []
    for values in offers:
        rules = {name: values[name] for name in ("stacking", "voucherBalance") if name in values}
        offer = await world.offer(
            till.vendor, **{name: one for name, one in values.items() if name not in rules}
        )
        at = Till(world, till.vendor, till.scanner, till.customer, offer)
        if rules:
            await set_rules(api, at, **rules)
        voucher = await at.claim(api)
        answer = await present(at, api, voucher.token, bill=bill(1_000, reference))
        outcomes.append(answer["outcome"])
    await check_invariants(world.database)
    return outcomes


async def test_any_order_of_vouchers_on_a_bill_has_one_sum(
    till: Till, api: Client, world: World
) -> None:
    """Failure 13 of the design: never above the bill, whatever the order."""
    offers: list[dict[str, Any]] = [
        {"percent": 50},
        {"percent": None, "discount_kind": "AMOUNT", "amount_minor": 400},
        {"percent": 30},
    ]
    for number, order in enumerate(permutations(offers)):
        outcomes = await shared_bill(till, api, world, list(order), f"B-{number}")
        assert outcomes == ["APPROVED"] * 3
    async with world.database.session() as session:
        bills = (await session.exec(select(Bill))).all()
    assert {(one.discount_minor, one.uses) for one in bills} == {(1_000, 3)}


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (None, None, "APPROVED"),
        ({"kind": "ALONE"}, None, "REFUSED"),
        (None, {"kind": "ALONE"}, "REFUSED"),
        ({"kind": "FREE"}, {"kind": "FREE"}, "APPROVED"),
        ({"kind": "ONE_PER_GROUP", "group": "food"}, {"kind": "FREE"}, "APPROVED"),
        (
            {"kind": "ONE_PER_GROUP", "group": "food"},
            {"kind": "ONE_PER_GROUP", "group": "food"},
            "REFUSED",
        ),
        (
            {"kind": "ONE_PER_GROUP", "group": "food"},
            {"kind": "ONE_PER_GROUP", "group": "drinks"},
            "APPROVED",
        ),
    ],
)
async def test_vouchers_share_a_bill_by_their_rules(
    till: Till, api: Client, world: World, first: Any, second: Any, outcome: str
) -> None:
    offers = [{"stacking": one} if one else {} for one in (first, second)]
    assert await shared_bill(till, api, world, offers, "B") == ["APPROVED", outcome]


async def test_a_reversal_takes_the_voucher_off_the_bill(
    till: Till, api: Client, world: World
) -> None:
    """Failure 9 of the design: the discount is not kept, and the bill is free for another."""
    await set_rules(api, till, stacking={"kind": "ALONE"})
    one, two = await till.claim(api), await till.claim(api)
    answer = await present(till, api, one.token, bill=bill(1_000))
    refused = await present(till, api, two.token, bill=bill(1_000))
    assert refused["failedRule"] == failed("STACKING", "ALONE", "1")
    await reverse(till, api, answer["redemption"]["id"])
    await check_invariants(world.database)
    assert (await present(till, api, two.token, bill=bill(1_000)))["outcome"] == "APPROVED"
    await check_invariants(world.database)


async def test_uses_reversed_after_the_end_give_the_place_back_once(
    till: Till, api: Client, world: World
) -> None:
    """Failure 8 of the design: with the last use, and never twice."""
    await set_rules(api, till, maximumUses=2)
    voucher = await till.claim(api)
    ids = [(await present(till, api, voucher.token))["redemption"]["id"] for _ in range(2)]
    await world.change(voucher, expires_at=now() - timedelta(minutes=1))
    ends = []
    for redemption_id in ids:
        await reverse(till, api, redemption_id)
        ends.append(((await world.fresh(voucher)).state, (await world.fresh(till.offer)).claimed))
        await check_invariants(world.database)
    assert ends == [(VoucherState.EXPIRED, 1), (VoucherState.CANCELLED, 0)]


async def test_a_use_of_an_account_that_ended_is_reversed_without_the_place(
    till: Till, api: Client, world: World
) -> None:
    """Failure 8 of the design: the end of the account has given the place back."""
    await set_rules(api, till, voucherBalance=inr(1_000))
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token, amount=inr(400))
    async with world.database.session() as session, session.begin():
        assert not await cancel_vouchers_of(session, till.customer.id)
    await check_invariants(world.database)
    await reverse(till, api, answer["redemption"]["id"])
    stored = await world.fresh(voucher)
    assert (stored.state, stored.balance_minor) == (VoucherState.CANCELLED, 1_000)
    assert (await world.fresh(till.offer)).claimed == 0
    await check_invariants(world.database)


async def test_refuse_another_amount_of_a_bill(till: Till, api: Client) -> None:
    one, two = await till.claim(api), await till.claim(api)
    await present(till, api, one.token, bill=bill(1_000))
    client = api.signed_in(till.scanner)
    scan = till.scan(token=two.token, bill=bill(2_000))
    answer = await client.do("redeemVoucher", scan, "outcome")
    (error,) = answer["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["bill", "amount"])
    foreign = {"reference": "B-9", "amount": {"amountMinor": 5, "currency": "EUR"}}
    for given_ in ({"bill": foreign}, {"amount": foreign["amount"], "bill": bill(1_000, "B-3")}):
        answer = await client.do("redeemVoucher", till.scan(token=two.token, **given_), "outcome")
        (error,) = answer["errors"]
        assert (error["code"], error["field"][-1]) == ("INVALID_INPUT", "currency")
    assert [one.outcome for one in await till.attempts()] == ["APPROVED"]
