"""Fraud cases: the queue, reviews, and their effect on the attempt."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from models.fraud.cases import CaseLabel
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from tests.client import Client, gid
from tests.factories.fraud import (
    BLOCKED,
    attempt_of,
    cases,
    decision,
    manager_of,
    present,
    stored_case,
    voucher_of,
)
from tests.factories.redemptions import Till
from tests.factories.world import World

QUEUE = """query ($where: FraudCaseWhere, $orderBy: FraudCaseOrder!) {
  fraudCases(where: $where, orderBy: $orderBy, first: 10) { nodes { id } totalCount }
}"""
CASE = """query ($id: ID!) { fraudCase(id: $id) {
  caseState riskScore holdEffect caseDecision counterState
  riskFactors { factor points value limit } labels { factor isConfirmed } caseNotes { text }
  redemption { outcome reason } takenBy { id }
} }"""
DECIDED = "fraudCase { id caseState caseDecision holdEffect }"


async def test_an_approval_completes_as_of_the_scan(world: World, api: Client) -> None:
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    case = await present(till, api)
    decided = await api.signed_in(manager).do(
        "decideFraudCase", decision(case, "APPROVED"), DECIDED
    )
    assert decided["fraudCase"] == {
        "id": gid(case),
        "caseState": "RESOLVED",
        "caseDecision": "APPROVED",
        "holdEffect": "APPROVED",
    }
    attempt = await attempt_of(world, case)
    assert attempt.outcome is RedemptionOutcome.APPROVED
    voucher = await voucher_of(world, case)
    assert (voucher.state, voucher.held_at) == (VoucherState.REDEEMED, None)
    assert voucher.redeemed_at == attempt.created_at


async def test_a_rejection_gives_the_voucher_back_with_its_time(world: World, api: Client) -> None:
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    case = await present(till, api)
    before = await voucher_of(world, case)
    client = api.signed_in(manager)
    await client.do("decideFraudCase", decision(case, "REJECTED", "QUICK"), DECIDED)
    attempt = await attempt_of(world, case)
    blocked = RedemptionOutcome.BLOCKED, RedemptionReason.SUSPECTED_FRAUD
    assert (attempt.outcome, attempt.reason) == blocked
    voucher = await voucher_of(world, case)
    assert (voucher.state, voucher.held_at) == (VoucherState.CLAIMED, None)
    assert timedelta() < voucher.expires_at - before.expires_at <= now() - attempt.created_at
    async with world.database.session() as session:
        (label,) = (await session.exec(select(CaseLabel))).all()
    assert (label.case_id, label.factor, label.confirmed) == (case.id, "QUICK", True)


async def test_an_approved_voucher_is_not_held_or_blocked_again(world: World, api: Client) -> None:
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    case = await present(till, api, BLOCKED)
    decided = await api.signed_in(manager).do("decideFraudCase", decision(case), DECIDED)
    assert decided["fraudCase"]["holdEffect"] == "NONE"
    voucher = await voucher_of(world, case)
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "APPROVED"


async def test_the_approval_of_a_cancelled_voucher_is_refused(world: World, api: Client) -> None:
    """An account that ends meanwhile has no vouchers."""
    till = await Till.open(world)
    manager = await manager_of(world, till.vendor)
    case = await present(till, api)
    attempt = await attempt_of(world, case)
    voucher = await voucher_of(world, case)
    voucher.state, voucher.cancelled_at, voucher.held_at = VoucherState.CANCELLED, now(), None
    await world.save(voucher)
    decided = await api.signed_in(manager).do("decideFraudCase", decision(case), DECIDED)
    assert decided["fraudCase"]["holdEffect"] == "REJECTED"
    attempt = await attempt_of(world, case)
    refused = RedemptionOutcome.REFUSED, RedemptionReason.CANCELLED
    assert (attempt.outcome, attempt.reason) == refused


async def test_the_queue_by_risk_and_by_age(world: World, api: Client) -> None:
    till, other = await Till.open(world), await Till.open(world)
    low, high, middle = [await stored_case(till, score=score) for score in (35, 90, 50)]
    elsewhere = await stored_case(other, score=60)
    manager, admin = await manager_of(world, till.vendor), await world.admin()

    async def ids(client: Client, order: str, **where: object) -> list[str]:
        found = await client.ask(QUEUE, where=where, orderBy=order)
        return [node["id"] for node in found["fraudCases"]["nodes"]]

    own = {"vendorId": gid(till.vendor)}
    client = api.signed_in(manager)
    assert await ids(client, "RISK", **own) == [gid(high), gid(middle), gid(low)]
    assert await ids(client, "AGE", **own) == [gid(low), gid(high), gid(middle)]
    assert await ids(client, "AGE", **own, scoreAtLeast=50) == [gid(high), gid(middle)]
    assert await ids(api.signed_in(admin), "RISK", scoreAtLeast=60) == [gid(high), gid(elsewhere)]
    for states in (["RESOLVED"], []):
        assert await ids(client, "RISK", **own, states=states) == []


async def test_a_lease_ends_and_the_case_is_open_again(world: World, api: Client) -> None:
    till = await Till.open(world)
    first, second = [await manager_of(world, till.vendor) for _ in range(2)]
    case = await stored_case(till)
    taken = {"caseId": gid(case)}
    fields = "fraudCase { caseState takenBy { id } }"
    mine = await api.signed_in(first).do("takeFraudCase", taken, fields)
    assert mine["fraudCase"] == {"caseState": "UNDER_REVIEW", "takenBy": {"id": gid(first)}}
    assert await api.signed_in(first).refusal_codes("takeFraudCase", taken) == []
    other = api.signed_in(second)
    assert await other.refusal_codes("takeFraudCase", taken) == ["CASE_TAKEN"]
    assert await other.refusal_codes("decideFraudCase", decision(case)) == ["CASE_TAKEN"]
    (case,) = await cases(world)
    case.lease_until = now() - timedelta(seconds=1)
    await world.save(case)
    seen = await other.ask(CASE, id=gid(case))
    assert seen["fraudCase"]["caseState"] == "OPEN"
    assert await other.refusal_codes("takeFraudCase", taken) == []


async def test_a_decided_case_is_closed_but_for_notes(world: World, api: Client) -> None:
    till = await Till.open(world)
    client = api.signed_in(await manager_of(world, till.vendor))
    case = await stored_case(till)
    assert await client.refusal_codes("decideFraudCase", decision(case, "REJECTED")) == []
    assert await client.refusal_codes("decideFraudCase", decision(case)) == ["CASE_RESOLVED"]
    assert await client.refusal_codes("takeFraudCase", {"caseId": gid(case)}) == ["CASE_RESOLVED"]
    note = {"caseId": gid(case), "text": "Called the customer."}
    assert await client.refusal_codes("addFraudCaseNote", note) == []
    seen = (await client.ask(CASE, id=gid(case)))["fraudCase"]
    assert seen["caseNotes"] == [{"text": "Called the customer."}]
    assert seen["labels"] == [{"factor": "QUICK", "isConfirmed": False}]
    assert seen["riskFactors"] == [{"factor": "QUICK", "points": 40, "value": 30.0, "limit": 60.0}]


async def test_a_factor_that_gave_no_points_cannot_be_confirmed(world: World, api: Client) -> None:
    till = await Till.open(world)
    client = api.signed_in(await manager_of(world, till.vendor))
    case = await stored_case(till)
    codes = await client.refusal_codes("decideFraudCase", decision(case, "REJECTED", "HISTORY"))
    assert codes == ["INVALID_INPUT"]
    assert (await cases(world))[0].decision is None


@pytest.mark.parametrize("text", ["", " ", "x" * 2_001])
async def test_a_note_has_1_to_2000_characters(world: World, api: Client, text: str) -> None:
    till = await Till.open(world)
    client = api.signed_in(await manager_of(world, till.vendor))
    note = {"caseId": gid(await stored_case(till)), "text": text}
    assert await client.refusal_codes("addFraudCaseNote", note) == ["INVALID_INPUT"]
