"""Publishing, hiding and archiving a product, and who sees it then."""

from itertools import product as pairs

import pytest

from models.catalog.products import TRANSITIONS, ProductState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World

MUTATIONS = {
    ProductState.PUBLISHED: "publishProduct",
    ProductState.HIDDEN: "hideProduct",
    ProductState.ARCHIVED: "archiveProduct",
}
SEEN = "query ($id: ID!) { product(id: $id) { state } products { nodes { id } } }"


@pytest.mark.parametrize(("before", "after"), [*pairs(ProductState, MUTATIONS)])
async def test_each_step(
    world: World, api: Client, before: ProductState, after: ProductState
) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner), state=before)
    client, given = api.signed_in(owner), {"productId": gid(product)}
    payload = await client.do(MUTATIONS[after], given, "product { state publishedAt }")
    if before is after or after in TRANSITIONS[before]:
        assert payload["product"]["state"] == after
        assert (payload["product"]["publishedAt"] is None) is (
            (before, after) == (ProductState.DRAFT, ProductState.ARCHIVED)
        )
    else:
        assert [error["code"] for error in payload["errors"]] == ["PRODUCT_STATE"]
        assert await world.fresh(product) == product


async def test_publish_product_needs_a_variant_and_approval(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, pending = await world.vendor(owner), await world.vendor(owner, status="PENDING")
    bare = await world.product(vendor, variants=0, state=ProductState.DRAFT)
    early = await world.product(pending, state=ProductState.DRAFT)
    client = api.signed_in(owner)
    for product, code in ((bare, "PRODUCT_INCOMPLETE"), (early, "VENDOR_NOT_APPROVED")):
        assert await client.refusal_codes("publishProduct", {"productId": gid(product)}) == [code]


async def test_only_live_products_are_public(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    staff = await new_member(world, vendor, MemberRole.STAFF)
    scanner = await new_member(world, vendor, MemberRole.SCANNER)
    for state in ProductState:
        product = await world.product(vendor, state=state)
        public = state is ProductState.PUBLISHED
        for client in (api, api.signed_in(scanner), api.signed_in(await world.user())):
            seen = await client.ask(SEEN, id=gid(product))
            assert (seen["product"] is not None) is public
            assert ({"id": gid(product)} in seen["products"]["nodes"]) is public
        for member in (owner, staff):
            seen = await api.signed_in(member).ask(SEEN, id=gid(product))
            assert seen["product"] == {"state": state}
            assert ({"id": gid(product)} in seen["products"]["nodes"]) is public


async def test_products_of_a_suspended_vendor_leave_every_list_at_once(
    world: World, api: Client
) -> None:
    vendor, admin = await world.vendor(await world.user()), await world.admin()
    product = await world.product(vendor)
    near = {"latitude": vendor.latitude, "longitude": vendor.longitude}
    query = """query ($id: ID!, $vendor: ID!, $near: NearInput) {
        product(id: $id) { id }
        all: products { nodes { id } facets { inStock } }
        own: products(where: {vendorId: $vendor}) { nodes { id } }
        near: products(near: $near) { nodes { id } }
        found: products(search: "product") { nodes { id } }
        vendor(id: $vendor) { products { id } }
    }"""
    given = {"id": gid(product), "vendor": gid(vendor), "near": near}
    for _ in range(3):  # so that the answer is kept
        seen = await api.ask(query, **given)
    assert seen["all"] == {"nodes": [{"id": gid(product)}], "facets": {"inStock": 1}}
    assert all(seen[name]["nodes"] for name in ("own", "near", "found"))
    assert seen["vendor"]["products"]
    suspended = {"vendorId": gid(vendor), "reason": "A reason."}
    assert await api.signed_in(admin).refusal_codes("suspendVendor", suspended) == []
    gone = await api.ask(query, **given)
    assert gone["product"] is None
    assert gone["all"] == {"nodes": [], "facets": {"inStock": 0}}
    assert not any(gone[name]["nodes"] for name in ("own", "near", "found"))
    assert gone["vendor"] is None


async def test_changes_are_in_the_journal_of_the_vendor(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, status=VendorStatus.APPROVED)
    product = await world.product(vendor)
    await api.signed_in(owner).do("hideProduct", {"productId": gid(product)})
    assert [(topic, kind) for topic, _, kind in await world.journal()] == [
        (f"vendor:{vendor.id}", "product.changed")
    ]
