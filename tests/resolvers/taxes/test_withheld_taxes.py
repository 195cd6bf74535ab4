"""Taxes that were kept from vendors, as CSV for admins."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from sqlmodel import col, update

from core.clock import now
from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role, User
from models.ledger.account_statements import DateRange
from models.pricing.deductions import DeductionRates
from services.taxes.links import PATH, WithheldLink
from services.taxes.withheld import COLUMNS, SUMS
from tests.client import Client
from tests.factories.taxes import GSTIN
from tests.factories.world import World
from tests.resolvers.invoices.issued import download
from tests.resolvers.orders.handling import SoldOrder

LINK = """query ($period: PeriodInput!, $currency: CurrencyCode! = "INR") {
  withheldTaxesCsv(currency: $currency, period: $period) { url expiresAt } }"""
RATES = DeductionRates(1_000, 1_800, 50, 10)


def days(first: int = -1, last: int = 1) -> dict[str, str]:
    """Return a period by the days from today."""
    today = now().date()
    return {
        "fromDay": (today + timedelta(days=first)).isoformat(),
        "untilDay": (today + timedelta(days=last)).isoformat(),
    }


async def rows(admin: Client, api: Client, **given: Any) -> list[dict[str, str]]:
    link = (await admin.ask(LINK, **{"period": days()} | given))["withheldTaxesCsv"]["url"]
    response = await download(api, link)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-store"
    reader = csv.DictReader(StringIO(response.content.decode("utf-8-sig")))
    found = list(reader)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return found


def money(minor: int) -> Decimal:
    return Decimal(minor) / 100


async def test_what_was_kept_and_what_went_back(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    sale = await SoldOrder.make(world, api, rates=RATES)
    await world.tax_registration(sale.vendor)
    parts = {part.vendor_id: part for part in sale.placed.suborders}
    found = {row["vendor"]: row for row in await rows(admin, api)}
    assert len(found) == len(parts)
    row = found[sale.vendor.name]
    lines = sale.placed.lines_of(sale.part)
    supplies = money(sum(line.taxable for line in lines))
    assert (row["tax_numbers"], row["currency"]) == (GSTIN, "INR")
    assert {name: Decimal(row[name]) for name in SUMS} == {
        "supplies": supplies,
        "supplies_returned": 0,
        "taxed_supplies": supplies,
        "taxed_supplies_returned": 0,
        "tcs": money(sale.part.tcs),
        "tcs_returned": 0,
        "tds": money(sale.part.tds),
        "tds_returned": 0,
    }
    await sale.ship()
    assert await sale.seller.refusal_codes("grantRefund", sale.chosen(1)) == []
    row = {one["vendor"]: one for one in await rows(admin, api)}[sale.vendor.name]
    line, half = sale.line, sale.line.quantity
    assert half == 2, "the shares are those of one of two units"
    returned = money(line.taxable // 2), money(line.tcs // 2), money(line.tds // 2)
    columns = ("supplies_returned", "tcs_returned", "tds_returned")
    assert tuple(Decimal(row[name]) for name in columns) == returned
    assert row["taxed_supplies_returned"] == row["supplies_returned"]
    assert Decimal(row["tcs"]) == money(sale.part.tcs)
    assert await rows(admin, api, currency="EUR") == []
    assert await rows(admin, api, period=days(-40, -10)) == []


async def test_sales_without_withheld_taxes_are_left_out(world: World, api: Client) -> None:
    await SoldOrder.make(world, api)
    assert await rows(api.signed_in(await world.admin()), api) == []


async def test_the_report_is_for_admins(world: World, api: Client, keys: SigningKeys) -> None:
    sale = await SoldOrder.make(world, api, rates=RATES)
    assert await api.failed(LINK, period=days()) == ["UNAUTHENTICATED"]
    for client in (sale.buyer, sale.seller):
        assert await client.failed(LINK, period=days()) == ["FORBIDDEN"]
    today = now().date()
    link = WithheldLink(sale.user.id, "INR", DateRange(today, today)).sign(keys)
    assert (await download(api, f"https://x/{link.under(PATH)[1:]}")).status_code == 404
    assert (await api.http.get(f"{PATH}?link=nobody")).status_code == 403


async def test_rights_are_checked_again_at_the_download(world: World, api: Client) -> None:
    admin = await world.admin()
    link = (await api.signed_in(admin).ask(LINK, period=days()))["withheldTaxesCsv"]["url"]
    async with world.database.session() as session, session.begin():
        await session.execute(update(User).where(col(User.id) == admin.id).values(role=Role.USER))
    assert (await download(api, link)).status_code == 404


@pytest.mark.parametrize(("first", "last"), [(1, 0), (-366, 0)])
async def test_periods_that_are_refused(world: World, api: Client, first: int, last: int) -> None:
    admin = api.signed_in(await world.admin())
    assert await admin.failed(LINK, period=days(first, last)) == ["INVALID_INPUT"]
