"""Drafting a product with its options, variants and pictures."""

from typing import Any

import pytest
from strawberry.relay import to_base64

from models.catalog import products
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.catalog import SIZES, money, product_input
from tests.factories.offers import texts
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.invariants import check_invariants

PRODUCT = """product {
  id kind state title titles { locale text } description canonicalSlug taxClass hsnCode inStock
  publishedAt
  options { key name values { key name } }
  variants {
    sku chosenOptions { option value } price { decimal currency } compareAt { amountMinor } weightG
    perOrderMax tracksStock orderable stock { onHand reserved available isLow lowAt }
  }
  priceFrom { amountMinor } priceTo { amountMinor } pictures { uploadId alt }
  vendor { id } category { id }
}"""
OPTIONS = [
    {
        "key": one["key"],
        "name": texts(**one["name"]),
        "values": [
            {"key": value["key"], "name": texts(**value["name"])} for value in one["values"]
        ],
    }
    for one in SIZES
]


def chosen(value: str) -> list[dict[str, str]]:
    return [{"option": "size", "value": value}]


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_create_product_with_no_more_than_it_needs(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor, user = await world.vendor(), await world.user()
    await world.member(vendor, user, role)
    payload = await api.signed_in(user).do("createProduct", product_input(vendor), PRODUCT)
    assert payload["errors"] == []
    assert payload["product"].pop("id")
    assert payload["product"] == {
        "kind": "PHYSICAL",
        "state": "DRAFT",
        "title": "Blue mug",
        "titles": texts(en="Blue mug"),
        "description": "",
        "canonicalSlug": "blue-mug",
        "taxClass": "STANDARD",
        "hsnCode": None,
        "inStock": False,
        "publishedAt": None,
        "options": [],
        "variants": [],
        "priceFrom": None,
        "priceTo": None,
        "pictures": [],
        "vendor": {"id": gid(vendor)},
        "category": {"id": to_base64("Category", str(vendor.category_id))},
    }


async def test_create_product_with_all_there_is(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, category = await world.vendor(owner), await world.category()
    picture = await world.picture(owner)
    given = product_input(
        vendor,
        kind="DIGITAL",
        description=texts(en="Handmade."),
        categoryId=gid(category),
        options=OPTIONS,
        variants=[
            {"sku": "MUG-S", "price": money(49_900), "options": chosen("s"), "onHand": 7},
            {
                "sku": "MUG-L",
                "price": money(59_900),
                "compareAt": money(69_900),
                "options": chosen("l"),
                "weightG": 400,
                "perOrderMax": 2,
                "tracksStock": False,
            },
        ],
        pictures=[{"uploadId": gid(picture), "alt": texts(en="A mug")}],
        taxClass="REDUCED",
        hsnCode="6912",
    )
    client = api.signed_in(owner).reading("de")
    payload = await client.do("createProduct", given, PRODUCT)
    assert payload["errors"] == []
    product = payload["product"]
    assert product["options"] == [
        {
            "key": "size",
            "name": "Größe",
            "values": [{"key": "s", "name": "Klein"}, {"key": "l", "name": "Groß"}],
        }
    ]
    small, large = product["variants"]
    assert small == {
        "sku": "MUG-S",
        "chosenOptions": chosen("s"),
        "price": {"decimal": "499.00", "currency": "INR"},
        "compareAt": None,
        "weightG": None,
        "perOrderMax": None,
        "tracksStock": True,
        "orderable": 7,
        "stock": {"onHand": 7, "reserved": 0, "available": 7, "isLow": False, "lowAt": None},
    }
    assert (large["compareAt"], large["orderable"]) == ({"amountMinor": 69_900}, 2)
    assert product["priceFrom"] == {"amountMinor": 49_900}
    assert product["priceTo"] == {"amountMinor": 59_900}
    assert product["pictures"] == [{"uploadId": gid(picture), "alt": "A mug"}]
    assert (product["kind"], product["taxClass"], product["hsnCode"]) == (
        "DIGITAL",
        "REDUCED",
        "6912",
    )
    assert product["inStock"] is True
    assert await client.do("createProduct", given, PRODUCT) == payload
    other = given | {"hsnCode": "6911"}
    assert await client.refusal_codes("createProduct", other) == ["IDEMPOTENCY_KEY_REUSED"]
    await check_invariants(world.database)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": texts(en="ab")}, ["title", "0", "text"]),
        ({"title": []}, ["title"]),
        ({"hsnCode": "12a4"}, ["hsnCode"]),
        ({"options": [*OPTIONS, *OPTIONS]}, []),
        ({"options": [OPTIONS[0] | {"key": "Size"}]}, ["options", "0", "key"]),
        ({"options": [OPTIONS[0] | {"values": []}]}, ["options", "0", "values"]),
        (
            {"options": [OPTIONS[0] | {"name": texts(en="")}]},
            ["options", "0", "name", "0", "text"],
        ),
        ({"categoryId": unknown("Category")}, ["categoryId"]),
        (
            {"variants": [{"sku": "A", "price": money(-1)}]},
            ["variants", "0", "price", "amountMinor"],
        ),
        (
            {"variants": [{"sku": "A", "price": money(1, "EUR")}]},
            ["variants", "0", "price", "currency"],
        ),
        ({"variants": [{"sku": " A", "price": money(1)}]}, ["variants", "0", "sku"]),
        (
            {"variants": [{"sku": "A", "price": money(1), "weightG": -1}]},
            ["variants", "0", "weightG"],
        ),
        (
            {"variants": [{"sku": "A", "price": money(1), "options": chosen("s")}]},
            ["variants", "0", "options"],
        ),
    ],
)
async def test_create_product_refuses_wrong_values(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    given = product_input(await world.vendor(owner), **changes)
    payload = await api.signed_in(owner).do("createProduct", given)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


async def test_create_product_refuses_a_lower_price_to_compare_with(
    world: World, api: Client
) -> None:
    owner = await world.user()
    variant = {"sku": "A", "price": money(100), "compareAt": money(100)}
    given = product_input(await world.vendor(owner), variants=[variant])
    assert await api.signed_in(owner).refusal_codes("createProduct", given) == ["INVALID_INPUT"]


async def test_create_product_refuses_taken_skus_and_equal_options(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    (taken,) = await world.variants(await world.product(vendor))
    client = api.signed_in(owner)
    same_sku = product_input(vendor, variants=[{"sku": taken.sku, "price": money(1)}])
    assert await client.refusal_codes("createProduct", same_sku) == ["SKU_TAKEN"]
    twins = [{"sku": sku, "price": money(1)} for sku in ("A", "B")]
    equal = product_input(vendor, variants=twins)
    assert await client.refusal_codes("createProduct", equal) == ["VARIANT_EXISTS"]


async def test_create_product_up_to_the_limit(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.products.MAX_PRODUCTS", 1)
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.product(vendor, state=products.ProductState.ARCHIVED)
    client = api.signed_in(owner)
    assert await client.refusal_codes("createProduct", product_input(vendor)) == []
    second = product_input(vendor, "second")
    assert await client.refusal_codes("createProduct", second) == ["PRODUCT_LIMIT_REACHED"]


async def test_slugs_of_a_vendor_differ(world: World, api: Client) -> None:
    owner = await world.user()
    client, slugs = api.signed_in(owner), []
    first, second = await world.vendor(owner), await world.vendor(owner)
    for vendor, key in ((first, "1"), (first, "2"), (second, "3")):
        given = product_input(vendor, key)
        slugs.append((await client.do("createProduct", given, PRODUCT))["product"]["canonicalSlug"])
    assert slugs[0] == slugs[2] == "blue-mug"
    assert slugs[1].startswith("blue-mug-")
    hindi = product_input(first, "4", title=texts(hi="नीला मग"))
    named = (await client.do("createProduct", hindi, PRODUCT))["product"]
    assert named["canonicalSlug"].startswith("product-")


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_create_product_at_a_vendor_of_others(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor(await world.user())
    client = api.signed_in(await outsider(world, vendor, kind))
    assert await client.refusal_codes("createProduct", product_input(vendor)) == ["NOT_FOUND"]


async def test_create_product_anonymously_and_before_approval(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, status=VendorStatus.PENDING)
    given = product_input(vendor)
    assert await api.mutation_failed("createProduct", given) == ["UNAUTHENTICATED"]
    assert await api.signed_in(owner).refusal_codes("createProduct", given) == []
