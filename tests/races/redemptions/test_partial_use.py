"""Many tills use one balance, one bill, one household and one first visit concurrently."""

from collections import Counter
from typing import Any

import pytest
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from models.fraud.links import IdentityLink, LinkKind
from models.redemptions import Voucher
from models.redemptions.bills import Bill
from services.redemptions import bills, redeem, uses
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.races.redemptions.test_one_voucher import ONCE, unlocked_at_till
from tests.races.unguarded import take_voucher
from tests.resolvers.offers.ruled import inr, set_rules

ANSWER = "reason redemption { id failedRule { rule } }"
CLIENTS, BALANCE, AMOUNT = 32, 1_000, 150


async def use_at_once(
    till: Till, clients: list[Client], vouchers: list[Voucher], callers: int, **given: Any
) -> Counter[str]:
    """Present the vouchers in turn, at once, and count the reasons."""
    calls = [
        clients[number % len(clients)]
        .signed_in(till.scanner)
        .do(
            "redeemVoucher",
            till.scan(token=vouchers[number % len(vouchers)].token, **given),
            ANSWER,
        )
        for number in range(callers)
    ]
    return tally(await at_once(calls, most=16))


async def test_a_balance_is_not_overspent(
    world: World, servers: list[Client], database: Database, api: Client
) -> None:
    """Failure 5 of the design: 32 clients want 150 of 1,000; six get it, and 100 are left."""
    till = await Till.open(world)
    await set_rules(api, till, voucherBalance=inr(BALANCE))
    voucher = await till.claim(api)
    found = await use_at_once(till, servers, [voucher], CLIENTS, amount=inr(AMOUNT))
    assert found == {"APPROVED": 6, "RULE_FAILED": CLIENTS - 6}
    stored = await world.fresh(voucher)
    assert (stored.balance_minor, stored.used) == (100, 6)
    await check_invariants(database)


async def test_the_guard_alone_does_not_overspend_a_balance(
    drop: Drop,
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the lock, callers who have read the same balance are decided by the update."""
    meeting = Meeting()
    monkeypatch.setattr(redeem, "_lock_voucher", meeting.after(unlocked_at_till))
    await drop("redemption_approved_key")
    await drop("notification_user_id_kind_subject_id_up_to_sequence_key")
    till = await Till.open(world)
    await set_rules(api, till, voucherBalance=inr(BALANCE))
    voucher = await till.claim(api)
    found = await use_at_once(till, [api], [voucher], 2, amount=inr(600))
    assert found == {"APPROVED": 1, "RULE_FAILED": 1}
    assert (await world.fresh(voucher)).balance_minor == 400


async def test_a_balance_is_overspent_without_the_guard(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    meeting = Meeting()
    monkeypatch.setattr(redeem, "_lock_voucher", meeting.after(unlocked_at_till))
    monkeypatch.setattr(uses, "_take_voucher", take_voucher)
    for name in ONCE:
        await drop(name)
    till = await Till.open(world)
    await set_rules(api, till, voucherBalance=inr(BALANCE))
    voucher = await till.claim(api)
    found = await use_at_once(till, [api], [voucher], 2, amount=inr(600))
    assert found == {"APPROVED": 2}
    with pytest.raises(AssertionError, match="its balance differs from its standing uses"):
        await check_invariants(database)


async def vouchers_of(till: Till, api: Client, number: int) -> list[Voucher]:
    return [await till.claim(api, user) for user in await crowd(till.world, number)]


async def test_a_bill_is_not_discounted_beyond_its_amount(
    world: World, servers: list[Client], database: Database, api: Client
) -> None:
    till = await Till.open(world, percent=None, discount_kind="AMOUNT", amount_minor=300)
    vouchers = await vouchers_of(till, api, 8)
    bill = {"reference": "B", "amount": inr(1_000)}
    assert await use_at_once(till, servers, vouchers, 8, bill=bill) == {"APPROVED": 8}
    async with database.session() as session:
        stored = (await session.exec(select(Bill))).one()
    assert (stored.discount_minor, stored.uses) == (1_000, 8)
    await check_invariants(database)


async def test_a_bill_takes_one_voucher_of_a_group(
    world: World, servers: list[Client], database: Database, api: Client
) -> None:
    till = await Till.open(world)
    await set_rules(api, till, stacking={"kind": "ONE_PER_GROUP", "group": "food"})
    vouchers = await vouchers_of(till, api, 8)
    bill = {"reference": "B", "amount": inr(1_000)}
    found = await use_at_once(till, servers, vouchers, 8, bill=bill)
    assert found == {"APPROVED": 1, "RULE_FAILED": 7}
    await check_invariants(database)


async def test_a_household_uses_an_offer_once_at_many_tills(
    world: World, servers: list[Client], database: Database, api: Client
) -> None:
    till = await Till.open(world)
    await set_rules(api, till, household=True)
    vouchers = await vouchers_of(till, api, 8)
    shared = [(LinkKind.PHONE, bytes(32)), (LinkKind.DEVICE, bytes(range(32)))]
    for voucher in vouchers:
        links = [IdentityLink(kind=kind, hash=one, user_id=voucher.user_id) for kind, one in shared]
        await world.save(*links)
    found = await use_at_once(till, servers, vouchers, 8)
    assert found == {"APPROVED": 1, "RULE_FAILED": 7}
    await check_invariants(database)


async def first_visits(till: Till, api: Client, clients: list[Client], number: int) -> Counter[str]:
    await set_rules(api, till, firstVisit=True)
    vouchers = [await till.claim(api) for _ in range(number)]
    return await use_at_once(till, clients, vouchers, number)


async def test_of_first_visits_at_once_one_is_first(
    world: World, servers: list[Client], database: Database, api: Client
) -> None:
    till = await Till.open(world, per_user_limit=8)
    found = await first_visits(till, api, servers, 8)
    assert found == {"APPROVED": 1, "RULE_FAILED": 7}
    await check_invariants(database)


async def test_two_visits_are_first_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(*_: Any) -> int:
        return 0

    monkeypatch.setattr(uses, "_find_visits", Meeting().after(unlocked))
    till = await Till.open(world, per_user_limit=8)
    assert await first_visits(till, api, [api], 2) == {"APPROVED": 2}


async def test_two_of_a_group_are_on_a_bill_without_the_lock(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the uses of a bill is the last word."""

    async def unseen(*_: Any) -> tuple[str | None, ...]:
        return ()

    monkeypatch.setattr(bills, "find_groups", unseen)
    monkeypatch.setattr(uses, "find_groups", unseen)
    till = await Till.open(world)
    await set_rules(api, till, stacking={"kind": "ONE_PER_GROUP", "group": "food"})
    vouchers = await vouchers_of(till, api, 2)
    bill = {"reference": str(new_id()), "amount": inr(1_000)}
    scan = till.scan(token=vouchers[0].token, bill=bill)
    client = api.signed_in(till.scanner)
    assert (await client.do("redeemVoucher", scan, ANSWER))["reason"] == "APPROVED"
    scan = till.scan(token=vouchers[1].token, bill=bill)
    assert await client.mutation_failed("redeemVoucher", scan) == ["INTERNAL"]
