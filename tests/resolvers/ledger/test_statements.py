"""Statements of vendors and wallets, and their files."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pypdfium2
import pytest
from sqlmodel import col, delete

from core.clock import now
from core.database import Database
from models.ledger.account_statements import StatementFormat
from models.members import Permission, may
from models.orders.timeline import OrderActor
from models.payments.refunds import RefundReason
from models.pricing.deductions import DeductionRates
from models.vendors import MemberRole, Vendor, VendorMember
from services.ledger.account_statements import files
from services.orders.parts import find_lines, lock_part
from services.orders.refunds.granting import cancel_units, grant_refund
from services.transaction import Transactions
from tests.client import Client, gid, unknown
from tests.factories.buying import Unheard
from tests.factories.orders import PlacedOrder
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.counting import statements


@pytest.fixture
def transactions(database: Database) -> Transactions:
    return Transactions(database, Unheard())


RATES = DeductionRates(commission=1_000, commission_tax=1_800, tcs=50, tds=10)
FIELDS = """currency fromDay untilDay timeZone opening { amountMinor } closing { amountMinor }
    parts { kind opening { amountMinor } closing { amountMinor } } csvUrl pdfUrl"""
EARNINGS = f"""query ($id: ID!, $period: PeriodInput!) {{
  vendorStatement(vendorId: $id, period: $period) {{ {FIELDS} entries(first: 100) {{ nodes {{
    entryKey kind aboutId money {{ amountMinor }} fromAccount toAccount
  }} }} }}
}}"""
WALLET = f"""query ($vendor: ID, $period: PeriodInput!) {{
  walletStatement(currency: "INR", vendorId: $vendor, period: $period) {{ {FIELDS}
    entries(first: 100) {{ totalCount nodes {{ kind source target money {{ amountMinor }} }} }}
  }}
}}"""


def period(first: int = 0, last: int = 0) -> dict[str, Any]:
    """Return days from today on in UTC, as the vendors' time zone is ahead of it by hours."""
    today = now().date()
    days = today + timedelta(days=first), today + timedelta(days=last)
    return {"fromDay": days[0].isoformat(), "untilDay": days[1].isoformat()}


AROUND = period(-1, 1)


async def download(client: Client, link: str) -> httpx.Response:
    """Follow a link without a token: a browser sends none."""
    url = urlsplit(link)
    return await client.http.get(f"{url.path}?{url.query}")


async def sell(world: World, vendor: Vendor) -> PlacedOrder:
    return await world.placed_order(await world.user(), [vendor], wallet=1_00, rates=RATES)


async def take_one_back(transactions: Transactions, placed: PlacedOrder) -> None:
    async with transactions.begin() as session:
        part = await lock_part(session, placed.suborders[0].id)
        (line,) = await find_lines(session, part.suborder.id)
        units = cancel_units([(line, 1)])
        buyer = OrderActor.BUYER
        await grant_refund(session, part.order, units, RefundReason.CANCELLED, actor=buyer)


