"""Changing a product: its texts, options, pictures and slug, by its vendor's managers alone."""

from typing import Any

import pytest

from models.catalog.products import ProductState
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.catalog import SIZES
from tests.factories.offers import texts
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.catalog.test_create_product import OPTIONS

FIELDS = "product { title canonicalSlug options { key } pictures { uploadId } hsnCode }"


async def test_update_product_changes_what_is_given(world: World, api: Client) -> None:
    vendor = await world.vendor()
    product = await world.product(vendor, hsn_code="6912", variants=0, state=ProductState.DRAFT)
    client = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    given: dict[str, Any] = {"productId": gid(product), "title": texts(en="Red mug")}
    changed = (await client.do("updateProduct", given | {"options": OPTIONS}, FIELDS))["product"]
    assert changed["title"] == "Red mug"
    assert (changed["options"], changed["hsnCode"]) == ([{"key": "size"}], "6912")
    found = await client.ask(
        'query ($id: ID!) { products(where: {vendorId: $id, states: [DRAFT]}, search: "red")'
        " { nodes { id } } }",
        id=gid(vendor),
    )
    assert found["products"]["nodes"] == [{"id": gid(product)}]


async def test_former_slugs_keep_leading_to_the_product(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    product, other = await world.product(vendor), await world.product(vendor)
    client = api.signed_in(owner)
    await client.do("updateVendor", {"vendorId": gid(vendor), "slug": "kaveri"})
    for slug in ("red-mug", "blue-mug"):
        given = {"productId": gid(product), "slug": slug}
        assert (await client.do("updateProduct", given, FIELDS))["product"]["canonicalSlug"] == slug
    query = """query ($slug: String!) {
        product(vendorSlug: "kaveri", slug: $slug) { id canonicalSlug vendor { id } } }"""
    for slug in ("red-mug", "blue-mug", "Blue-Mug "):
        found = (await api.ask(query, slug=slug))["product"]
        assert (found["id"], found["canonicalSlug"]) == (gid(product), "blue-mug")
    assert (await api.ask(query, slug="green-mug"))["product"] is None
    taken = {"productId": gid(other), "slug": "red-mug"}
    assert await client.refusal_codes("updateProduct", taken) == ["PRODUCT_SLUG_TAKEN"]
    ids = f'{{ product(id: "{gid(product)}", slug: "a") {{ id }} }}'
    assert await api.failed(ids) == ["BAD_USER_INPUT"]
    assert await api.failed('{ product(slug: "a") { id } }') == ["BAD_USER_INPUT"]


async def test_slugs_are_limited(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner))
    client, codes = api.signed_in(owner), []
    for number in range(10):
        given = {"productId": gid(product), "slug": f"mug-{number}"}
        codes += await client.refusal_codes("updateProduct", given)
    assert codes == ["PRODUCT_SLUG_LIMIT_REACHED"]


async def test_options_must_fit_the_active_variants(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner), variants=0, state=ProductState.DRAFT)
    await world.variant(product)
    given = {"productId": gid(product), "options": OPTIONS}
    payload = await api.signed_in(owner).do("updateProduct", given)
    assert [error["field"] for error in payload["errors"]] == [["options"]]
    assert (await world.fresh(product)).options == []


async def test_pictures_are_replaced_and_ordered(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner))
    client = api.signed_in(owner)
    first, second = [gid(await world.picture(owner)) for _ in range(2)]
    given = {"productId": gid(product), "pictures": [{"uploadId": first}, {"uploadId": second}]}
    assert await client.refusal_codes("updateProduct", given) == []
    order = {"productId": gid(product), "uploadIds": [second, first]}
    ordered = await client.do("orderProductPictures", order, FIELDS)
    assert [one["uploadId"] for one in ordered["product"]["pictures"]] == [second, first]
    for wrong in ([first], [first, first], [first, second, first]):
        order["uploadIds"] = wrong
        payload = await client.do("orderProductPictures", order)
        assert [error["field"] for error in payload["errors"]] == [["uploadIds"]]
    strangers = {
        "productId": gid(product),
        "pictures": [{"uploadId": gid(await world.picture(await world.user()))}],
    }
    assert await client.refusal_codes("updateProduct", strangers) == ["NOT_FOUND"]
    removed = await client.do("updateProduct", given | {"pictures": None}, FIELDS)
    assert removed["product"]["pictures"] == []


async def test_archived_products_do_not_change(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(
        await world.vendor(owner), state=ProductState.ARCHIVED, options=SIZES, variants=0
    )
    client = api.signed_in(owner)
    given = {"productId": gid(product), "title": texts(en="Red mug")}
    assert await client.refusal_codes("updateProduct", given) == ["PRODUCT_STATE"]
    order = {"productId": gid(product), "uploadIds": []}
    assert await client.refusal_codes("orderProductPictures", order) == ["PRODUCT_STATE"]


MUTATIONS = (
    "updateProduct",
    "orderProductPictures",
    "publishProduct",
    "hideProduct",
    "archiveProduct",
)


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_products_of_others_do_not_change(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor(await world.user())
    product = await world.product(vendor)
    client = api.signed_in(await outsider(world, vendor, kind))
    for mutation in MUTATIONS:
        given: dict[str, Any] = {"productId": gid(product)}
        given |= {"uploadIds": []} if mutation == "orderProductPictures" else {}
        assert await client.refusal_codes(mutation, given) == ["NOT_FOUND"], mutation
        assert await api.mutation_failed(mutation, given) == ["UNAUTHENTICATED"], mutation
    assert await world.fresh(product) == product
