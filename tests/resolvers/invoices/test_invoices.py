"""Lists of invoices, and single ones, as those who may and may not see them."""

from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.invoices.invoices import MAX_COPIES
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.invoices.issued import IssuedInvoice

FIELDS = """id number invoiceKind invoiceState issuedOn currency issuer { id } order { id }
    taxable { amountMinor } tax { amountMinor } rounding { amountMinor } total { amountMinor }
    taxes { component bps taxable { amountMinor } tax { amountMinor } }
    seller { name lines country taxId } buyer { name lines } corrects { id }"""
LIST = f"query Q($where: InvoiceWhere) {{ invoices(where: $where) {{ nodes {{ {FIELDS} }} }} }}"
NODE = f"query Q($id: ID!) {{ node(id: $id) {{ ... on Invoice {{ {FIELDS} }} }} }}"
OF_ORDER = """query Q($id: ID!) { node(id: $id) {
    ... on Order { invoices { id } suborders { invoices { id } } }
    ... on SubOrder { invoices { id } } } }"""


async def listed(client: Client, **where: Any) -> list[str]:
    found = await client.ask(LIST, where=where)
    return [node["id"] for node in found["invoices"]["nodes"]]


async def test_an_invoice_shows_the_stored_amounts(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    part, lines = issued.sale.part, issued.sale.placed.lines_of(issued.sale.part)
    (found,) = (await issued.sale.buyer.ask(LIST))["invoices"]["nodes"]
    assert found["id"] == gid(issued.invoice)
    assert found["number"] == issued.invoice.number
    assert (found["invoiceKind"], found["invoiceState"]) == ("TAX_INVOICE", "RENDERED")
    assert int(found["total"]["amountMinor"]) == part.total
    tax = sum(line.tax for line in lines)
    (rate,) = found["taxes"]
    assert (rate["component"], rate["bps"]) == ("IGST", 500)
    assert int(rate["tax"]["amountMinor"]) == int(found["tax"]["amountMinor"]) == tax
    assert found["issuer"]["id"] == gid(issued.sale.vendor)
    assert found["order"]["id"] == gid(issued.sale.placed.order)
    assert found["seller"]["name"] == issued.sale.vendor.name
    assert found["buyer"]["lines"][0] == "Asha Rao"
    assert found["corrects"] is None


async def test_who_sees_an_invoice(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    id, vendor = gid(issued.invoice), gid(issued.sale.vendor)
    for name, user in (await issued.insiders()).items():
        client = api.signed_in(user)
        assert (await client.ask(NODE, id=id))["node"]["id"] == id, name
        assert await listed(client, **({} if name == "the buyer" else {"vendorId": vendor})) == [id]
    for name, user in (await issued.outsiders()).items():
        client = api.signed_in(user)
        assert (await client.ask(NODE, id=id))["node"] is None, name
        assert await listed(client) == [], name
        assert await listed(client, vendorId=vendor) == [], name
    assert (await api.ask(NODE, id=id))["node"] is None
    assert await api.failed(LIST) == ["UNAUTHENTICATED"]


async def test_the_list_without_a_vendor_is_the_buyers_own(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    assert await listed(api.signed_in(issued.manager)) == []
    assert await listed(issued.sale.buyer, vendorId=gid(issued.sale.vendor)) == []
    assert await listed(api.signed_in(await world.admin())) == [gid(issued.invoice)]


async def test_conditions_of_the_list(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    client, id, moment = issued.sale.buyer, gid(issued.invoice), now().isoformat()
    hits: list[dict[str, Any]] = [
        {"kind": "TAX_INVOICE"},
        {"number": f" {issued.invoice.number.lower()} "},
        {"issuedBefore": moment},
        {"issuedFrom": issued.invoice.created_at.isoformat()},
    ]
    for where in hits:
        assert await listed(client, **where) == [id], where
    misses: list[dict[str, Any]] = [
        {"kind": "CREDIT_NOTE"},
        {"number": "INV/2627/999999"},
        {"issuedFrom": moment},
        {"issuedBefore": issued.invoice.created_at.isoformat()},
    ]
    for where in misses:
        assert await listed(client, **where) == [], where


async def test_invoices_of_an_order_and_of_a_part(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    id = {"id": gid(issued.invoice)}
    order = (await issued.sale.buyer.ask(OF_ORDER, id=gid(issued.sale.placed.order)))["node"]
    assert order == {"invoices": [id], "suborders": [{"invoices": [id]}, {"invoices": []}]}
    manager = api.signed_in(issued.manager)
    part = {"id": gid(issued.sale.part)}
    assert (await manager.ask(OF_ORDER, **part))["node"] == {"invoices": [id]}
    assert (await issued.sale.seller.ask(OF_ORDER, **part))["node"] == {"invoices": []}


async def sent(world: World) -> list[Notification]:
    kind = NotificationKind.INVOICE_ISSUED
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.kind == kind)
        return list((await session.exec(rows)).all())


def sending(issued: IssuedInvoice, key: str = "one") -> dict[str, Any]:
    return {"invoiceId": gid(issued.invoice), "idempotencyKey": key}


async def test_send_invoice_to_the_viewers_own_address(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api)
    for _ in range(2):
        assert await issued.sale.buyer.refusal_codes("sendInvoice", sending(issued)) == []
    (copy,) = await sent(world)
    assert (copy.user_id, copy.subject_id) == (issued.sale.user.id, issued.invoice.id)
    manager = api.signed_in(issued.manager)
    assert await manager.refusal_codes("sendInvoice", sending(issued)) == []
    assert {one.user_id for one in await sent(world)} == {issued.sale.user.id, issued.manager.id}


async def test_send_invoice_at_most_so_many_times(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_COPIES == 10
    monkeypatch.setattr("services.invoices.sending.MAX_COPIES", 2)
    issued = await IssuedInvoice.make(world, api)
    buyer = issued.sale.buyer
    codes = [await buyer.refusal_codes("sendInvoice", sending(issued, key)) for key in "abc"]
    assert codes == [[], [], ["INVOICE_COPIES_USED_UP"]]
    assert [one.up_to_sequence for one in await sent(world)] == [1, 2]


async def test_send_invoice_as_others_and_too_early(world: World, api: Client) -> None:
    issued = await IssuedInvoice.make(world, api, rendered=False)
    assert await api.mutation_failed("sendInvoice", sending(issued)) == ["UNAUTHENTICATED"]
    for name, user in (await issued.outsiders()).items():
        codes = await api.signed_in(user).refusal_codes("sendInvoice", sending(issued))
        assert codes == ["NOT_FOUND"], name
    buyer = issued.sale.buyer
    assert await buyer.refusal_codes("sendInvoice", sending(issued)) == ["INVOICE_NOT_READY"]
    missing = {"invoiceId": unknown("Invoice"), "idempotencyKey": "x"}
    assert await buyer.refusal_codes("sendInvoice", missing) == ["NOT_FOUND"]
    await issued.render()
    silent = await world.user(email=None, password_hash=None)
    await world.member(issued.sale.vendor, silent, MemberRole.OWNER)
    codes = await api.signed_in(silent).refusal_codes("sendInvoice", sending(issued))
    assert codes == ["EMAIL_NEEDED"]
    assert await sent(world) == []
