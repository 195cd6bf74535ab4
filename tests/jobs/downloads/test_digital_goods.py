"""Files and keys from the vendor to the buyer, with the jobs between them."""

from dataclasses import astuple
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.media.sandbox import mark_in_sandbox
from gateways.storage.base import ObjectStorage
from jobs import downloads
from jobs.context import WorkerContext
from jobs.privacy.erasures import Eraser
from models.catalog.products import Product, ProductState
from models.downloads.grants import Download, DownloadGrant, copies_prefix
from models.notifications.inbox import Notification, NotificationKind
from models.orders.states import OrderState, SubOrderState
from services.notifications.kinds import declared_kinds
from tests.client import Client, gid
from tests.factories.downloads import DigitalShop
from tests.factories.files import pdf, picture
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.jobs.conftest import Work

OWN = """{ downloads(first: 5) { nodes {
    id downloadState downloadsUsed downloadsLeft downloadableUntil
    file { fileName contentType watermark edition } line { title }
} } }"""
LINES = """query ($id: ID!) { order(id: $id) { suborders { state lines {
    shipped downloads { downloadState } licenseKeys { keyState licenseCode }
} } } }"""

WAITING = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'haat:mark_copy' AND status = 'todo'"
)


async def copies_of(objects: ObjectStorage, grant: DownloadGrant) -> list[str]:
    keys = await objects.list_keys("copies/")
    return [one for one in keys if one.startswith(copies_prefix(grant.id))]


async def notified(world: World) -> list[Notification]:
    rows = select(Notification).where(Notification.kind == NotificationKind.DOWNLOADS_READY)
    async with world.database.session() as session:
        return list((await session.exec(rows)).all())


async def test_a_file_is_sold_delivered_and_downloaded(
    world: World, api: Client, work: Work
) -> None:
    shop = await DigitalShop.open(world, api)
    file = picture("PNG", (60, 40))
    added = await shop.add(file, maxDownloads=2)
    assert added["errors"] == []
    await work()
    sale = await shop.sell()
    (part,) = await sale.buyer.parts()
    assert part.state is SubOrderState.CONFIRMED
    await work()
    (part,) = await sale.buyer.parts()
    assert (part.state, part.delivered_at is None) == (SubOrderState.DELIVERED, False)
    assert part.release_at is not None
    assert [one.subject_id for one in await notified(world)] == [part.order_id]
    (own,) = (await sale.client.ask(OWN))["downloads"]["nodes"]
    assert own["downloadState"] == "READY"
    assert (own["downloadsUsed"], own["downloadsLeft"]) == (0, 2)
    linked = await sale.link()
    assert (linked["errors"], linked["left"]) == ([], 2)
    whole = await api.http.get(linked["url"])
    assert (whole.status_code, whole.content) == (200, file)
    assert whole.headers["content-type"] == "image/png"
    assert "attachment" in whole.headers["content-disposition"]
    assert (await sale.grant()).used == 1
    await check_invariants(world.database)
    await check_books(world.database)


async def test_the_vendor_is_asked_to_accept_what_must_be_shipped_alone(
    world: World, api: Client, work: Work
) -> None:
    shop = await DigitalShop.open(world, api)
    await shop.add()
    await shop.sell()
    await world.shipping_rate(await world.shipping_zone(shop.vendor), bands=[[None, 0]])
    (shirt,) = await world.variants(await world.product(shop.vendor, price=shop.variant.price))
    await shop.sell(shop.variant, shirt)
    await work()
    rows = select(Notification).where(
        Notification.user_id == shop.owner.id, Notification.kind == NotificationKind.ORDER_RECEIVED
    )
    compose = declared_kinds()[NotificationKind.ORDER_RECEIVED].compose
    async with world.database.session() as session:
        received = (await session.exec(rows)).all()
        texts = [astuple(await compose(session, one, shop.owner)) for one in received]
    assert sorted("accept it" in str(one) for one in texts) == [False, True]


