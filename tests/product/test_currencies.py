"""Vendors in New York, Kolkata and Tokyo side by side: each amount and time is of its vendor."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from core.clock import now
from core.money import decimal
from core.settings import HOME
from core.wall import wall
from models.identity.accounts import User
from models.invoices.series import InvoiceKind, format_fiscal_year
from models.orders.orders import SubOrder
from models.vendors import MemberRole, Vendor
from services.invoices.content.suborders import issue_suborder
from services.invoices.numbering import Issuer, take_number
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.invoices.test_downloads import EXPORT

PLACES = {
    "USD": ("US", "America/New_York", "100.00"),
    "INR": ("IN", "Asia/Kolkata", "100.00"),
    "JPY": ("JP", "Asia/Tokyo", "10000"),
}
AGO = (timedelta(), timedelta(minutes=1))  # a test can begin before midnight
MONEY = "{ amountMinor currency decimal }"
OF_VENDOR = f"""query ($vendor: ID!, $date: ID!, $order: ID!, $booking: ID!, $ticket: ID!,
    $event: ID!, $period: PeriodInput!) {{
  vendor(id: $vendor) {{ currency timeZone }}
  products(where: {{ vendorId: $vendor }}) {{
    nodes {{ priceFrom {MONEY} priceTo {MONEY} variants {{ price {MONEY} }} }}
    facets {{ prices {{ currency priceFrom {MONEY} priceBelow {MONEY} }} }} }}
  services(vendorId: $vendor) {{ nodes {{ price {MONEY} deposit {MONEY} dueOnline {MONEY} }} }}
  event(id: $event) {{ priceFrom {MONEY} }}
  eventSales(eventDateId: $date) {{ revenue {MONEY} byDay {{ day revenue {MONEY} }} }}
  booking(id: $booking) {{ localStart timeZone price {MONEY} dueOnline {MONEY}
    dueAtVisit {MONEY} }}
  ticket: node(id: $ticket) {{ ... on Ticket {{ price {MONEY} refundNow {MONEY}
    eventDate {{ localStart timeZone }} }} }}
  order(id: $order) {{ currency amounts {{ goods {MONEY} discount {MONEY} shipping {MONEY}
      total {MONEY} refunded {MONEY} }}
    suborders {{ lines {{ unitPrice {MONEY} total {MONEY} }} }} }}
  vendorBalance(vendorId: $vendor) {{ minimumPayout {MONEY} own {{ available {MONEY} }} }}
  vendorStatement(vendorId: $vendor, period: $period) {{ currency timeZone csvUrl
    opening {MONEY} closing {MONEY} entries(first: 50) {{ nodes {{ money {MONEY} }} }} }} }}"""
# Modules that write files of rows.
CHECKED = {
    "services/events/sales/exports.py",
    "services/invoices/export.py",
    "services/ledger/account_statements/csv_file.py",
}
ELSEWHERE = {
    "services/offers/imports/report.py": "it has neither amounts nor times",
    "services/payouts/files/formats.py": "a bank's file in its currency: tests/services/payouts",
    "services/taxes/withheld.py": "for admins, in one currency: tests/resolvers/taxes",
}
ALL_PRICES = f"{{ products {{ facets {{ prices {{ currency count priceFrom {MONEY} }} }} }} }}"


class PricedVendor:
    """A vendor of everything, each for 10,000 minor units of its currency."""

    vendor: Vendor
    owner: User
    ids: dict[str, str]
    part: SubOrder
    starts_at: datetime

    @classmethod
    async def open(cls, world: World, currency: str) -> "PricedVendor":
        self, (country, zone, _) = cls(), PLACES[currency]
        self.owner = await world.user()
        self.vendor = vendor = await world.vendor(
            self.owner, country=country, time_zone=zone, currency=currency
        )
        placed = await world.placed_order(self.owner, [vendor])
        room = await world.resource(vendor)
        service = await world.service(vendor, room, price=100_00)
        start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
        booking = await world.booking(self.owner, service, start, room)
        event = await world.event(vendor)
        venue = await world.venue(vendor)
        date = await world.event_date(event, venue, starts_at=start)
        kind = await world.ticket_type(event)
        ticket = await world.ticket(self.owner, date, kind, currency=currency)
        self.starts_at, self.part = start, placed.suborders[0]
        self.ids = {
            "vendor": gid(vendor),
            "order": gid(placed.order),
            "booking": gid(booking),
            "event": gid(event),
            "date": gid(date),
            "ticket": gid(ticket),
        }
        return self

    async def ask(self, world: World, api: Client) -> dict[str, Any]:
        today = now().date()
        period = {
            "fromDay": f"{today - timedelta(days=1)}",
            "untilDay": f"{today + timedelta(days=1)}",
        }
        client = api.signed_in(self.owner)
        return await client.ask(OF_VENDOR, **self.ids, period=period)


def money(found: Any) -> Iterator[dict[str, Any]]:
    """Yield all amounts in an answer."""
    if isinstance(found, dict):
        if "amountMinor" in found:
            yield found
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from money(one)


@pytest.mark.parametrize("currency", PLACES)
async def test_all_amounts_and_times_are_of_the_vendor(
    world: World, api: Client, currency: str
) -> None:
    shops = {one: await PricedVendor.open(world, one) for one in PLACES}
    shop, (_, zone, hundred) = shops[currency], PLACES[currency]
    seen = await shop.ask(world, api)
    amounts = list(money(seen))
    assert len(amounts) >= 25
    assert {one["currency"] for one in amounts} == {currency}
    shown = {one["decimal"] for one in amounts if one["amountMinor"] == 100_00}
    assert shown == {hundred}
    local = f"{wall(shop.starts_at, zone):%Y-%m-%dT%H:%M}"
    for one in (seen["booking"], seen["ticket"]["eventDate"]):
        assert (one["localStart"], one["timeZone"]) == (local, zone)
    statement = seen["vendorStatement"]
    assert (statement["currency"], statement["timeZone"]) == (currency, zone)
    (day,) = seen["eventSales"]["byDay"]
    assert day["day"] in {f"{wall(now() - ago, zone):%Y-%m-%d}" for ago in AGO}
    rows = await rows_of(api, statement["csvUrl"])
    assert {"." in row["balance"] for row in rows} == {"." in hundred}
    assert {row["currency"] for row in rows} == {currency}
    assert all(is_local(row["time"], zone) for row in rows)
    await check_invariants(world.database)


@pytest.mark.parametrize(
    ("currency", "fiscal_year", "day"),
    [("USD", 2026, "2026-12-31"), ("INR", 2026, "2027-01-01"), ("JPY", 2027, "2027-01-01")],
)
async def test_invoices_are_numbered_on_the_day_of_the_vendor(
    world: World, currency: str, fiscal_year: int, day: str
) -> None:
    """At one moment, the year is over in Tokyo, not in New York, and goes on in India."""
    shop, (country, zone, _) = await PricedVendor.open(world, currency), PLACES[currency]
    issuer = Issuer(shop.vendor.id, country, zone)
    moment = datetime(2026, 12, 31, 19, 30, tzinfo=UTC)
    async with Transactions(world.database, Unheard()).begin() as session:
        numbered = await take_number(session, issuer, InvoiceKind.TAX_INVOICE, moment)
    assert (numbered.fiscal_year, f"{numbered.issued_on}") == (fiscal_year, day)
    part = format_fiscal_year(fiscal_year, country)
    assert part in numbered.number


@pytest.mark.parametrize("currency", PLACES)
async def test_all_exports_are_in_the_money_and_days_of_the_vendor(
    world: World, api: Client, currency: str
) -> None:
    shop, (_, zone, hundred) = await PricedVendor.open(world, currency), PLACES[currency]
    client = api.signed_in(shop.owner)
    async with Transactions(world.database, Unheard()).begin() as session:
        invoice = await issue_suborder(session, world.sealer, shop.part.id)
    assert invoice
    days = {"first": f"{invoice.issued_on}", "last": f"{invoice.issued_on}"}
    link = (await client.ask(EXPORT, id=shop.ids["vendor"], **days))["node"]["invoicesCsv"]
    (row,) = await rows_of(api, link["url"])
    assert row["issued_on"] in {f"{wall(now() - ago, zone):%Y-%m-%d}" for ago in AGO}
    assert (row["currency"], row["total"]) == (currency, decimal(invoice.total, currency))
    given = {"eventDateId": shop.ids["date"], "export": "SALES"}
    made = await client.do("exportEventDate", given, "link { url }")
    (row,) = await rows_of(api, made["link"]["url"])
    assert (row["price"], row["currency"]) == (hundred, currency)
    assert is_local(row["sold_at"], zone)
    made = await client.do("exportEventDate", given | {"export": "ATTENDEES"}, "link { url }")
    (row,) = await rows_of(api, made["link"]["url"])
    assert is_local(row["issued_at"], zone)


def test_all_files_of_rows_are_checked_here() -> None:
    """A new file belongs into one of the tests above, or into a list with the reason."""
    found = {
        str(path.relative_to(HOME))
        for folder in ("services", "jobs", "web")
        for path in (HOME / folder).rglob("*.py")
        if re.search(r"\b(CsvFile|csv\.writer)\(|csv_files import .*write_file", path.read_text())
    }
    assert found == CHECKED | ELSEWHERE.keys()


def is_local(time: str, zone: str) -> bool:
    """Return whether a time has the offset of a zone."""
    moment = datetime.fromisoformat(time)
    return moment.utcoffset() == moment.astimezone(ZoneInfo(zone)).utcoffset()


async def rows_of(api: Client, link: str) -> list[dict[str, str]]:
    url = urlsplit(link)
    file = await api.http.get(f"{url.path}?{url.query}")
    assert file.status_code == 200
    return [*csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))]


async def test_price_facets_do_not_mix_currencies(world: World, api: Client) -> None:
    for currency in PLACES:
        await PricedVendor.open(world, currency)
    prices = (await api.ask(ALL_PRICES))["products"]["facets"]["prices"]
    assert {one["currency"] for one in prices} == set(PLACES)
    for one in prices:
        assert one["priceFrom"]["currency"] == one["currency"]
    for currency in PLACES:
        assert sum(one["count"] for one in prices if one["currency"] == currency) == 1


async def test_members_of_one_vendor_see_no_amount_of_another(world: World, api: Client) -> None:
    tokyo, kolkata = [await PricedVendor.open(world, one) for one in ("JPY", "INR")]
    member = api.signed_in(await new_member(world, tokyo.vendor, MemberRole.OWNER))
    seen = await member.send(
        OF_VENDOR, **kolkata.ids, period={"fromDay": "2026-01-01", "untilDay": "2026-01-02"}
    )
    found = seen["data"]
    for private in ("order", "booking", "vendorBalance", "vendorStatement", "eventSales"):
        assert found is None or found[private] is None
