"""Products and stock that members follow live."""

from typing import Any

from core.ids import new_id
from models.catalog.imports import ProductImport
from models.catalog.products import ProductState
from models.vendors import MemberRole
from services.catalog.imports import imports, results
from services.catalog.imports.files import read_file
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

PRODUCTS = """subscription ($vendorId: ID!, $after: String) {
  productChanges(vendorId: $vendorId, after: $after) { cursor product { id state } }
}"""
STOCK = """subscription ($vendorId: ID!, $after: String) {
  stockChanges(vendorId: $vendorId, after: $after) {
    cursor stock { onHand available variant { sku orderable } }
  }
}"""
IMPORTS = """subscription ($vendorId: ID!, $after: String) {
  productImportChanges(vendorId: $vendorId, after: $after) {
    cursor productImport { id state rowCount created results { totalCount } }
  }
}"""
LISTED = """query ($id: ID!) { vendor(id: $id) {
  productImports { changesAfter nodes { id state } }
} }"""


async def follow(shop: Shop, user: Any, query: str, after: str = "", **more: Any) -> Any:
    after = after or await shop.cursor(shop.topic)
    variables = {"vendorId": gid(shop.vendor), "after": after}
    return await shop._subscribe(
        tokens=[shop.token(user)], query=query, variables=variables, **more
    )


async def test_members_follow_products_and_resume(shop: Shop, world: World) -> None:
    product = await world.product(shop.vendor, state=ProductState.DRAFT)
    staff, owner = (
        await new_member(world, shop.vendor, MemberRole.STAFF),
        shop.api.signed_in(shop.owner),
    )
    subscriber = await follow(shop, staff, PRODUCTS)
    await subscriber.connected()
    given = {"productId": gid(product)}
    await owner.do("publishProduct", given)
    (published,) = await subscriber.received(1)
    assert published["product"] == {"id": gid(product), "state": "PUBLISHED"}
    await subscriber.stop()
    await owner.do("hideProduct", given)
    resumed = await follow(shop, staff, PRODUCTS, published["cursor"])
    (hidden,) = await resumed.received(1)
    assert hidden["product"]["state"] == "HIDDEN"


async def test_members_follow_stock_and_resume(shop: Shop, world: World) -> None:
    (variant,) = await world.variants(await world.product(shop.vendor))
    owner = shop.api.signed_in(shop.owner)
    subscriber = await follow(shop, shop.owner, STOCK)
    await subscriber.connected()
    given = {"variantId": gid(variant), "quantity": 4, "idempotencyKey": "first"}
    await owner.do("writeOffStock", given)
    (change,) = await subscriber.received(1)
    assert change["stock"] == {
        "onHand": 6,
        "available": 6,
        "variant": {"sku": variant.sku, "orderable": 6},
    }
    await subscriber.stop()
    await owner.do("writeOffStock", given | {"idempotencyKey": "second"})
    resumed = await follow(shop, shop.owner, STOCK, change["cursor"])
    (later,) = await resumed.received(1)
    assert later["stock"]["onHand"] == 2


async def test_managers_follow_imports_from_the_list(shop: Shop, world: World) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    imported = ProductImport(
        vendor_id=shop.vendor.id, user_id=manager.id, upload_id=new_id(), dry_run=False
    )
    await world.save(imported)
    client = shop.api.signed_in(manager)
    listed = (await client.ask(LISTED, id=gid(shop.vendor)))["vendor"]["productImports"]
    assert listed["nodes"] == [{"id": gid(imported), "state": "QUEUED"}]
    subscriber = await follow(shop, manager, IMPORTS, listed["changesAfter"])
    await subscriber.connected()
    rows = read_file(b"sku,title,price\n" + b"".join(b"A%d,Mug,1\n" % n for n in range(51)))
    async with shop.entries() as session:
        assert await imports.start_import(session, imported.id, rows)
    for row in rows:
        async with shop.entries() as session:
            await results.import_row(session, imported.id, row)
    async with shop.entries() as session:
        await imports.finish_import(session, imported.id)
    seen = [one["productImport"] for one in await subscriber.received(3)]
    assert [one["rowCount"] for one in seen] == [51] * 3
    assert seen[-1] == {
        "id": gid(imported),
        "state": "DONE",
        "rowCount": 51,
        "created": 51,
        "results": {"totalCount": 51},
    }


async def test_others_do_not_follow(shop: Shop, world: World) -> None:
    scanner = await new_member(world, shop.vendor, MemberRole.SCANNER)
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    others = (scanner, shop.customer, await world.admin())
    asked = [(user, query) for user in others for query in (PRODUCTS, STOCK, IMPORTS)]
    for user, query in [*asked, (staff, IMPORTS)]:
        subscriber = await follow(shop, user, query)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
