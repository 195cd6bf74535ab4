"""Approved attempts that are drawn for review, and the recall that their labels estimate."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from core.ids import first_id_of, new_id
from models.notifications.inbox import NotificationKind
from models.redemptions import CounterState, Redemption, RedemptionOutcome, RedemptionReason
from services.fraud.precision import SampledCases
from services.fraud.sampling import LOOK_BACK, SETTLED, sample_attempts
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.fraud import cases, decision, manager_of, stored_case
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.fraud.test_holds import notices

TWO_DAYS = (LOOK_BACK + SETTLED) / 2
OVERVIEW = """query ($vendorId: ID) { fraudSettings(vendorId: $vendorId) {
  precision { factor } sample { decided rejected stopped handedOver recall }
} }"""
QUEUE = """query ($where: FraudCaseWhere) {
  fraudCases(where: $where) { nodes { id isSampled caseState } }
}"""


async def attempt(till: Till, age: timedelta = TWO_DAYS, **values: Any) -> Redemption:
    """Return an approved attempt of some time ago."""
    at = now() - age
    given: dict[str, Any] = {
        "id": UUID(int=first_id_of(at).int | new_id().int % 2**80),
        "created_at": at,
        "member_id": till.scanner.id,
        "outcome": RedemptionOutcome.APPROVED,
        "reason": RedemptionReason.APPROVED,
        "score": 5,
        "advised": RedemptionOutcome.APPROVED,
        "counters": CounterState.COMPLETE,
        "measures": {"QUICK": 90.0},
    } | values
    voucher = await till.world.voucher(
        till.offer, await till.world.user(), state="REDEEMED", redeemed_at=at, uses=1
    )
    return await till.world.redemption(till.vendor, voucher, **given)


async def test_approved_attempts_are_drawn_once(
    world: World, api: Client, transactions: Transactions, work: Work
) -> None:
    till = await Till.open(world)
    drawn = [await attempt(till) for _ in range(3)]
    for _ in range(2):
        await sample_attempts(transactions.begin, one_of=1)
    await work()
    found = await cases(world)
    assert {one.redemption_id for one in found} == {one.id for one in drawn}
    for case in found:
        assert (case.sampled, case.state, case.effect, case.score) == (True, "OPEN", "NONE", 5)
    assert await notices(world, NotificationKind.FRAUD_CASE_OPENED) == []


@pytest.mark.parametrize(
    ("age", "changes"),
    [
        (timedelta(hours=1), {}),
        (LOOK_BACK + timedelta(hours=1), {}),
        (TWO_DAYS, {"outcome": "REFUSED", "reason": "EXPIRED"}),
        (TWO_DAYS, {"score": None, "advised": None, "counters": None, "measures": None}),
        (TWO_DAYS, {"reversed_at": now(), "reverse_reason": "By mistake"}),
    ],
)
async def test_other_attempts_are_not_drawn(
    world: World, transactions: Transactions, age: timedelta, changes: dict[str, Any]
) -> None:
    till = await Till.open(world)
    if "reversed_at" in changes:
        changes = changes | {"reversed_by_id": till.scanner.id}
    await attempt(till, age, **changes)
    await sample_attempts(transactions.begin, one_of=1)
    assert await cases(world) == []


async def test_a_share_of_the_attempts_is_drawn(world: World, transactions: Transactions) -> None:
    """The hash of an id draws it, so fewer are drawn of the same attempts with a lower share."""
    till = await Till.open(world)
    for _ in range(80):
        await attempt(till)
    await sample_attempts(transactions.begin, one_of=4)
    some = {one.redemption_id for one in await cases(world)}
    assert 0 < len(some) < 80
    await sample_attempts(transactions.begin, one_of=2)
    assert some < {one.redemption_id for one in await cases(world)}


async def test_labels_of_drawn_attempts_estimate_the_recall(
    world: World, api: Client, transactions: Transactions
) -> None:
    till = await Till.open(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    own = {"vendorId": gid(till.vendor)}
    before = (await manager.ask(OVERVIEW, **own))["fraudSettings"]["sample"]
    assert before == {"decided": 0, "rejected": 0, "stopped": 0, "handedOver": 0, "recall": None}
    blocked = await stored_case(till)
    for _ in range(2):
        await attempt(till)
    await sample_attempts(transactions.begin, one_of=1)
    shown = await manager.ask(QUEUE, where=own | {"sampled": True})
    assert len(shown["fraudCases"]["nodes"]) == 2
    shown = await manager.ask(QUEUE, where=own | {"sampled": False})
    assert [one["id"] for one in shown["fraudCases"]["nodes"]] == [gid(blocked)]
    first, second = [one for one in await cases(world) if one.sampled]
    for case, verdict in ((blocked, "REJECTED"), (first, "REJECTED"), (second, "APPROVED")):
        assert await manager.refusal_codes("decideFraudCase", decision(case, verdict)) == []
    after = (await manager.ask(OVERVIEW, **own))["fraudSettings"]
    assert after["sample"] == {
        "decided": 2,
        "rejected": 1,
        "stopped": 1,
        "handedOver": 0,
        "recall": pytest.approx(1 / 101),
    }
    assert after["precision"] == [{"factor": "QUICK"}]
    (redeemed,) = [one for one in await till.attempts() if one.id == first.redemption_id]
    assert redeemed.outcome is RedemptionOutcome.APPROVED


async def test_fraud_whose_goods_were_handed_over_was_not_stopped(
    world: World, api: Client
) -> None:
    """As of a double, and of a hold that ended in the customer's favour before its decision."""
    till = await Till.open(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    blocked = RedemptionOutcome.BLOCKED, RedemptionReason.SUSPECTED_FRAUD
    double = RedemptionOutcome.DOUBLE, RedemptionReason.ALREADY_REDEEMED
    approved = RedemptionOutcome.APPROVED, RedemptionReason.APPROVED
    for outcome, reason in (blocked, double, approved):
        case = await stored_case(till)
        async with world.database.session() as session, session.begin():
            redemption = await session.get_one(Redemption, case.redemption_id)
            redemption.outcome, redemption.reason = outcome, reason
        assert await manager.refusal_codes("decideFraudCase", decision(case, "REJECTED")) == []
    found = (await manager.ask(OVERVIEW, vendorId=gid(till.vendor)))["fraudSettings"]["sample"]
    assert (found["stopped"], found["handedOver"], found["recall"]) == (1, 2, None)


def test_the_recall_is_not_known_without_a_sample_or_fraud() -> None:
    assert SampledCases(decided=0, rejected=0, stopped=3, handed_over=0).recall is None
    assert SampledCases(decided=5, rejected=0, stopped=0, handed_over=0).recall is None
    assert SampledCases(decided=5, rejected=0, stopped=3, handed_over=0).recall == 1
    assert SampledCases(decided=5, rejected=0, stopped=3, handed_over=1).recall == 0.75
