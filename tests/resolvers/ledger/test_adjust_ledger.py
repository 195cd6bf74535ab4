"""Adjustments of wallets: proposed by one admin, approved by another one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import update

from core.clock import now
from models.identity.accounts import User, UserSession
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.audit.test_audit_log import read_log

FIELDS = """adjustment {
    id debit credit state reason money { amountMinor currency } decidedAt
    walletUser { id } walletVendor { id } proposedBy { id } decidedBy { id }
}"""
LIST = """query ($state: AdjustmentState) {
  ledgerAdjustments(state: $state) { nodes { id state } }
}"""
NOTICES = """{ viewer { notifications { nodes {
  kind subject { ... on WalletEntry { kind target money { amountMinor } } }
} } } }"""


def proposal(owner: User | Vendor, **changes: Any) -> dict[str, Any]:
    """Return the input of `adjustLedger`: 100.00 were paid in at the counter."""
    return {
        "owner": {"vendorId" if isinstance(owner, Vendor) else "userId": gid(owner)},
        "debit": "BANK",
        "credit": "WALLET",
        "amountMinor": 100_00,
        "currency": "INR",
        "reason": "Paid in at the counter",
        "idempotencyKey": f"adjust-{next(NUMBERS)}",
    } | changes


async def test_a_second_admin_approves(world: World, api: Client) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    here, there = api.signed_in(first), api.signed_in(second)
    given = proposal(user)
    proposed = await here.do("adjustLedger", given, FIELDS)
    assert await here.do("adjustLedger", given, FIELDS) == proposed
    one = proposed["adjustment"]
    assert one | {"id": ""} == {
        "id": "",
        "debit": "BANK",
        "credit": "WALLET",
        "state": "PENDING",
        "reason": "Paid in at the counter",
        "money": {"amountMinor": 100_00, "currency": "INR"},
        "decidedAt": None,
        "walletUser": {"id": gid(user)},
        "walletVendor": None,
        "proposedBy": {"id": gid(first)},
        "decidedBy": None,
    }
    assert await world.wallet(user) == (0, 0, 0)
    (waiting,) = (await there.ask(LIST, state="PENDING"))["ledgerAdjustments"]["nodes"]
    wanted = {"adjustmentId": waiting["id"]}
    assert await here.refusal_codes("approveLedgerAdjustment", wanted) == ["SECOND_ADMIN_NEEDED"]
    approved = await there.do("approveLedgerAdjustment", wanted, FIELDS)
    assert approved["adjustment"]["state"] == "APPROVED"
    assert approved["adjustment"]["decidedBy"] == {"id": gid(second)}
    assert await there.do("approveLedgerAdjustment", wanted, FIELDS) == approved
    assert await world.wallet(user) == (100_00, 0, 0)
    assert await here.refusal_codes("rejectLedgerAdjustment", wanted) == ["ADJUSTMENT_DECIDED"]
    (told,) = (await api.signed_in(user).ask(NOTICES))["viewer"]["notifications"]["nodes"]
    subject = {"kind": "ADJUST", "target": "BALANCE", "money": {"amountMinor": 100_00}}
    assert told == {"kind": "WALLET_ADJUSTED", "subject": subject}
    for act, actor in (("ADJUST_LEDGER", first), ("APPROVE_ADJUSTMENT", second)):
        (entry,) = await read_log(here, act=act, outcome="DONE")
        assert (entry["actor"]["id"], entry["subjectId"]) == (gid(actor), one["id"])
    await check_invariants(world.database)


async def test_a_rejected_adjustment_moves_nothing(world: World, api: Client) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    here, there = api.signed_in(first), api.signed_in(second)
    for client in (here, there):
        payload = await here.do("adjustLedger", proposal(user), "adjustment { id }")
        wanted = {"adjustmentId": payload["adjustment"]["id"]}
        for _ in range(2):
            assert await client.refusal_codes("rejectLedgerAdjustment", wanted) == []
        assert await there.refusal_codes("approveLedgerAdjustment", wanted) == [
            "ADJUSTMENT_DECIDED"
        ]
    assert await world.wallet(user) == (0, 0, 0)
    nodes = (await here.ask(LIST))["ledgerAdjustments"]["nodes"]
    assert [one["state"] for one in nodes] == ["REJECTED", "REJECTED"]


async def test_money_is_taken_out_as_far_as_there_is_some(world: World, api: Client) -> None:
    admin, user = await world.admin(), await world.user()
    await world.fund(user, 50_00)
    one = await world.adjustment(user, debit="WALLET", credit="BANK", amount=50_01)
    client, wanted = api.signed_in(admin), {"adjustmentId": gid(one)}
    query = """mutation ($input: ApproveLedgerAdjustmentInput!) {
      approveLedgerAdjustment(input: $input) {
        adjustment { id }
        errors { message ... on WalletTooLow { balance { amountMinor currency } } }
      }
    }"""
    payload = (await client.ask(query, input=wanted))["approveLedgerAdjustment"]
    assert payload == {
        "adjustment": None,
        "errors": [
            {
                "message": "The wallet has only 50.00 INR. Choose a lower amount.",
                "balance": {"amountMinor": 50_00, "currency": "INR"},
            }
        ],
    }
    assert (await world.fresh(one)).state == "PENDING"
    assert await world.wallet(user) == (50_00, 0, 0)
    two = await world.adjustment(user, debit="WALLET", credit="LOSSES", amount=50_00)
    assert await client.refusal_codes("approveLedgerAdjustment", {"adjustmentId": gid(two)}) == []
    assert await world.wallet(user) == (0, 0, 0)
    await check_invariants(world.database)


async def test_owners_are_notified_of_their_vendors_wallet(world: World, api: Client) -> None:
    owner, admin = await world.user(), await world.admin()
    vendor = await world.vendor(owner)
    one = await world.adjustment(vendor, credit="WALLET_PROMO", debit="PROMOTIONS")
    wanted = {"adjustmentId": gid(one)}
    payload = await api.signed_in(admin).do("approveLedgerAdjustment", wanted, FIELDS)
    assert payload["adjustment"]["walletVendor"] == {"id": gid(vendor)}
    assert payload["adjustment"]["walletUser"] is None
    (told,) = (await api.signed_in(owner).ask(NOTICES))["viewer"]["notifications"]["nodes"]
    assert told["subject"]["target"] == "PROMO"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"debit": "COMMISSION"}, "ACCOUNTS_NOT_ADJUSTABLE"),
        ({"debit": "WALLET", "credit": "WALLET_PROMO"}, "ACCOUNTS_NOT_ADJUSTABLE"),
        ({"debit": "BANK", "credit": "LOSSES"}, "ACCOUNTS_NOT_ADJUSTABLE"),
        ({"credit": "WALLET_HELD"}, "ACCOUNTS_NOT_ADJUSTABLE"),
        ({"amountMinor": 0}, "INVALID_INPUT"),
        ({"amountMinor": 10**15 + 1}, "INVALID_INPUT"),
        ({"reason": " "}, "INVALID_INPUT"),
        ({"reason": "a" * 201}, "INVALID_INPUT"),
        ({"owner": {"userId": unknown("User")}}, "NOT_FOUND"),
        ({"owner": {"vendorId": unknown("Vendor")}}, "NOT_FOUND"),
    ],
)
async def test_what_is_not_an_adjustment(
    world: World, api: Client, changes: dict[str, Any], code: str
) -> None:
    client, user = api.signed_in(await world.admin()), await world.user()
    assert await client.refusal_codes("adjustLedger", proposal(user) | changes) == [code]


async def test_a_vendors_wallet_has_its_currency(world: World, api: Client) -> None:
    client, vendor = api.signed_in(await world.admin()), await world.vendor()
    wrong = proposal(vendor, currency="EUR")
    assert await client.refusal_codes("adjustLedger", wrong) == ["INVALID_INPUT"]
    assert await client.refusal_codes("adjustLedger", proposal(vendor)) == []


async def test_admins_do_not_adjust_their_own_wallets(world: World, api: Client) -> None:
    admin, other = await world.admin(), await world.admin()
    vendor = await world.vendor()
    await world.member(vendor, admin, MemberRole.SCANNER)
    client = api.signed_in(admin)
    for owner in (admin, vendor):
        assert await client.refusal_codes("adjustLedger", proposal(owner)) == ["OWN_WALLET"]
        one = await world.adjustment(owner, proposed_by=other.id)
        wanted = {"adjustmentId": gid(one)}
        assert await client.refusal_codes("approveLedgerAdjustment", wanted) == ["OWN_WALLET"]


DECIDING = ("approveLedgerAdjustment", "rejectLedgerAdjustment")


async def test_wrong_users(world: World, api: Client) -> None:
    admin, user = await world.admin(), await world.user()
    one = await world.adjustment(user)
    given = {name: {"adjustmentId": gid(one)} for name in DECIDING}
    given["adjustLedger"] = proposal(user)
    _, secret = await world.api_token(admin)
    for name, input in given.items():
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for client in (api.signed_in(user), api.bearing(secret)):
            assert await client.mutation_failed(name, input) == ["FORBIDDEN"]
    for query in (LIST, '{ trialBalance(currency: "INR") { currency } }'):
        assert await api.failed(query) == ["UNAUTHENTICATED"]
        assert await api.signed_in(user).failed(query) == ["FORBIDDEN"]
    missing = {"adjustmentId": unknown("LedgerAdjustment")}
    for name in DECIDING:
        assert await api.signed_in(admin).refusal_codes(name, missing) == ["NOT_FOUND"]


@pytest.mark.parametrize("name", ["adjustLedger", "approveLedgerAdjustment"])
async def test_the_second_factor_must_be_fresh(world: World, api: Client, name: str) -> None:
    client, user = api.signed_in(await world.admin()), await world.user()
    one = await world.adjustment(user)
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(minutes=11)
        await session.exec(update(UserSession).values(signed_in_at=long_ago))
    given = proposal(user) if name == "adjustLedger" else {"adjustmentId": gid(one)}
    assert await client.refusal_codes(name, given) == ["STEP_UP_REQUIRED"]


async def test_the_trial_balance_sums_to_zero(world: World, api: Client) -> None:
    await world.fund(await world.user(), 100_00, promo=5_00)
    query = """{ trialBalance(currency: "INR") {
      currency total { amountMinor } lines { kind accountCount balance { amountMinor } }
    } }"""
    found = (await api.signed_in(await world.admin()).ask(query))["trialBalance"]
    assert found["total"] == {"amountMinor": 0}
    assert {one["kind"]: one["balance"]["amountMinor"] for one in found["lines"]} == {
        "BANK": -105_00,
        "WALLET": 100_00,
        "WALLET_PROMO": 5_00,
    }