async def test_ranges_and_repeated_requests_of_one_link_count_once(
    world: World, api: Client
) -> None:
    shop = await DigitalShop.open(world, api)
    file = picture("PNG", (60, 40))
    await shop.add(file, maxDownloads=1)
    sale = await shop.sell()
    url = await sale.url()
    assert (await api.http.head(url)).status_code == 200
    assert (await sale.grant()).used == 0
    parts = [
        await api.http.get(url, headers={"Range": f"bytes={start}-{start + 9}"})
        for start in range(0, 40, 10)
    ]
    assert [part.status_code for part in parts] == [206] * 4
    assert b"".join(part.content for part in parts) == file[:40]
    assert (await sale.grant()).used == 1
    assert (await sale.link())["errors"][0]["code"] == "DOWNLOAD_LIMIT"
    async with world.database.session() as session:
        (attempt,) = (await session.exec(select(Download))).all()
    assert (attempt.requests, attempt.outcome) == (4, "SERVED")


async def test_marked_copies_are_made_for_each_buyer(world: World, api: Client, work: Work) -> None:
    shop = await DigitalShop.open(world, api)
    book, poster = pdf(), picture("JPEG", (400, 300), "white")
    for file, name in ((book, "a.pdf"), (poster, "b.jpg")):
        added = await shop.add(file, name, watermark=True)
        assert added["asset"]["assetState"] == "CHECKING"
    await work()
    sale = await shop.sell()
    grants = await sale.grants()
    refused = await sale.link(grants[0])
    assert [error["code"] for error in refused["errors"]] == ["DOWNLOAD_PREPARING"]
    assert refused["url"] is None
    assert await notified(world) == []
    await work()
    assert len(await notified(world)) == 1
    marked = [await api.http.get(await sale.url(grant)) for grant in grants]
    assert [one.status_code for one in marked] == [200, 200]
    with pikepdf.open(BytesIO(marked[0].content)) as document:
        assert "/XObject" in document.pages[0].resources
    with Image.open(BytesIO(marked[1].content)) as image:
        assert image.size == (400, 300)
        assert image.convert("L").getextrema() != (255, 255)


async def test_previews_are_public_and_small(world: World, api: Client, work: Work) -> None:
    shop = await DigitalShop.open(world, api)
    await shop.add(pdf(), "a.pdf")
    await shop.add(picture("JPEG", (2000, 1000)), "b.jpg")
    await shop.add(picture("JPEG"), "c.jpg", preview=False)
    await work()
    query = "query ($id: ID!) { node(id: $id) { ... on Variant { files { previewUrl } } } }"
    files = (await api.ask(query, id=gid(shop.variant)))["node"]["files"]
    urls = [file["previewUrl"] for file in files]
    assert [url is None for url in urls] == [False, False, True]
    shown = await api.http.get(urls[1])
    with Image.open(BytesIO(shown.content)) as image:
        assert image.size == (480, 240)


async def test_a_file_that_cannot_be_marked_is_sold_no_more_and_stops_no_worker(
    world: World, api: Client, work: Work
) -> None:
    """Buyers of before get it without a mark."""
    shop = await DigitalShop.open(world, api)
    added = await shop.add(picture("PNG", (6000, 5000)), watermark=True)
    sale = await shop.sell()
    await work()
    seen = await shop.seller.ask(
        "query ($id: ID!) { node(id: $id) { ... on DigitalAsset { assetState previewUrl } } }",
        id=added["asset"]["id"],
    )
    assert seen["node"] == {"assetState": "FAILED", "previewUrl": None}
    async with world.database.session() as session:
        product = await session.get_one(Product, shop.variant.product_id)
    assert product.state is ProductState.HIDDEN
    assert (await api.http.get(await sale.url())).status_code == 200


async def test_a_replaced_file_reaches_those_who_have_it(
    world: World, api: Client, work: Work
) -> None:
    shop = await DigitalShop.open(world, api)
    added = await shop.add(picture("PNG"), watermark=True)
    await work()
    sale = await shop.sell()
    await work()
    url = await sale.url()
    second = picture("PNG", (90, 20))
    input = {"assetId": added["asset"]["id"], "uploadId": await shop.upload(second)}
    replaced = await shop.seller.do("replaceDigitalAsset", input, "asset { edition assetState }")
    assert replaced == {"asset": {"edition": 2, "assetState": "CHECKING"}, "errors": []}
    for _ in range(3):
        assert (await api.http.get(url)).status_code == 503
    async with world.database.session() as session:
        assert await session.scalar(WAITING) == 1, "who asks again makes no more work"
    await work()
    with Image.open(BytesIO((await api.http.get(url)).content)) as image:
        assert image.size == (90, 20)
    assert (await sale.grant()).used == 1


