"""Accounts, entries, balances, revenue and sweeps of the ledger, as admins see them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.ledger.sweeps import LedgerFinding, LedgerRule, LedgerSweep
from models.pricing.deductions import DeductionRates
from services.ledger.posting import post_entries
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.counting import plans, statements

ACCOUNTS = """query ($where: LedgerAccountWhere) {
  ledgerAccounts(where: $where, first: 50) { totalCount nodes {
    id accountKind currency balance { amountMinor } ownerUser { id } ownerVendor { id }
  } }
}"""
ENTRIES = """query ($id: ID!, $where: LedgerEntryWhere, $first: Int, $after: String) {
  ledgerEntries(accountId: $id, where: $where, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes {
      entryKey kind aboutId money { amountMinor }
      debitAccount { accountKind } creditAccount { accountKind }
    }
  }
}"""
TRIAL = """query ($at: DateTime) {
  trialBalance(currency: "INR", at: $at) {
    total { amountMinor } lines { kind balance { amountMinor } }
  }
}"""
REVENUE = """query ($period: PeriodInput!, $by: RevenueStep!) {
  revenue(currency: "INR", period: $period, by: $by) {
    startsOn total { amountMinor } lines { kind balance { amountMinor } }
  }
}"""
SWEEPS = """{ ledgerSweeps { nodes {
  id entryCount findingCount findings { rule subject difference }
} } }"""
SCANS = re.compile(r"(Seq|Bitmap Heap) Scan on ledger_entry")


def today() -> str:
    return now().date().isoformat()


QUERIES: dict[str, dict[str, Any]] = {
    ACCOUNTS: {},
    ENTRIES: {"id": unknown("LedgerAccount")},
    TRIAL: {},
    REVENUE: {"period": {"fromDay": "2026-01-01", "untilDay": "2026-01-31"}, "by": "DAY"},
    SWEEPS: {},
}


async def test_wrong_users(world: World, api: Client) -> None:
    _, secret = await world.api_token(await world.admin())
    for query, given in QUERIES.items():
        assert await api.failed(query, **given) == ["UNAUTHENTICATED"]
        for client in (api.signed_in(await world.user()), api.bearing(secret)):
            assert await client.failed(query, **given) == ["FORBIDDEN"]


async def test_accounts_by_kind_owner_and_currency(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    user, vendor = await world.user(), await world.vendor()
    rates = DeductionRates(commission=1_000)
    placed = await world.placed_order(user, [vendor], wallet=1_00, rates=rates)
    (part,) = placed.suborders

    async def found(where: dict[str, Any] | None) -> dict[str, int]:
        nodes = (await admin.ask(ACCOUNTS, where=where))["ledgerAccounts"]["nodes"]
        return {one["accountKind"]: one["balance"]["amountMinor"] for one in nodes}

    everything = await found(None)
    assert everything["BANK"] == -placed.order.total
    assert everything["COMMISSION"] == part.commission > 0
    assert await found({"kind": "COMMISSION"}) == {"COMMISSION": part.commission}
    assert await found({"owner": {"vendorId": gid(vendor)}}) == {"V_PENDING": part.vendor_net}
    assert await found({"owner": {"userId": gid(user)}}) == {"WALLET": 0, "WALLET_HELD": 0}
    assert await found({"currency": "EUR"}) == {}
    (one,) = (await admin.ask(ACCOUNTS, where={"kind": "V_PENDING"}))["ledgerAccounts"]["nodes"]
    assert (one["ownerUser"], one["ownerVendor"]) == (None, {"id": gid(vendor)})


async def test_entries_of_an_account_by_pages(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    bank, unclaimed = (Account(kind, "INR") for kind in (AccountKind.BANK, AccountKind.UNCLAIMED))
    for amount in range(1, 6):
        legs = [Leg(bank, unclaimed, amount)]
        async with world.database.session() as session, session.begin():
            await post_entries(session, Posting(PostingKind.PAY, new_id()), legs)
            back = [Leg(unclaimed, bank, amount)]
            await post_entries(session, Posting(PostingKind.RETURN, new_id()), back)
    nodes = (await admin.ask(ACCOUNTS, where={"kind": "BANK"}))["ledgerAccounts"]["nodes"]
    given = {"id": nodes[0]["id"], "first": 3}
    amounts, after, more = [], None, True
    while more:
        page = (await admin.ask(ENTRIES, **given, after=after))["ledgerEntries"]
        amounts += [one["money"]["amountMinor"] for one in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == 10
    assert amounts == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    page = (await admin.ask(ENTRIES, **given, where={"kind": "PAY"}))["ledgerEntries"]
    assert {one["kind"] for one in page["nodes"]} == {"PAY"}
    assert page["nodes"][0]["debitAccount"] == {"accountKind": "BANK"}
    later = {"createdFrom": (now() + timedelta(minutes=1)).isoformat()}
    page = (await admin.ask(ENTRIES, **given, where=later))["ledgerEntries"]
    assert page["totalCount"] == 0
    missing = QUERIES[ENTRIES]
    assert await admin.failed(ENTRIES, **missing) == ["NOT_FOUND"]


async def test_the_trial_balance_of_a_former_time(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    await world.fund(await world.user(), 1_00)
    between = now()
    await world.fund(await world.user(), 2_00)
    for at, wallets in ((None, 3_00), (now(), 3_00), (between, 1_00)):
        asked = at.isoformat() if at else None
        found = (await admin.ask(TRIAL, at=asked))["trialBalance"]
        lines = {one["kind"]: one["balance"]["amountMinor"] for one in found["lines"]}
        assert (found["total"]["amountMinor"], lines["WALLET"]) == (0, wallets)


async def test_revenue_by_day_and_month(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    rates = DeductionRates(commission=1_000, commission_tax=1_800)
    placed = await world.placed_order(await world.user(), [await world.vendor()], rates=rates)
    commission = placed.suborders[0].commission
    period = {"fromDay": today(), "untilDay": today()}
    (line,) = (await admin.ask(REVENUE, period=period, by="DAY"))["revenue"]
    assert line == {
        "startsOn": today(),
        "total": {"amountMinor": commission},
        "lines": [{"kind": "COMMISSION", "balance": {"amountMinor": commission}}],
    }
    (line,) = (await admin.ask(REVENUE, period=period, by="MONTH"))["revenue"]
    assert line["startsOn"] == today()[:8] + "01"
    former = {"fromDay": "2020-01-01", "untilDay": "2020-03-01"}
    assert (await admin.ask(REVENUE, period=former, by="DAY"))["revenue"] == []
    for until in ("2019-12-31", "2020-06-01"):
        wrong = {"fromDay": "2020-01-01", "untilDay": until}
        assert await admin.failed(REVENUE, period=wrong, by="DAY") == ["INVALID_INPUT"]


async def test_sweeps_with_what_they_found(world: World, api: Client) -> None:
    finding = LedgerFinding(LedgerRule.EXPLAINED, "V_PENDING INR", -7)
    await world.save(LedgerSweep.of(1_000_000, 190, []))
    await world.save(LedgerSweep.of(5, 1, [finding]))
    admin = api.signed_in(await world.admin())
    last, first = (await admin.ask(SWEEPS))["ledgerSweeps"]["nodes"]
    assert (first["entryCount"], first["findings"]) == (1_000_000, [])
    assert last["findingCount"] == 1
    assert last["findings"] == [{"rule": "EXPLAINED", "subject": "V_PENDING INR", "difference": -7}]


async def test_accounts_take_as_many_statements_for_one_as_for_many(
    world: World, api: Client
) -> None:
    admin = api.signed_in(await world.admin())
    await world.fund(await world.user(), 1_00)
    await admin.ask(ACCOUNTS)
    few = len(await statements(admin, ACCOUNTS))
    for _ in range(5):
        await world.fund(await world.user(), 1_00)
    assert len(await statements(admin, ACCOUNTS)) == few


MANY = [
    "SET LOCAL session_replication_role = replica",
    """INSERT INTO ledger_account (id, created_at, kind, owner_id, currency, guarded, balance)
      SELECT gen_random_uuid(), now() - n * interval '1 second', 'V_PENDING', gen_random_uuid(),
        'INR', false, 0 FROM generate_series(1, 2000) AS n""",
    """INSERT INTO ledger_entry
        (id, created_at, posting, leg, debit_id, credit_id, currency, amount)
      SELECT gen_random_uuid(), now() - n * interval '1 second', 'pay\\:' || gen_random_uuid(), 0,
        CASE WHEN n % 2 = 0 THEN CAST(:wallet AS uuid) ELSE CAST(:bank AS uuid) END,
        CASE WHEN n % 2 = 0 THEN CAST(:bank AS uuid) ELSE CAST(:wallet AS uuid) END, 'INR', 1
      FROM generate_series(1, 20000) AS n""",
    """INSERT INTO ledger_entry
        (id, created_at, posting, leg, debit_id, credit_id, currency, amount)
      SELECT gen_random_uuid(), now() - n * interval '1 second', 'pay\\:' || gen_random_uuid(), 0,
        gen_random_uuid(), gen_random_uuid(), 'INR', 1 FROM generate_series(1, 20000) AS n""",
    "ANALYZE ledger_account, ledger_entry",
]
OWN = """query ($after: String) { wallet(currency: "INR") {
  entries(first: 5, after: $after) { nodes { id } pageInfo { endCursor } }
} }"""


async def test_pages_of_a_large_account_use_its_indexes(
    world: World, superuser: Database, api: Client
) -> None:
    user = await world.user()
    await world.fund(user, 1_00)
    admin, owner = api.signed_in(await world.admin()), api.signed_in(user)
    nodes = (await admin.ask(ACCOUNTS))["ledgerAccounts"]["nodes"]
    ids = {one["accountKind"]: one["id"] for one in nodes}
    async with superuser.session() as session, session.begin():
        rows = await session.execute(text("SELECT kind, id FROM ledger_account"))
        known = {row.kind: row.id for row in rows}
        given = {"wallet": known["WALLET"], "bank": known["BANK"]}
        for statement in MANY:
            names = given if ":wallet" in statement else {}
            await session.execute(text(statement), names)
    after = (await owner.ask(OWN))["wallet"]["entries"]["pageInfo"]["endCursor"]
    asked: list[tuple[Client, str, dict[str, Any], str]] = [
        (owner, OWN, {}, "ledger_entry_debit_page_idx"),
        (owner, OWN, {"after": after}, "ledger_entry_credit_page_idx"),
        (
            admin,
            ENTRIES.replace("totalCount", ""),
            {"id": ids["BANK"], "first": 5},
            "ledger_entry_debit_page_idx",
        ),
        (admin, ACCOUNTS, {"where": {"kind": "BANK"}}, "ledger_account_kind_idx"),
    ]
    for client, query, variables, index in asked:
        plan = await plans(world.database, client, query, **variables)
        assert index in plan, plan
        assert not SCANS.search(plan), plan


@pytest.mark.parametrize("step", ["DAY", "MONTH"])
async def test_revenue_reads_only_its_days(
    world: World, superuser: Database, api: Client, step: str
) -> None:
    admin = api.signed_in(await world.admin())
    await world.fund(await world.user(), 1_00)
    async with superuser.session() as session, session.begin():
        for statement in MANY:
            given = {"wallet": new_id(), "bank": new_id()} if ":wallet" in statement else {}
            await session.execute(text(statement), given)
    period = {"fromDay": today(), "untilDay": today()}
    plan = await plans(world.database, admin, REVENUE, period=period, by=step)
    assert "Seq Scan on ledger_entry" not in plan, plan
