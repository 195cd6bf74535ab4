"""Reserves, write-offs and discrepancies: for admins."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.notifications.inbox import Notification
from models.payments.payments import PaymentProvider
from models.payouts.debts import VendorDebt
from models.payouts.reconciliation import (
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.audit.test_audit_log import read_log
from tests.resolvers.payouts.conftest import Counter

TERMS = "vendorBalance { reserveBps reserveDays }"
ADJUSTMENT = "adjustment { id debit credit state money { amountMinor } walletVendor { id } }"
DISCREPANCY = "discrepancy { id matchState discrepancyCause resolution resolvedBy { id } }"
LIST = """query ($where: DiscrepancyWhere) { discrepancies(where: $where) { nodes {
  id externalId transactionKind paymentProvider matchState money { amountMinor }
  fee { amountMinor } net { amountMinor } postingKey sourceReference } } }"""


async def kinds(world: World) -> list[str]:
    async with world.database.session() as session:
        return [one.kind for one in (await session.exec(select(Notification))).all()]


async def test_an_admin_sets_the_reserve(world: World, indian: Counter) -> None:
    admin = await indian.admin()
    given = {**indian.id, "bps": 2_500, "days": 30}
    for _ in range(2):
        payload = await admin.do("setReserve", given, TERMS)
        assert payload["vendorBalance"] == {"reserveBps": 2_500, "reserveDays": 30}
    assert await kinds(world) == ["RESERVE_SET"]
    payload = await admin.do("setReserve", indian.id, TERMS)
    assert payload["vendorBalance"]["reserveDays"] != 30
    assert len(await read_log(admin, act="SET_RESERVE", outcome="DONE", count=2)) == 2
    for wrong, field in (
        ({"bps": 5_001, "days": 1}, "bps"),
        ({"bps": 1, "days": 181}, "days"),
        ({"bps": -1, "days": 1}, "bps"),
        ({"bps": 1}, "days"),
    ):
        answer = await admin.do("setReserve", {**indian.id, **wrong})
        assert [(one["code"], one["field"]) for one in answer["errors"]] == [
            ("INVALID_INPUT", [field])
        ]


def write_off(counter: Counter, **values: Any) -> dict[str, Any]:
    return {
        **counter.id,
        "amountMinor": 80_00,
        "currency": "INR",
        "reason": "It has closed",
        "idempotencyKey": f"debt-{next(NUMBERS)}",
    } | values


async def test_two_admins_write_off_a_debt(world: World, indian: Counter) -> None:
    here, there = await indian.admin(), await indian.admin()
    await world.earned(indian.vendor, -100_00)
    given = write_off(indian)
    proposed = await here.do("writeOffVendorDebt", given, ADJUSTMENT)
    assert await here.do("writeOffVendorDebt", given, ADJUSTMENT) == proposed
    one = proposed["adjustment"]
    assert (one["debit"], one["credit"], one["state"]) == ("LOSSES", "V_AVAILABLE", "PENDING")
    assert one["walletVendor"] == {"id": gid(indian.vendor)}
    assert await world.available(indian.vendor) == -100_00
    wanted = {"adjustmentId": one["id"]}
    own = await here.refusal_codes("approveLedgerAdjustment", wanted)
    assert own == ["SECOND_ADMIN_NEEDED"]
    for _ in range(2):
        assert await there.refusal_codes("approveLedgerAdjustment", wanted) == []
    assert await world.available(indian.vendor) == -20_00
    assert await kinds(world) == ["DEBT_WRITTEN_OFF"]
    await check_invariants(world.database)


async def test_no_more_than_the_debt_is_written_off(world: World, indian: Counter) -> None:
    here, there = await indian.admin(), await indian.admin()
    await world.earned(indian.vendor, -80_00)
    large = write_off(indian, amountMinor=80_01)
    assert await here.refusal_codes("writeOffVendorDebt", large) == ["DEBT_TOO_SMALL"]
    payload = await here.do("writeOffVendorDebt", write_off(indian), ADJUSTMENT)
    await world.earned(indian.vendor, 1)  # a sale, before it is approved
    wanted = {"adjustmentId": payload["adjustment"]["id"]}
    assert await there.refusal_codes("approveLedgerAdjustment", wanted) == ["DEBT_TOO_SMALL"]
    assert await world.available(indian.vendor) == -79_99
    await check_invariants(world.database)


async def discrepancy(world: World, **values: Any) -> ProviderTransaction:
    given: dict[str, Any] = {
        "provider": PaymentProvider.STRIPE,
        "external_id": f"txn_{next(NUMBERS)}",
        "kind": TransactionKind.PAYMENT,
        "amount": 100_00,
        "fee": 3_00,
        "net": 97_00,
        "currency": "EUR",
        "source": "pi_1",
        "happened_at": now(),
        "state": MatchState.DISCREPANT,
        "cause": DiscrepancyCause.NOT_POSTED,
    } | values
    line = ProviderTransaction(**given)
    await world.save(line)
    return line


async def test_an_admin_explains_a_discrepancy(world: World, indian: Counter) -> None:
    admin_row = await world.admin()
    admin = indian.api.signed_in(admin_row)
    line = await discrepancy(world)
    await discrepancy(world, state=MatchState.NEW, cause=None)
    (found,) = (await admin.ask(LIST))["discrepancies"]["nodes"]
    assert found == {
        "id": gid(line),
        "externalId": line.external_id,
        "transactionKind": "PAYMENT",
        "paymentProvider": "STRIPE",
        "matchState": "DISCREPANT",
        "money": {"amountMinor": 100_00},
        "fee": {"amountMinor": 3_00},
        "net": {"amountMinor": 97_00},
        "postingKey": None,
        "sourceReference": "pi_1",
    }
    for where, number in (
        ({"paymentProvider": "PAYSTACK"}, 0),
        ({"currency": "EUR", "discrepancyCause": "NOT_POSTED"}, 1),
        ({"before": "2020-01-01T00:00:00Z"}, 0),
        ({"matchState": "NEW"}, 1),
    ):
        nodes = (await admin.ask(LIST, where=where))["discrepancies"]["nodes"]
        assert len(nodes) == number
    given = {
        "providerTransactionId": gid(line),
        "note": "A test payment of ours",
        "idempotencyKey": "one",
    }
    payload = await admin.do("resolveDiscrepancy", given, DISCREPANCY)
    assert await admin.do("resolveDiscrepancy", given, DISCREPANCY) == payload
    assert payload["discrepancy"] == {
        "id": gid(line),
        "matchState": "RESOLVED",
        "discrepancyCause": "NOT_POSTED",
        "resolution": "A test payment of ours",
        "resolvedBy": {"id": gid(admin_row)},
    }
    again = await admin.refusal_codes("resolveDiscrepancy", given | {"idempotencyKey": "two"})
    assert again == ["DISCREPANCY_RESOLVED"]
    (entry,) = await read_log(admin, act="RESOLVE_DISCREPANCY", outcome="DONE")
    assert entry["subjectId"] == gid(line)


async def test_an_explanation_is_dropped(world: World, indian: Counter) -> None:
    admin = await indian.admin()
    line = await discrepancy(world)
    ids = {"providerTransactionId": gid(line)}
    given = ids | {"note": "A test payment of ours", "idempotencyKey": "one"}
    assert await admin.refusal_codes("resolveDiscrepancy", given) == []
    for _ in range(2):  # a retry changes nothing
        payload = await admin.do("reopenDiscrepancy", ids, DISCREPANCY)
        assert payload["discrepancy"] == {
            "id": gid(line),
            "matchState": "DISCREPANT",
            "discrepancyCause": "NOT_POSTED",
            "resolution": None,
            "resolvedBy": None,
        }
    (entry,) = await read_log(admin, act="REOPEN_DISCREPANCY", outcome="DONE")
    assert entry["subjectId"] == gid(line)
    again = given | {"note": "A transfer of ours", "idempotencyKey": "two"}
    assert await admin.refusal_codes("resolveDiscrepancy", again) == []


DEBTS = """query ($currency: CurrencyCode!, $first: Int! = 20) {
  vendorDebts(currency: $currency, first: $first) {
    vendor { id } since noticedAt owed { amountMinor currency } } }"""


async def test_admins_see_who_owes_money(world: World, indian: Counter) -> None:
    admin, other = await indian.admin(), await world.vendor()
    await world.earned(indian.vendor, -80_00)
    await world.earned(other, -1)
    await world.earned(await world.vendor(), 50_00)
    for moment, vendor in ((now() - timedelta(days=61), indian.vendor), (now(), other)):
        await world.save(VendorDebt(vendor_id=vendor.id, currency="INR", since=moment))
    found = (await admin.ask(DEBTS, currency="INR"))["vendorDebts"]
    assert [(one["vendor"]["id"], one["owed"]["amountMinor"]) for one in found] == [
        (gid(indian.vendor), 80_00),
        (gid(other), 1),
    ]
    assert len((await admin.ask(DEBTS, currency="INR", first=1))["vendorDebts"]) == 1
    assert (await admin.ask(DEBTS, currency="EUR"))["vendorDebts"] == []
    await world.earned(other, 100)  # the nightly job has not followed it
    found = (await admin.ask(DEBTS, currency="INR"))["vendorDebts"]
    assert found[1]["owed"] == {"amountMinor": 0, "currency": "INR"}
    assert await indian.client.failed(DEBTS, currency="INR") == ["FORBIDDEN"]
    assert await indian.api.failed(DEBTS, currency="INR") == ["UNAUTHENTICATED"]


async def test_reserves_and_debts_as_others(world: World, indian: Counter, api: Client) -> None:
    await world.earned(indian.vendor, -80_00)
    line = await discrepancy(world)
    note = {"providerTransactionId": gid(line), "note": "One", "idempotencyKey": "one"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("setReserve", {**indian.id, "bps": 0, "days": 0}),
        ("writeOffVendorDebt", write_off(indian)),
        ("resolveDiscrepancy", note),
        ("reopenDiscrepancy", {"providerTransactionId": gid(line)}),
    ]
    for name, given in calls:
        assert await indian.client.mutation_failed(name, given) == ["FORBIDDEN"], name
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"], name
    assert await indian.client.failed(LIST) == ["FORBIDDEN"]
    assert await api.failed(LIST) == ["UNAUTHENTICATED"]
    admin = await world.admin()
    await world.member(indian.vendor, admin, MemberRole.STAFF)
    member = api.signed_in(admin)
    assert await member.refusal_codes("writeOffVendorDebt", write_off(indian)) == ["OWN_PAYOUT"]
    none = {**indian.id, "bps": 0, "days": 0}
    assert await member.refusal_codes("setReserve", none) == ["OWN_PAYOUT"]
    vendor, unknown_line = unknown("Vendor"), unknown("ProviderTransaction")
    for name, given in (
        ("setReserve", {"vendorId": vendor, "bps": 0, "days": 0}),
        ("writeOffVendorDebt", write_off(indian, vendorId=vendor)),
        ("resolveDiscrepancy", note | {"providerTransactionId": unknown_line}),
        ("reopenDiscrepancy", {"providerTransactionId": unknown_line}),
    ):
        assert await member.refusal_codes(name, given) == ["NOT_FOUND"]


@pytest.mark.parametrize("values", [{"amountMinor": 0}, {"amountMinor": -1}, {"reason": " "}])
async def test_write_off_refuses(world: World, indian: Counter, values: dict[str, Any]) -> None:
    await world.earned(indian.vendor, -80_00)
    admin = await indian.admin()
    given = write_off(indian, **values)
    assert await admin.refusal_codes("writeOffVendorDebt", given) == ["INVALID_INPUT"]
