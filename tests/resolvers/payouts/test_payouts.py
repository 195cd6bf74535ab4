"""Payouts and balances: requested and followed by owners, seen by managers and admins."""

from typing import Any

import pytest

from core.clock import now
from models.payouts.payouts import PayoutCause, PayoutState
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.payouts import POLICY
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.counting import statements
from tests.resolvers.payouts.conftest import Counter

MONEY = "{ amountMinor currency }"
BALANCE = f"""query ($vendorId: ID!) {{ vendorBalance(vendorId: $vendorId) {{
  payoutSchedule reserveBps reserveDays payoutRails minimumPayout {MONEY}
  own {{ currency pending {MONEY} available {MONEY} reserve {MONEY} inTransit {MONEY} }}
  byCurrency {{ currency available {MONEY} }} }} }}"""
PAYOUT = f"""payout {{ id payoutState payoutRail payoutCause money {MONEY} startedAt
  requestedBy {{ id }} payoutAccount {{ numberEnding }} vendor {{ id }} }}"""
PAYOUTS = """query ($vendorId: ID!, $where: PayoutWhere) {
  payouts(vendorId: $vendorId, where: $where) { nodes { id payoutState } totalCount } }"""
ALL = "query ($where: PayoutWhere) { allPayouts(where: $where) { nodes { id } } }"


def request(counter: Counter, key: str = "one", **values: Any) -> dict[str, Any]:
    return {**counter.id, "idempotencyKey": key} | values


async def test_an_owner_requests_a_payout(world: World, indian: Counter) -> None:
    await world.payout_account(indian.vendor, indian.owner)
    await world.earned(indian.vendor, 500_50)
    payload = await indian.client.do("requestPayout", request(indian), PAYOUT)
    assert await indian.client.do("requestPayout", request(indian), PAYOUT) == payload
    payout = payload["payout"]
    assert payout | {"id": ""} == {
        "id": "",
        "payoutState": "PLANNED",
        "payoutRail": "BANK_FILE",
        "payoutCause": None,
        "money": {"amountMinor": 500_50, "currency": "INR"},
        "startedAt": None,
        "requestedBy": {"id": gid(indian.owner)},
        "payoutAccount": {"numberEnding": "7890"},
        "vendor": {"id": gid(indian.vendor)},
    }
    second = await indian.client.refusal_codes("requestPayout", request(indian, "two"))
    assert second == ["PAYOUT_OPEN"]
    found = await indian.client.ask(PAYOUTS, **indian.id, where={"payoutState": "PLANNED"})
    assert found["payouts"] == {
        "nodes": [{"id": payout["id"], "payoutState": "PLANNED"}],
        "totalCount": 1,
    }
    for where in ({"payoutState": "PAID"}, {"payoutRail": "STRIPE"}):
        none = await indian.client.ask(PAYOUTS, **indian.id, where=where)
        assert none["payouts"]["nodes"] == []
    admin = await indian.admin()
    assert (await admin.ask(ALL))["allPayouts"]["nodes"] == [{"id": payout["id"]}]
    (entry,) = await read_log(admin, act="REQUEST_PAYOUT", outcome="DONE")
    assert entry["subjectId"] == payout["id"]


async def test_an_owner_cancels_a_payout_that_was_not_sent(world: World, indian: Counter) -> None:
    await world.payout_account(indian.vendor, indian.owner)
    await world.earned(indian.vendor, 500_50)
    payload = await indian.client.do("requestPayout", request(indian), PAYOUT)
    given = {"payoutId": payload["payout"]["id"]}
    for _ in range(2):  # a retry changes nothing
        ended = (await indian.client.do("cancelPayout", given, PAYOUT))["payout"]
        assert (ended["payoutState"], ended["payoutCause"]) == ("CANCELLED", "WITHDRAWN")
    assert await world.available(indian.vendor) == 500_50
    again = await indian.client.do("requestPayout", request(indian, "two"), PAYOUT)
    assert again["errors"] == []
    (entry,) = await read_log(await indian.admin(), act="CANCEL_PAYOUT", outcome="DONE")
    assert entry["subjectId"] == given["payoutId"]


@pytest.mark.parametrize(
    "state", [PayoutState.SENDING, PayoutState.UNKNOWN, PayoutState.IN_TRANSIT]
)
async def test_a_payout_that_was_started_is_not_cancelled(
    world: World, indian: Counter, state: PayoutState
) -> None:
    account = await world.payout_account(indian.vendor, indian.owner)
    payout = await world.payout(account, state=state)
    given = {"payoutId": gid(payout)}
    assert await indian.client.refusal_codes("cancelPayout", given) == ["PAYOUT_STATE"]
    assert (await world.fresh(payout)).state is state


@pytest.mark.parametrize("kind", [*OUTSIDERS, "a manager"])
async def test_only_owners_cancel_payouts(world: World, indian: Counter, kind: str) -> None:
    payout = await world.payout(await world.payout_account(indian.vendor, indian.owner))
    if kind == "a manager":
        user = await new_member(world, indian.vendor, MemberRole.MANAGER)
    else:
        user = await outsider(world, indian.vendor, kind)
    given = {"payoutId": gid(payout)}
    codes = await indian.api.signed_in(user).refusal_codes("cancelPayout", given)
    assert codes == ["NOT_FOUND"]
    assert (await world.fresh(payout)).state is PayoutState.PLANNED


