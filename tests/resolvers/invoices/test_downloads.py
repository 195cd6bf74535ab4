"""Links to invoices, and what they return to whom; and the page that confirms a code."""

import csv
import time
from io import StringIO
from typing import Any

import pytest
from sqlmodel import col, delete

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.storage.factory import create_storage
from models.vendors import VendorMember
from services.invoices.export import COLUMNS
from services.invoices.links import PDF_PATH, InvoiceLink
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.invoices.issued import PDF, IssuedInvoice, download

LINK = """query Q($id: ID!, $seconds: Int! = 600) { node(id: $id) {
    ... on Invoice { pdf(expiresIn: $seconds) { url expiresAt } } } }"""
EXPORT = """query Q($id: ID!, $first: Date!, $last: Date!) { node(id: $id) {
    ... on Vendor { invoicesCsv(fromDay: $first, untilDay: $last) { url expiresAt } } } }"""


async def link_of(client: Client, issued: IssuedInvoice, **values: Any) -> str:
    found = await client.ask(LINK, id=gid(issued.invoice), **values)
    url: str = found["node"]["pdf"]["url"]
    return url


async def test_the_pdf_is_for_those_who_see_the_invoice(
    world: World, api: Client, settings: Settings, keys: SigningKeys
) -> None:
    issued = await IssuedInvoice.make(world, api)
    await issued.store(create_storage(settings, keys))
    for name, user in (await issued.insiders()).items():
        response = await download(api, await link_of(api.signed_in(user), issued))
        assert (response.status_code, response.content) == (200, PDF), name
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
    name = issued.invoice.number.replace("/", "-")
    assert response.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}.pdf"


async def test_rights_are_checked_again_at_the_download(
    world: World, api: Client, settings: Settings, keys: SigningKeys
) -> None:
    issued = await IssuedInvoice.make(world, api)
    await issued.store(create_storage(settings, keys))
    link = await link_of(api.signed_in(issued.manager), issued)
    async with world.database.session() as session, session.begin():
        left = col(VendorMember.user_id) == issued.manager.id
        await session.execute(delete(VendorMember).where(left))
    assert (await download(api, link)).status_code == 404


async def test_links_that_are_wrong_or_over(
    world: World, api: Client, settings: Settings, keys: SigningKeys
) -> None:
    issued = await IssuedInvoice.make(world, api)
    stranger = await world.user()
    others = InvoiceLink(issued.invoice.id, stranger.id).sign(keys)
    assert (await download(api, f"{settings.address}{others.under(PDF_PATH)}")).status_code == 404
    over = InvoiceLink(issued.invoice.id, issued.sale.user.id).sign(keys, -1)
    paper = keys.sign_link({"method": "PAPER", "user": "00"}, int(time.time()) + 60)
    ended = over.under(PDF_PATH)
    for link in (ended, "/invoices/pdf", "/invoices/pdf?link=x", f"/invoices/pdf?link={paper}"):
        assert (await download(api, f"{settings.address}{link}")).status_code == 403, link
    pdf = keys.sign_link({"method": "INVOICE"}, int(time.time()) + 60)
    assert (await download(api, f"{settings.address}/invoices/csv?link={pdf}")).status_code == 403


async def test_a_file_that_is_lost_or_changed_is_not_sent(
    world: World, api: Client, settings: Settings, keys: SigningKeys
) -> None:
    issued = await IssuedInvoice.make(world, api)
    link = await link_of(issued.sale.buyer, issued)
    assert (await download(api, link)).status_code == 503
    await issued.store(create_storage(settings, keys), PDF + b" that someone changed")
    assert (await download(api, link)).status_code == 503


@pytest.mark.parametrize(("wanted", "given"), [(1, 60), (600, 600), (10**6, 3600)])
async def test_a_link_works_for_so_long(
    world: World, api: Client, keys: SigningKeys, wanted: int, given: int
) -> None:
    issued = await IssuedInvoice.make(world, api)
    before = int(time.time())
    url = await link_of(issued.sale.buyer, issued, seconds=wanted)
    claims = keys.read_link(url.partition("?link=")[2])
    assert given <= claims["exp"] - before <= given + 5


async def test_there_is_no_link_before_the_pdf(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api, rendered=False)
    found = await issued.sale.buyer.ask(LINK, id=gid(issued.invoice))
    assert found["node"] == {"pdf": None}


async def test_the_invoices_of_a_period_as_csv(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    day = issued.invoice.issued_on.isoformat()
    vendor = gid(issued.sale.vendor)
    period = {"id": vendor, "first": day, "last": day}
    client = api.signed_in(issued.manager)
    url = (await client.ask(EXPORT, **period))["node"]["invoicesCsv"]["url"]
    response = await download(api, url)
    assert response.headers["content-type"].startswith("text/csv")
    (head, row) = csv.reader(StringIO(response.content.decode("utf-8-sig")))
    assert head == list(COLUMNS)
    cells = dict(zip(head, row, strict=True))
    assert cells["number"] == issued.invoice.number
    assert cells["igst"] == f"{issued.invoice.tax / 100:.2f}"
    assert cells["total"] == f"{issued.invoice.total / 100:.2f}"
    assert cells["place_of_supply"] == "Karnataka (29)"
    early = (await client.ask(EXPORT, id=vendor, first="2020-01-01", last="2020-12-31"))["node"]
    assert (await download(api, early["invoicesCsv"]["url"])).text.count("\n") == 1
    long = {"id": vendor, "first": "2020-01-01", "last": "2021-01-01"}
    assert await client.failed(EXPORT, **long) == ["BAD_USER_INPUT"]
    for name, user in (await issued.outsiders()).items():
        assert await api.signed_in(user).failed(EXPORT, **period) == ["FORBIDDEN"], name
    assert await api.failed(EXPORT, **period) == ["UNAUTHENTICATED"]
    async with world.database.session() as session, session.begin():
        left = col(VendorMember.user_id) == issued.manager.id
        await session.execute(delete(VendorMember).where(left))
    assert (await download(api, url)).status_code == 404


async def test_everybody_with_the_code_can_check_an_invoice(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api, rendered=False)
    path = f"/invoices/{issued.invoice.code}"
    response = await api.http.get(path)
    assert response.status_code == 200
    shown = response.text
    assert issued.invoice.number in shown
    assert issued.sale.vendor.name in shown
    assert "Asha" not in shown, "nothing about the buyer"
    hindi = await api.http.get(path, headers={"Accept-Language": "hi"})
    assert "बीजक" in hindi.text
    assert (await api.http.get("/invoices/000000000000")).status_code == 404
