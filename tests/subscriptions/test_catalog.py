"""Products and stock that members follow live."""

from typing import Any

from models.catalog.products import ProductState
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

PRODUCTS = """subscription ($vendorId: ID!, $after: String) {
  productsChanged(vendorId: $vendorId, after: $after) { cursor product { id state } }
}"""
STOCK = """subscription ($vendorId: ID!, $after: String) {
  stockChanged(vendorId: $vendorId, after: $after) {
    cursor stock { onHand available variant { sku orderable } }
  }
}"""


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


async def test_others_do_not_follow(shop: Shop, world: World) -> None:
    scanner = await new_member(world, shop.vendor, MemberRole.SCANNER)
    for user in (scanner, shop.customer, await world.admin()):
        for query in (PRODUCTS, STOCK):
            subscriber = await follow(shop, user, query)
            await subscriber.ended()
            assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
