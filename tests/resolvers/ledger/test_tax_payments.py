"""Payments of taxes to authorities: recorded by one admin, approved by another one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import update

from core.clock import now
from models.identity.accounts import UserSession
from models.ledger.accounts import AccountKind
from tests.client import Client, gid
from tests.factories.base import NUMBERS
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.audit.test_audit_log import read_log

FIELDS = """adjustment {
    id debit credit state reason reference money { amountMinor currency }
    walletUser { id } walletVendor { id } proposedBy { id } decidedBy { id }
}"""
PENDING = "{ ledgerAdjustments(state: PENDING) { nodes { id reference } } }"
ENTRIES = """query ($kind: AccountKind!) {
  ledgerAccounts(where: { kind: $kind }) { nodes { id balance { amountMinor } } }
}"""
BOOKS = """query ($id: ID!) { ledgerEntries(accountId: $id) { nodes { kind aboutId } } }"""


def payment(**changes: Any) -> dict[str, Any]:
    """Return the input of `recordTaxPayment`: 100.00 of TDS."""
    return {
        "tax": "TDS_DUE",
        "amountMinor": 100_00,
        "currency": "INR",
        "reason": "Income tax department, October",
        "reference": f"BSR 0510 {next(NUMBERS)}",
        "idempotencyKey": f"tax-{next(NUMBERS)}",
    } | changes


async def test_a_second_admin_approves_and_the_tax_is_paid(world: World, api: Client) -> None:
    first, second = await world.admin(), await world.admin()
    here, there = api.signed_in(first), api.signed_in(second)
    await world.tax_due(150_00)
    given = payment(reference=" BSR 0510308 ")
    proposed = await here.do("recordTaxPayment", given, FIELDS)
    assert await here.do("recordTaxPayment", given, FIELDS) == proposed
    one = proposed["adjustment"]
    assert one | {"id": ""} == {
        "id": "",
        "debit": "TDS_DUE",
        "credit": "BANK",
        "state": "PENDING",
        "reason": "Income tax department, October",
        "reference": "BSR 0510308",
        "money": {"amountMinor": 100_00, "currency": "INR"},
        "walletUser": None,
        "walletVendor": None,
        "proposedBy": {"id": gid(first)},
        "decidedBy": None,
    }
    nodes = (await there.ask(PENDING))["ledgerAdjustments"]["nodes"]
    assert nodes == [{"id": one["id"], "reference": "BSR 0510308"}]
    assert await world.due() == 150_00
    wanted = {"adjustmentId": one["id"]}
    assert await here.refusal_codes("approveLedgerAdjustment", wanted) == ["SECOND_ADMIN_NEEDED"]
    approved = await there.do("approveLedgerAdjustment", wanted, FIELDS)
    assert approved["adjustment"] == one | {"state": "APPROVED", "decidedBy": {"id": gid(second)}}
    assert await there.do("approveLedgerAdjustment", wanted, FIELDS) == approved
    assert await world.due() == 50_00
    (account,) = (await here.ask(ENTRIES, kind="TDS_DUE"))["ledgerAccounts"]["nodes"]
    assert account["balance"] == {"amountMinor": 50_00}
    entries = (await here.ask(BOOKS, id=account["id"]))["ledgerEntries"]["nodes"]
    assert {"kind": "TAX", "aboutId": one["id"]} in entries
    for act, actor in (("RECORD_TAX_PAYMENT", first), ("APPROVE_ADJUSTMENT", second)):
        (entry,) = await read_log(here, act=act, outcome="DONE")
        assert (entry["actor"]["id"], entry["subjectId"]) == (gid(actor), one["id"])
    await check_invariants(world.database)


async def test_no_more_than_what_is_due_is_paid(world: World, api: Client) -> None:
    here, there = api.signed_in(await world.admin()), api.signed_in(await world.admin())
    await world.tax_due(100_00)
    await world.tax_due(100_00, AccountKind.GST_OUT)
    message = "Only 100.00 INR of this tax is due. Enter at most this amount."
    answer = await here.do("recordTaxPayment", payment(amountMinor=100_01))
    assert [(one["code"], one["message"]) for one in answer["errors"]] == [("TAX_NOT_DUE", message)]
    for wrong in ({"tax": "TCS_DUE"}, {"currency": "EUR"}):
        assert await here.refusal_codes("recordTaxPayment", payment(**wrong)) == ["TAX_NOT_DUE"]
    one = await here.do("recordTaxPayment", payment(), "adjustment { id }")
    await world.tax_due(-1)
    wanted = {"adjustmentId": one["adjustment"]["id"]}
    assert await there.refusal_codes("approveLedgerAdjustment", wanted) == ["TAX_NOT_DUE"]
    assert await world.due() == 99_99
    await world.tax_due(1)
    assert await there.refusal_codes("approveLedgerAdjustment", wanted) == []
    assert (await world.due(), await world.due(AccountKind.GST_OUT)) == (0, 100_00)
    await world.tax_due(-5_00)  # a refund, after its tax was paid
    answer = await here.do("recordTaxPayment", payment(amountMinor=1))
    assert answer["errors"][0]["message"].startswith("Only 0.00 INR")
    await check_invariants(world.database)


async def test_a_receipt_counts_once_for_a_tax(world: World, api: Client) -> None:
    here = api.signed_in(await world.admin())
    for tax in (AccountKind.TDS_DUE, AccountKind.TCS_DUE):
        await world.tax_due(300_00, tax)
    one = await here.do("recordTaxPayment", payment(reference="CIN 1"), "adjustment { id }")
    same = payment(reference="CIN 1", amountMinor=1)
    assert await here.refusal_codes("recordTaxPayment", same) == ["TAX_PAYMENT_RECORDED"]
    other = payment(reference="CIN 1", tax="TCS_DUE")
    assert await here.refusal_codes("recordTaxPayment", other) == []
    wanted = {"adjustmentId": one["adjustment"]["id"]}
    assert await here.refusal_codes("rejectLedgerAdjustment", wanted) == []
    again = same | {"idempotencyKey": "after the mistake"}
    assert await here.refusal_codes("recordTaxPayment", again) == []
    assert await world.due() == 300_00


@pytest.mark.parametrize(
    "changes",
    [
        {"amountMinor": 0},
        {"amountMinor": -1},
        {"amountMinor": 10**15 + 1},
        {"reason": " "},
        {"reason": "a" * 201},
        {"reference": " "},
        {"reference": "a" * 101},
    ],
)
async def test_what_is_not_a_payment(world: World, api: Client, changes: dict[str, Any]) -> None:
    await world.tax_due(100_00)
    client = api.signed_in(await world.admin())
    assert await client.refusal_codes("recordTaxPayment", payment(**changes)) == ["INVALID_INPUT"]


async def test_as_others(world: World, api: Client) -> None:
    await world.tax_due(100_00)
    owner = await world.user()
    await world.vendor(owner)
    _, secret = await world.api_token(await world.admin())
    assert await api.mutation_failed("recordTaxPayment", payment()) == ["UNAUTHENTICATED"]
    for client in (api.signed_in(owner), api.bearing(secret)):
        assert await client.mutation_failed("recordTaxPayment", payment()) == ["FORBIDDEN"]
    admin = api.signed_in(await world.admin())
    async with world.database.session() as session, session.begin():
        long_ago = now() - timedelta(minutes=11)
        await session.exec(update(UserSession).values(signed_in_at=long_ago))
    assert await admin.refusal_codes("recordTaxPayment", payment()) == ["STEP_UP_REQUIRED"]