async def test_payouts_in_their_order(world: World, indian: Counter) -> None:
    account = await world.payout_account(indian.vendor, indian.owner)
    done: dict[str, Any] = {
        "state": PayoutState.CANCELLED,
        "cause": PayoutCause.TOO_SMALL,
        "ended_at": now(),
    }
    older, newer = await world.payout(account, **done), await world.payout(account)
    query = """query ($vendorId: ID!, $where: PayoutWhere) {
      payouts(vendorId: $vendorId, where: $where, orderBy: OLDEST) { nodes { id } } }"""
    nodes = (await indian.client.ask(query, **indian.id))["payouts"]["nodes"]
    assert nodes == [{"id": gid(older)}, {"id": gid(newer)}]
    none = await indian.client.ask(query, **indian.id, where={"currency": "EUR"})
    assert none["payouts"]["nodes"] == []


@pytest.mark.parametrize(
    ("available", "amount", "code"),
    [
        (99_99, None, "PAYOUT_TOO_SMALL"),
        (-1, None, "PAYOUT_TOO_SMALL"),
        (0, 500_00, "PAYOUT_TOO_SMALL"),
        (500_00, 99_99, "PAYOUT_TOO_SMALL"),
        (500_00, 500_01, "PAYOUT_TOO_LARGE"),
        (500_00, 0, "INVALID_INPUT"),
        (500_00, -1, "INVALID_INPUT"),
    ],
)
async def test_request_payout_refuses(
    world: World, indian: Counter, available: int, amount: int | None, code: str
) -> None:
    await world.payout_account(indian.vendor, indian.owner)
    if available:
        await world.earned(indian.vendor, available)
    given = request(indian, amountMinor=amount)
    assert await indian.client.refusal_codes("requestPayout", given) == [code]


async def test_a_payout_needs_an_account(indian: Counter) -> None:
    refused = await indian.client.refusal_codes("requestPayout", request(indian))
    assert refused == ["PAYOUT_ACCOUNT_MISSING"]


async def test_the_balance_of_a_vendor(world: World, indian: Counter) -> None:
    await world.earned(indian.vendor, -12_34)
    manager = await new_member(world, indian.vendor, MemberRole.MANAGER)
    for client in (indian.client, indian.api.signed_in(manager), await indian.admin()):
        found = (await client.ask(BALANCE, **indian.id))["vendorBalance"]
        zero = {"amountMinor": 0, "currency": "INR"}
        owed = {"amountMinor": -12_34, "currency": "INR"}
        assert found == {
            "payoutSchedule": "WEEKLY",
            "reserveBps": POLICY.reserve.bps,
            "reserveDays": POLICY.reserve.days,
            "payoutRails": ["BANK_FILE"],
            "minimumPayout": {"amountMinor": 100_00, "currency": "INR"},
            "own": {
                "currency": "INR",
                "pending": zero,
                "available": owed,
                "reserve": zero,
                "inTransit": zero,
            },
            "byCurrency": [{"currency": "INR", "available": owed}],
        }


async def test_a_balance_takes_one_statement_of_the_ledger(world: World, indian: Counter) -> None:
    await world.earned(indian.vendor, 100)
    sent = await statements(indian.client, BALANCE, **indian.id)
    assert len([one for one in sent if "ledger_entry" in str(one)]) == 1


async def test_owners_choose_the_schedule(indian: Counter) -> None:
    given = {**indian.id, "schedule": "DAILY"}
    fields = "vendorBalance { payoutSchedule }"
    for _ in range(2):
        payload = await indian.client.do("setPayoutSchedule", given, fields)
        assert payload["vendorBalance"] == {"payoutSchedule": "DAILY"}


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_payouts_as_others(world: World, indian: Counter, kind: str) -> None:
    account = await world.payout_account(indian.vendor, indian.owner)
    payout = await world.payout(account)
    client = indian.api.signed_in(await outsider(world, indian.vendor, kind))
    if kind == "an admin":
        assert len((await client.ask(PAYOUTS, **indian.id))["payouts"]["nodes"]) == 1
        return
    assert (await client.ask(PAYOUTS, **indian.id))["payouts"]["nodes"] == []
    assert await client.failed(BALANCE, **indian.id) == ["NOT_FOUND"]
    assert await client.failed(ALL) == ["FORBIDDEN"]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert await client.ask(node, id=gid(payout)) == {"node": None}
    assert (await world.fresh(payout)).state is PayoutState.PLANNED


async def test_payouts_without_a_session(indian: Counter) -> None:
    for query in (BALANCE, PAYOUTS):
        assert await indian.api.failed(query, **indian.id) == ["UNAUTHENTICATED"]
    assert await indian.api.failed(ALL) == ["UNAUTHENTICATED"]
    for name, given in (
        ("requestPayout", request(indian)),
        ("setPayoutSchedule", {**indian.id, "schedule": "DAILY"}),
        ("closePayoutAccount", indian.id),
        ("startPayoutOnboarding", {**indian.id, "rail": "STRIPE"}),
    ):
        assert await indian.api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