@pytest.mark.parametrize("end", ["erased", "revoked"])
async def test_a_copy_that_is_made_while_its_right_ends_is_removed(
    world: World,
    api: Client,
    work: Work,
    worker_context: WorkerContext,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    """It has the name and the address of the buyer. A link from before is refused."""
    shop = await DigitalShop.open(world, api)
    await shop.add(picture("PNG", (60, 40)), watermark=True)
    await work()
    sale = await shop.sell()
    await work()
    grant, url = await sale.grant(), await sale.url()
    objects, mark = worker_context.objects, mark_in_sandbox
    assert await copies_of(objects, grant) != []
    await objects.remove(copies_prefix(grant.id))  # it is lost, and made again

    async def end_and_mark(file: bytes, line: str) -> bytes:
        if end == "erased":
            eraser = Eraser(worker_context.transactions.begin, objects)
            await eraser.erase(sale.buyer.user.id, now())
        else:
            given = {"grantId": gid(grant), "idempotencyKey": "end"}
            assert await shop.seller.refusal_codes("revokeDownload", given) == []
        return await mark(file, line)

    monkeypatch.setattr(downloads, "mark_in_sandbox", end_and_mark)
    assert (await api.http.get(url)).status_code == 503
    await work()
    assert await copies_of(objects, grant) == []
    assert (await api.http.get(url)).status_code in {404, 410}


async def test_keys_are_handed_out_one_for_each_unit(world: World, api: Client, work: Work) -> None:
    shop = await DigitalShop.open(world, api, tracks_stock=True)
    imported = await shop.import_keys("AAA-1", "AAA-2", "AAA-3")
    assert imported == {"variant": {"orderable": 3}, "errors": []}
    sale = await shop.sell(quantity=2)
    await work()
    seen = await sale.client.ask(LINES, id=gid(await sale.order()))
    (part,) = seen["order"]["suborders"]
    (line,) = part["lines"]
    assert (part["state"], line["shipped"]) == ("DELIVERED", 2)
    codes = [key["licenseCode"] for key in line["licenseKeys"]]
    assert sorted(codes) == ["AAA-1", "AAA-2"]
    assert len(await notified(world)) == 1
    stock = await world.stock(shop.variant)
    assert (stock.on_hand, stock.reserved) == (1, 0)
    await check_invariants(world.database)


async def test_a_part_with_goods_waits_for_its_parcel(
    world: World, api: Client, work: Work
) -> None:
    shop = await DigitalShop.open(world, api)
    await shop.add()
    mug = (await world.variants(await world.product(shop.vendor)))[0]
    await world.shipping_rate(await world.shipping_zone(shop.vendor), bands=[[None, 0]])
    sale = await shop.sell(shop.variant, mug)
    await work()
    (part,) = await sale.buyer.parts()
    assert part.state is SubOrderState.CONFIRMED
    shipped = {line.ref_id: line.shipped for line in await sale.lines()}
    assert shipped == {shop.variant.id: 1, mug.id: 0}
    cancelled = await sale.client.do(
        "cancelOrder",
        {"orderId": gid(await sale.order()), "idempotencyKey": "one"},
        "order { state }",
    )
    assert cancelled["errors"] == []
    (part,) = await sale.buyer.parts()
    assert part.state is SubOrderState.DELIVERED
    assert (await sale.grant()).revoked_at is None
    assert (await sale.order()).state is OrderState.CONFIRMED
    await check_invariants(world.database)


def test_the_page_of_the_test_file_can_be_drawn() -> None:
    """Guards the tests above: an unreadable file would be refused for another reason."""
    assert len(pypdfium2.PdfDocument(pdf())) == 1
