"""Counters in Redis: exact windows, once for each attempt, and nothing without Redis."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.clock import now
from core.database import Database
from core.ids import new_id
from core.redis.timeouts import RedisAllowance
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.fraud.rules import Factor
from models.redemptions import CounterState
from models.redemptions.requests import RedemptionRequest
from services.fraud.assessing import Assessment, Assessor
from services.fraud.counters import (
    EPOCH,
    AttemptCounter,
    Counted,
    CountedSpan,
    FraudCounters,
)
from services.fraud.rebuilding import rebuild_counters
from services.transaction import Transactions
from services.viewer import Viewer
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.offers.ruled import inr, set_rules

DEAD = "redis://127.0.0.1:1"


class Silent:
    def publish(self, grown: object) -> None:
        pass


@pytest.fixture
async def counters(settings: Settings) -> AsyncIterator[FraudCounters]:
    counters = FraudCounters(settings.redis)
    yield counters
    await counters._redis.delete(EPOCH)
    await counters.close()


def one_of(kind: Counted = Counted.USER) -> AttemptCounter:
    return AttemptCounter(kind, str(new_id()))


async def assess(
    counters: FraudCounters, database: Database, keys: SigningKeys, till: Till, token: str
) -> Assessment | None:
    risk = await Assessor(counters, keys).assess(
        lambda statement, **values: database.reads.fetch(statement, values),
        Viewer(till.scanner.id),
        RedemptionRequest(token=token),
        vendor_id=till.vendor.id,
        allowance=RedisAllowance(),
    )
    return risk.assessment


async def test_an_attempt_counts_once_within_its_window(counters: FraudCounters) -> None:
    counter, at, attempt = one_of(), now(), new_id()
    for _ in range(3):
        await counters.add([counter], attempt, at - timedelta(seconds=50), RedisAllowance())
    await counters.add([counter], new_id(), at - timedelta(seconds=70), RedisAllowance())
    spans = [CountedSpan(counter, seconds) for seconds in (49, 60, 3_600)]
    counts = await counters.read(spans, at, RedisAllowance())
    assert [counts.of(one) for one in spans] == [0, 1, 2]


async def test_counters_without_an_epoch_are_being_rebuilt(counters: FraudCounters) -> None:
    counts = await counters.read([], now(), RedisAllowance())
    assert counts.state is CounterState.REBUILDING
    await counters.note_complete()
    counts = await counters.read([], now(), RedisAllowance())
    assert counts.state is CounterState.COMPLETE


async def test_a_lost_attempt_has_the_counters_rebuilt(counters: FraudCounters) -> None:
    await counters.note_complete()
    working, counters._add = counters._add, FraudCounters(DEAD)._add
    await counters.add([one_of()], new_id(), now(), RedisAllowance())
    counters._add = working
    counts = await counters.read([], now(), RedisAllowance())
    assert counts.state is CounterState.REBUILDING
    assert not await counters.are_complete()


async def test_without_redis_a_voucher_is_scored_without_counts(
    world: World, database: Database, keys: SigningKeys
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    counters = FraudCounters(DEAD)
    found = await assess(counters, database, keys, till, voucher.token)
    await counters.close()
    assert found is not None
    assert found.counters is CounterState.LOST
    assert Factor.USER_RATE not in found.measures
    assert Factor.QUICK in found.measures


async def test_attempts_through_the_api_are_counted(
    world: World,
    api: Client,
    counters: FraudCounters,
    database: Database,
    keys: SigningKeys,
) -> None:
    """A replay is the same attempt, a wrong code is the member's, and a held one is none."""
    till = await Till.open(world)
    voucher = await till.voucher()
    scan, client = till.scan(token=voucher.token), api.signed_in(till.scanner)
    for _ in range(2):
        await client.do("redeemVoucher", scan, "outcome")
    await till.redeem(api, code="7QX4M-2K9TD")
    found = await assess(counters, database, keys, till, voucher.token)
    assert found is not None
    assert found.measures[Factor.USER_RATE] == 2  # with the attempt itself
    assert found.measures[Factor.GUESSING] == 1


async def test_strangers_add_nothing_to_the_counters(
    world: World, api: Client, counters: FraudCounters, database: Database, keys: SigningKeys
) -> None:
    """A caller who may not redeem here cannot raise the score of a holder."""
    till, other = await Till.open(world), await Till.open(world)
    voucher = await till.voucher()
    stranger = api.signed_in(other.scanner)
    assert await stranger.refusal_codes("redeemVoucher", till.scan(token=voucher.token)) == [
        "NOT_FOUND"
    ]
    await other.redeem(api, token=voucher.token)
    found = await assess(counters, database, keys, till, voucher.token)
    assert found is not None
    assert found.measures[Factor.USER_RATE] == 1


async def test_counters_are_rebuilt_from_the_attempts_of_a_day(
    world: World,
    api: Client,
    counters: FraudCounters,
    database: Database,
    keys: SigningKeys,
) -> None:
    """One that a rule refused is presented again, and counts in neither way."""
    till = await Till.open(world)
    await set_rules(api, till, minimumSpend=inr(100))
    voucher = await till.claim(api)
    bill = {"reference": "B", "amount": inr(100)}
    refused = await till.redeem(api, token=voucher.token)
    assert refused["reason"] == "RULE_FAILED"
    found = await assess(counters, database, keys, till, voucher.token)
    assert found is not None
    assert found.measures[Factor.USER_RATE] == 1  # the attempt itself
    await till.redeem(api, token=voucher.token, bill=bill)
    await till.redeem(api, token=voucher.token)
    await till.redeem(api, code="7QX4M-2K9TD")
    await counters._redis.flushdb()
    before = await assess(counters, database, keys, till, voucher.token)
    begin = Transactions(database, Silent()).begin
    assert await rebuild_counters(begin, counters)
    assert not await rebuild_counters(begin, counters)
    after = await assess(counters, database, keys, till, voucher.token)
    assert before is not None
    assert after is not None
    assert (before.counters, before.measures[Factor.USER_RATE]) == (CounterState.REBUILDING, 1)
    assert (after.counters, after.measures[Factor.USER_RATE]) == (CounterState.COMPLETE, 3)
    assert after.measures[Factor.GUESSING] == 1
