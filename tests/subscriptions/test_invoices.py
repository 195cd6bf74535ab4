"""Invoices that buyers and the managers of vendors follow live, and that others do not."""

from typing import Any

import pytest

from models.invoices.invoices import Invoice
from models.vendors import MemberRole
from services.invoices.content.suborders import issue_suborder
from services.invoices.pdf.rendering import finish
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.orders.handling import SoldOrder
from tests.subscriptions.conftest import Shop

FIELDS = "cursor invoice { id invoiceState pdf { url } }"
MINE = f"subscription ($after: String) {{ invoiceChanges(after: $after) {{ {FIELDS} }} }}"
OF_VENDOR = f"""subscription ($vendorId: ID!, $after: String) {{
  vendorInvoiceChanges(vendorId: $vendorId, after: $after) {{ {FIELDS} }} }}"""


async def follow(shop: Shop, user: Any, query: str, **variables: Any) -> Any:
    return await shop._subscribe(tokens=[shop.token(user)], query=query, variables=variables)


async def issue(shop: Shop, world: World, sale: SoldOrder) -> Invoice:
    """Issue the invoice of the first part, and note that its PDF is stored."""
    async with shop.entries() as session:
        invoice = await issue_suborder(session, world.sealer, sale.part.id)
    assert invoice
    async with shop.entries() as session:
        await finish(session, invoice.id, b"0" * 32)
    return invoice


async def test_an_invoice_is_followed_from_its_issue_to_its_pdf(shop: Shop, world: World) -> None:
    sale = await SoldOrder.make(world, shop.api)
    manager = await new_member(world, sale.vendor, MemberRole.MANAGER)
    stranger = await world.user()
    topics = {user.id: f"user:{user.id}" for user in (sale.user, stranger)}
    after = {id: await shop.cursor(topic) for id, topic in topics.items()}
    at_vendor = await shop.cursor(f"vendor:{sale.vendor.id}")
    invoice = await issue(shop, world, sale)
    mine = await follow(shop, sale.user, MINE, after=after[sale.user.id])
    theirs = await follow(shop, manager, OF_VENDOR, vendorId=gid(sale.vendor), after=at_vendor)
    other = await follow(shop, stranger, MINE, after=after[stranger.id])
    await other.connected()
    for changes in (await mine.received(2), await theirs.received(2)):
        assert {one["invoice"]["id"] for one in changes} == {gid(invoice)}
        assert changes[-1]["invoice"]["invoiceState"] == "RENDERED"
        assert changes[-1]["invoice"]["pdf"]["url"]
    assert mine.changes[-1]["invoice"]["pdf"] != theirs.changes[-1]["invoice"]["pdf"]
    assert other.changes == []


@pytest.mark.parametrize("role", [MemberRole.STAFF, MemberRole.SCANNER, None])
async def test_others_do_not_follow_the_invoices_of_a_vendor(
    shop: Shop, world: World, role: MemberRole | None
) -> None:
    user = await new_member(world, shop.vendor, role) if role else shop.customer
    after = await shop.cursor(shop.topic)
    subscriber = await follow(shop, user, OF_VENDOR, vendorId=gid(shop.vendor), after=after)
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