async def test_earnings_lead_from_one_balance_to_the_other(
    world: World, api: Client, transactions: Transactions
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    placed = await sell(world, vendor)
    await take_one_back(transactions, placed)
    client = api.signed_in(owner)
    found = (await client.ask(EARNINGS, id=gid(vendor), period=AROUND))["vendorStatement"]
    assert (found["currency"], found["timeZone"]) == ("INR", "Asia/Kolkata")
    assert found["opening"] == {"amountMinor": 0}
    (part,) = placed.suborders
    half = part.vendor_net - (part.total // 2 - sum(_halves(placed)))
    assert found["closing"] == {"amountMinor": half}
    assert [one["kind"] for one in found["parts"]] == ["V_PENDING"]
    moved = [
        (one["kind"], one["fromAccount"], one["toAccount"]) for one in found["entries"]["nodes"]
    ]
    assert ("CONFIRM", "UNCLAIMED", "V_PENDING") in moved
    assert ("CONFIRM", "V_PENDING", "COMMISSION") in moved
    assert ("GRANT", "COMMISSION", "V_PENDING") in moved
    assert "WALLET" not in str(moved)
    later = (await client.ask(EARNINGS, id=gid(vendor), period=period(3, 4)))["vendorStatement"]
    assert later["opening"] == later["closing"] == {"amountMinor": half}
    assert later["entries"]["nodes"] == []
    await check_invariants(world.database)


def _halves(placed: PlacedOrder) -> list[int]:
    """Return what the platform gives back for one of two units."""
    (line,) = placed.lines
    return [*line.deductions_of(1, 2).columns.values()]


async def test_the_csv_of_earnings(world: World, api: Client, transactions: Transactions) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    placed = await sell(world, vendor)
    await take_one_back(transactions, placed)
    client = api.signed_in(owner)
    found = (await client.ask(EARNINGS, id=gid(vendor), period=AROUND))["vendorStatement"]
    file = await download(api, found["csvUrl"])
    assert (file.status_code, file.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert file.headers["cache-control"] == "private, no-store"
    assert file.headers["content-disposition"].startswith("attachment")
    rows = [*csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))]
    first, *entries, last = rows
    assert (first["kind"], first["balance"]) == ("OPENING", "0.00")
    balance = 0
    for row in entries:
        balance += round(float(row["change"]) * 100)
        assert round(float(row["balance"]) * 100) == balance
        assert row["order"] == placed.order.number
    assert (last["kind"], round(float(last["balance"]) * 100)) == ("CLOSING", balance)
    assert balance == found["closing"]["amountMinor"]
    assert {row["description"] for row in entries} == {
        "Sale",
        "Commission",
        "Tax on the commission",
        "Tax collected at source",
        "Tax deducted at source",
        "Refund",
    }
    assert "WALLET" not in file.text


async def test_the_pdf_of_earnings(world: World, api: Client) -> None:
    owner = await world.user(locale="hi")
    vendor = await world.vendor(owner, locale="hi")
    for _ in range(12):
        await sell(world, vendor)
    client = api.signed_in(owner)
    found = (await client.ask(EARNINGS, id=gid(vendor), period=AROUND))["vendorStatement"]
    files = [await download(api, found["pdfUrl"]) for _ in range(2)]
    assert files[0].content == files[1].content
    assert files[0].headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(files[0].content)
    assert len(document) == 2


async def test_the_wallet_of_a_user_and_of_a_vendor(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.fund(owner, 5_00, promo=1_00)
    await world.fund(vendor, 7_00)
    client = api.signed_in(owner)
    own = (await client.ask(WALLET, period=AROUND))["walletStatement"]
    assert (own["opening"]["amountMinor"], own["closing"]["amountMinor"]) == (0, 6_00)
    assert {one["kind"]: one["closing"]["amountMinor"] for one in own["parts"]} == {
        "WALLET": 5_00,
        "WALLET_PROMO": 1_00,
    }
    assert own["entries"]["totalCount"] == 2
    file = await download(api, own["csvUrl"])
    assert "Adjustment" in file.text
    assert (await download(api, own["pdfUrl"])).content[:5] == b"%PDF-"
    theirs = (await client.ask(WALLET, period=AROUND, vendor=gid(vendor)))["walletStatement"]
    assert theirs["closing"]["amountMinor"] == 7_00
    assert "7.00" in (await download(api, theirs["csvUrl"])).text


@pytest.mark.parametrize("role", MemberRole)
async def test_members_who_see_the_wallet_see_statements(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, role))
    given: dict[str, Any] = {"id": gid(vendor), "period": AROUND}
    if may(role, Permission.SEE_WALLET):
        assert (await client.ask(EARNINGS, **given))["vendorStatement"]["parts"] == []
    else:
        assert await client.failed(EARNINGS, **given) == ["NOT_FOUND"]


async def test_wrong_users(world: World, api: Client) -> None:
    owner, stranger = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    await world.vendor(stranger)
    await sell(world, vendor)
    _, secret = await world.api_token(owner)
    asked = ((EARNINGS, {"id": gid(vendor)}), (WALLET, {"vendor": gid(vendor)}))
    for query, given in asked:
        assert await api.failed(query, period=AROUND, **given) == ["UNAUTHENTICATED"]
        other = api.signed_in(stranger)
        assert await other.failed(query, period=AROUND, **given) == ["NOT_FOUND"]
        program = api.bearing(secret)
        assert await program.failed(query, period=AROUND, **given) == ["FORBIDDEN"]
    admin = api.signed_in(await world.admin())
    found = (await admin.ask(EARNINGS, id=gid(vendor), period=AROUND))["vendorStatement"]
    assert found["closing"]["amountMinor"] > 0
    assert (await download(api, found["csvUrl"])).status_code == 200
    missing = {"id": unknown("Vendor"), "period": AROUND}
    assert await admin.failed(EARNINGS, **missing) == ["NOT_FOUND"]
    for wrong in (period(1, 0), period(-366, 0)):
        assert await admin.failed(EARNINGS, id=gid(vendor), period=wrong) == ["INVALID_INPUT"]


async def test_rights_are_checked_again_at_the_download(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await sell(world, vendor)
    client = api.signed_in(owner)
    found = (await client.ask(EARNINGS, id=gid(vendor), period=AROUND))["vendorStatement"]
    async with world.database.session() as session, session.begin():
        await session.execute(delete(VendorMember).where(col(VendorMember.user_id) == owner.id))
    for link in (found["csvUrl"], found["pdfUrl"]):
        assert (await download(api, link)).status_code == 404
        assert (await download(api, link + "x")).status_code == 403
    assert (await download(api, "/ledger/statements?link=")).status_code == 403


async def test_a_period_with_too_many_entries_is_refused(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for format in StatementFormat:
        monkeypatch.setattr(format, "most", 3)
    owner = await world.user()
    vendor = await world.vendor(owner)
    await sell(world, vendor)
    client = api.signed_in(owner)
    found = (await client.ask(EARNINGS, id=gid(vendor), period=AROUND))["vendorStatement"]
    refused = await download(api, found["pdfUrl"])
    assert (refused.status_code, refused.text) == (
        413,
        str(files.TooManyEntries(StatementFormat.PDF)),
    )
    assert (await download(api, found["csvUrl"])).status_code == 413


async def test_a_statement_takes_as_many_statements_for_one_as_for_many(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await sell(world, vendor)
    client, given = api.signed_in(owner), {"id": gid(vendor), "period": AROUND}
    await client.ask(EARNINGS, **given)
    few = len(await statements(client, EARNINGS, **given))
    for _ in range(3):
        await sell(world, vendor)
    assert len(await statements(client, EARNINGS, **given)) == few
