"""Links to labels and packing slips, and what they return to whom."""

import time
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pypdfium2
import pytest
import zxingcpp
from sqlmodel import col, delete

from core.security.signing_keys import SigningKeys
from models.orders.orders import SubOrder
from models.vendors import VendorMember
from services.shipments.paper_links import PaperKind, PaperLink
from services.shipments.printing import read_paper
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.orders.handling import SoldOrder
from tests.resolvers.shipments.parcels import Parcels

PAPERS = """query Q($id: ID!) { node(id: $id) { ... on SubOrder {
    shipments { labelUrl packingSlipUrl } } } }"""


async def papers(client: Client, sale: SoldOrder) -> dict[str, str | None]:
    found = await client.ask(PAPERS, id=gid(sale.part))
    links: dict[str, str | None] = found["node"]["shipments"][0]
    return links


async def download(client: Client, link: str | None) -> httpx.Response:
    """Follow a link without a token: a browser sends none."""
    assert link
    url = urlsplit(link)
    return await client.http.get(f"{url.path}?{url.query}")


def shipment_of(keys: SigningKeys, link: str | None) -> UUID:
    assert link
    return PaperLink.read(keys, link.partition("?link=")[2]).shipment_id


async def test_a_member_downloads_the_papers_of_a_parcel(
    world: World, api: Client, keys: SigningKeys
) -> None:
    sale = await SoldOrder.make(world, api)
    await Parcels(sale).shipped(1, carrier="Blue Dart", trackingNumber="BD123456789")
    links = await papers(sale.seller, sale)
    label = await download(api, links["labelUrl"])
    assert (label.status_code, label.headers["content-type"]) == (200, "application/pdf")
    assert label.headers["cache-control"] == "private, no-store"
    assert label.headers["x-content-type-options"] == "nosniff"
    assert label.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert label.headers["content-disposition"].startswith("attachment")
    picture = pypdfium2.PdfDocument(label.content)[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["BD123456789"]
    slip = await download(api, links["packingSlipUrl"])
    assert (slip.status_code, slip.content[:5]) == (200, b"%PDF-")
    id, viewer = shipment_of(keys, links["packingSlipUrl"]), Viewer(sale.staff.id)
    async with world.database.session() as session:
        paper = await read_paper(session, world.sealer, viewer, id, label=False)
    assert (paper.order_number, paper.number, paper.parcels) == (sale.placed.order.number, 1, 1)
    assert (paper.sender[0], paper.recipient[0]) == (sale.vendor.name, "Asha Rao")
    assert "560001" in str(paper.recipient)
    assert paper.phone == "+919800000001"
    (line,) = paper.lines
    assert (line.quantity, line.title) == (1, next(iter(sale.line.title.values())))
    assert (sale.line.sku or "") in line.detail


async def test_papers_are_for_members_who_change_orders(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    id = await Parcels(sale).shipped(1)
    admin = (await sale.outsiders())["an admin"]
    for user in (sale.user, admin):
        links = await papers(api.signed_in(user), sale)
        assert links == {"labelUrl": None, "packingSlipUrl": None}
    node = "query Q($id: ID!) { node(id: $id) { ... on Shipment { labelUrl } } }"
    assert (await api.ask(node, id=id))["node"] is None


async def test_rights_are_checked_again_at_the_download(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    await Parcels(sale).shipped(1)
    links = await papers(sale.seller, sale)
    async with world.database.session() as session, session.begin():
        left = col(VendorMember.user_id) == sale.staff.id
        await session.execute(delete(VendorMember).where(left))
    for link in links.values():
        assert (await download(api, link)).status_code == 404


async def test_a_pick_up_has_no_label_and_no_street(
    world: World, api: Client, keys: SigningKeys
) -> None:
    sale = await SoldOrder.make(world, api)
    await Parcels(sale).shipped(1)
    before = await papers(sale.seller, sale)
    async with world.database.session() as session, session.begin():
        (await session.get_one(SubOrder, sale.part.id)).is_pickup = True
    links = await papers(sale.seller, sale)
    assert links["labelUrl"] is None
    assert (await download(api, before["labelUrl"])).status_code == 404
    assert (await download(api, links["packingSlipUrl"])).status_code == 200
    id, viewer = shipment_of(keys, links["packingSlipUrl"]), Viewer(sale.staff.id)
    async with world.database.session() as session:
        paper = await read_paper(session, world.sealer, viewer, id, label=False)
    assert (paper.recipient, paper.phone) == (["Asha Rao"], "+919800000001")


async def test_papers_of_what_is_not_delivered_have_no_address(
    world: World, api: Client, keys: SigningKeys
) -> None:
    """The address of the order is for the parcel of another vendor."""
    sale = await SoldOrder.make(world, api)
    await Parcels(sale).shipped(1)
    links = await papers(sale.seller, sale)
    async with world.database.session() as session, session.begin():
        (await session.get_one(SubOrder, sale.part.id)).rate_name = None
    assert (await download(api, links["labelUrl"])).status_code == 404
    assert (await download(api, links["packingSlipUrl"])).status_code == 200
    id, viewer = shipment_of(keys, links["packingSlipUrl"]), Viewer(sale.staff.id)
    async with world.database.session() as session:
        paper = await read_paper(session, world.sealer, viewer, id, label=False)
    assert (paper.recipient, paper.phone, paper.instructions) == ([], None, None)


async def test_wrong_links(
    world: World, api: Client, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await SoldOrder.make(world, api)
    await Parcels(sale).shipped(1)
    good = (await papers(sale.seller, sale))["labelUrl"] or ""
    address, _, token = good.partition("?link=")
    other = keys.sign_link({"method": "GET", "key": "a/b"}, int(time.time()) + 60)
    shipment = shipment_of(keys, good)
    monkeypatch.setattr("services.shipments.paper_links.LINK_SECONDS", -1)
    expired = PaperLink(PaperKind.LABEL, shipment, sale.staff.id).sign(keys).token
    for wrong in ("", "x", other, expired, token[:-4] + "AAAA", token.replace(".", ".A", 1)):
        assert (await download(api, f"{address}?link={wrong}")).status_code == 403, wrong
    assert (await api.http.get(f"/objects?link={token}")).status_code == 403
