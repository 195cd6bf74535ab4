"""Failures of other shops' fraud detection, as reported in public: see docs/known-failures.md."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from core.clock import now
from core.settings import Settings
from models.fraud.cases import RedemptionFactor
from models.fraud.links import IdentityLink, LinkKind
from models.fraud.rules import DEFAULT_RULES, Factor
from models.redemptions import Redemption, RedemptionOutcome
from services.fraud.counters import EPOCH, FraudCounters
from services.redemptions import redeem
from tests.client import Client
from tests.factories.fraud import HELD, score_with
from tests.factories.redemptions import Till
from tests.factories.world import World

RULES = [rule.model_dump(mode="json") for rule in DEFAULT_RULES]
REDEEM = "mutation ($input: RedeemVoucherInput!) { redeemVoucher(input: $input) { outcome } }"


@pytest.fixture(autouse=True)
async def _empty_counters(settings: Settings) -> AsyncIterator[None]:
    yield
    counters = FraudCounters(settings.redis)
    await counters._redis.delete(EPOCH)
    await counters.close()


async def measured(till: Till, api: Client) -> dict[str, float]:
    """Return the measures of the attempt to redeem another voucher of the customer."""
    offer = await till.world.offer(till.vendor)
    voucher = await till.world.voucher(offer, till.customer)
    await till.redeem(api, token=voucher.token)
    rows = select(Redemption).where(Redemption.voucher_id == voucher.id)
    async with till.world.database.session() as session:
        return (await session.exec(rows)).one().measures or {}


async def test_our_own_errors_and_replays_add_no_points(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await Till.open(world)
    voucher, client = await till.voucher(), api.signed_in(till.scanner)

    def fail(*_: Any) -> None:
        raise RuntimeError("An outage")

    with monkeypatch.context() as patched:
        patched.setattr(redeem, "_publish", fail)
        for _ in range(6):
            scan = till.scan(token=voucher.token)
            assert await client.failed(REDEEM, input=scan) == ["INTERNAL"]
    scan = till.scan(token=voucher.token)
    for _ in range(6):
        assert (await client.do("redeemVoucher", scan, "outcome"))["outcome"] == "APPROVED"
    assert (await measured(till, api))["USER_RATE"] == 2  # the one that was approved, and this one


async def test_a_held_attempt_and_those_meanwhile_add_no_points(world: World, api: Client) -> None:
    till = await Till.open(world)
    await score_with(world, till.vendor, HELD)
    voucher = await till.voucher()
    outcomes = [(await till.redeem(api, token=voucher.token))["outcome"] for _ in range(6)]
    assert outcomes == ["HELD", *["REFUSED"] * 5]
    assert (await measured(till, api))["USER_RATE"] == 1


async def test_history_lowers_the_score(world: World, api: Client) -> None:
    """A customer of years who buys as new ones do is not stopped as they are."""
    till = await Till.open(world)
    regular = await world.user(created_at=now() - timedelta(days=400))
    new = await world.user(created_at=now() - timedelta(days=1))
    await score_with(world, till.vendor, 0, rules=RULES)
    for _ in range(3):
        used = await world.offer(till.vendor)
        values = {"state": "REDEEMED", "redeemed_at": now() - timedelta(days=9), "uses": 1}
        await world.voucher(used, regular, **values)
    scores = {}
    for user in (regular, new):
        voucher = await world.voucher(till.offer, user)
        await till.redeem(api, token=voucher.token)
        rows = select(Redemption.score).where(Redemption.voucher_id == voucher.id)
        async with world.database.session() as session:
            scores[user.id] = (await session.exec(rows)).one()
    assert scores == {regular.id: 0, new.id: 25}


async def test_two_hundred_customers_of_one_network_are_not_held(world: World, api: Client) -> None:
    """Carriers and shops have one address for many. It alone is no suspicion."""
    till = await Till.open(world)
    await score_with(world, till.vendor, 0, rules=RULES)
    for _ in range(200):
        user = await world.user()
        await world.save(IdentityLink(kind=LinkKind.ADDRESS, hash=b"c" * 32, user_id=user.id))
        claimed_at = now() - timedelta(hours=2)
        voucher = await world.voucher(till.offer, user, created_at=claimed_at)
        answer = await till.redeem(api, token=voucher.token)
        assert answer["outcome"] == RedemptionOutcome.APPROVED
    async with world.database.session() as session:
        rows = select(RedemptionFactor).where(col(RedemptionFactor.factor) == Factor.ADDRESS_RATE)
        crowded = (await session.exec(rows)).all()
    assert len(crowded) > 100
