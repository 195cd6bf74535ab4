"""Lists of products: conditions, orders, search, pages and facets."""

from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from core.database import Database
from models.catalog.products import Product, ProductKind, ProductState
from models.vendors import MemberRole, Vendor
from services.catalog import facets
from tests.client import Client, gid
from tests.factories.catalog import SIZES
from tests.factories.vendors import BENGALURU, new_member
from tests.factories.world import World
from tests.resolvers.counting import load_one_by_one, plans, statements

LIST = """query ($where: ProductWhere, $search: String, $near: NearInput, $by: ProductOrder,
        $first: Int, $after: String) {
    products(where: $where, search: $search, near: $near, orderBy: $by, first: $first,
        after: $after) { nodes { id } edges { distanceMeters } totalCount pageInfo { endCursor } }
}"""
FACETS = """query ($where: ProductWhere, $search: String) {
    products(where: $where, search: $search, first: 1) { facets {
        categories { category { id } count } vendors { vendor { id } count } inStock
        prices { currency count priceFrom { amountMinor } priceBelow { amountMinor } }
        options { option optionName value valueName count }
    } }
}"""
NEAR = {"latitude": BENGALURU[0], "longitude": BENGALURU[1], "withinKm": 20}


class Shelf:
    """Two vendors in Bengaluru and one in Berlin, with the products of each."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def fill(self) -> "Shelf":
        world = self.world
        self.parent = await world.category()
        self.pottery = await world.category(parent=self.parent)
        self.potter = await world.vendor(category=self.pottery)
        self.weaver = await world.vendor(category=self.parent)
        place: dict[str, Any] = {
            "latitude": 52.5,
            "longitude": 13.4,
            "city": "Berlin",
            "pin_code": "10115",
        }
        self.printer = await world.vendor(country="DE", currency="EUR", **place)
        self.mug = await self.product(self.potter, "Blue mug", 40_000)
        self.bowl = await self.product(self.potter, "Rice bowl", 90_000, on_hand=0)
        self.shawl = await self.product(self.weaver, "Silk shawl", 3_000_000_000, options=SIZES)
        await world.variant(self.shawl, options={"size": "l"}, price=3_000_000_000)
        self.poster = await self.product(self.printer, "Plakat", 1_500, kind=ProductKind.DIGITAL)
        return self

    async def product(self, vendor: Vendor, title: str, price: int, **values: Any) -> Product:
        if "options" in values:
            values |= {"variants": 0, "min_price": price, "max_price": price}
        product = await self.world.product(vendor, title={"en": title}, price=price, **values)
        if "options" in values:
            await self.world.variant(product, options={"size": "s"}, price=price, on_hand=0)
        return product


@pytest.fixture(scope="module")
async def shelf(module_world: World) -> Shelf:
    return await Shelf(module_world).fill()


async def listed(shelf: Shelf, client: Client, **given: Any) -> list[str]:
    names = {gid(one): name for name, one in vars(shelf).items() if isinstance(one, Product)}
    found = (await client.ask(LIST, **given))["products"]
    assert found["totalCount"] == len(found["nodes"])
    return [names[node["id"]] for node in found["nodes"]]


async def test_conditions(shelf: Shelf, api: Client) -> None:
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"mug", "bowl", "shawl", "poster"}),
        ({"vendorId": gid(shelf.potter)}, {"mug", "bowl"}),
        ({"categoryId": gid(shelf.parent)}, {"mug", "bowl", "shawl"}),
        ({"categoryId": gid(shelf.pottery)}, {"mug", "bowl"}),
        ({"country": "DE"}, {"poster"}),
        ({"kind": "DIGITAL"}, {"poster"}),
        ({"currency": "INR"}, {"mug", "bowl", "shawl"}),
        ({"currency": "INR", "priceFrom": 40_001}, {"bowl", "shawl"}),
        ({"currency": "INR", "priceBelow": 90_000}, {"mug"}),
        ({"currency": "INR", "priceFrom": 40_000, "priceBelow": 90_001}, {"mug", "bowl"}),
        ({"inStock": True}, {"mug", "shawl", "poster"}),
        ({"options": [{"key": "size", "values": ["s", "m"]}]}, {"shawl"}),
        ({"options": [{"key": "size", "values": ["s"]}], "inStock": True}, set()),
        ({"options": [{"key": "size", "values": ["l"]}], "inStock": True}, {"shawl"}),
        ({"options": [{"key": "\0", "values": ["l"]}]}, set()),
        ({"states": ["DRAFT"]}, set()),
        ({"states": []}, set()),
    ]
    for where, expected in cases:
        assert set(await listed(shelf, api, where=where)) == expected, where


async def test_orders(shelf: Shelf, api: Client) -> None:
    assert await listed(shelf, api) == ["poster", "shawl", "bowl", "mug"]
    inr = {"currency": "INR"}
    ascending = ["mug", "bowl", "shawl"]
    assert await listed(shelf, api, where=inr, by="PRICE_ASCENDING") == ascending
    assert await listed(shelf, api, where=inr, by="PRICE_DESCENDING") == ascending[::-1]
    assert set(await listed(shelf, api, near=NEAR)) == {"mug", "bowl", "shawl"}
    berlin = {"latitude": 52.5, "longitude": 13.4, "withinKm": 1}
    found = (await api.ask(LIST, near=berlin))["products"]
    assert [edge["distanceMeters"] for edge in found["edges"]] == [0]
    assert await listed(shelf, api, near=NEAR, by="NEWEST") == ["shawl", "bowl", "mug"]


@pytest.mark.parametrize(
    "given",
    [
        {"by": "PRICE_ASCENDING"},
        {"by": "NEAREST"},
        {"by": "RELEVANCE"},
        {"where": {"priceFrom": 1}},
        {"where": {"options": [{"key": "size", "values": []}] * 4}},
        {"search": "ab"},
    ],
)
async def test_wrong_conditions(api: Client, given: dict[str, Any]) -> None:
    assert await api.failed(LIST, **given) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("search", ["mug", "blu mugg", "BLÜE", "blue muug"])
async def test_search_forgives_typos(shelf: Shelf, api: Client, search: str) -> None:
    assert await listed(shelf, api, search=search) == ["mug"]


async def test_search_with_conditions_and_orders(shelf: Shelf, api: Client) -> None:
    given = {"search": "bengaluru", "where": {"currency": "INR", "inStock": True}}
    assert await listed(shelf, api, **given, by="PRICE_DESCENDING") == ["shawl", "mug"]
    assert await listed(shelf, api, search="bowl", near=NEAR) == ["bowl"]


@pytest.mark.parametrize("by", ["NEWEST", "PRICE_ASCENDING", "PRICE_DESCENDING"])
async def test_pages_follow_each_other(shelf: Shelf, api: Client, by: str) -> None:
    """Also past prices that exceed the type INTEGER."""
    given: dict[str, Any] = {"where": {"currency": "INR"}, "by": by, "first": 1}
    whole = await listed(shelf, api, where={"currency": "INR"}, by=by)
    pages, after = [], None
    for _ in whole:
        page = (await api.ask(LIST, **given, after=after))["products"]
        pages += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert pages == [gid(getattr(shelf, name)) for name in whole]
    assert (await api.ask(LIST, **given, after=after))["products"]["nodes"] == []


async def test_facets_count_what_else_could_be_chosen(shelf: Shelf, api: Client) -> None:
    facets = (await api.ask(FACETS))["products"]["facets"]
    assert facets["inStock"] == 3
    assert facets["vendors"][0] == {"vendor": {"id": gid(shelf.potter)}, "count": 2}
    assert facets["categories"][0] == {"category": {"id": gid(shelf.pottery)}, "count": 2}
    bands = [
        (one["currency"], one["priceFrom"], one["priceBelow"], one["count"])
        for one in facets["prices"]
    ]
    assert ("INR", {"amountMinor": 20_000}, {"amountMinor": 50_000}, 1) in bands
    assert sum(count for *_, count in bands) == 4
    names = {"option": "size", "optionName": "Size", "count": 1}
    assert facets["options"] == [
        names | {"value": "l", "valueName": "Large"},
        names | {"value": "s", "valueName": "Small"},
    ]
    own = (await api.ask(FACETS, where={"vendorId": gid(shelf.weaver)}))["products"]["facets"]
    assert len(own["vendors"]) == 3, "its own condition does not count"
    assert [one["count"] for one in own["categories"]] == [1]
    found = (await api.ask(FACETS, search="mug"))["products"]["facets"]
    assert [one["count"] for one in found["categories"]] == [1]
    size = {"options": [{"key": "size", "values": ["s"]}]}
    chosen = (await api.ask(FACETS, where=size))["products"]["facets"]
    assert (len(chosen["options"]), chosen["inStock"]) == (2, 0)


async def test_facets_of_options_count_some_variants(
    shelf: Shelf, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MAX_COUNTED_VARIANTS", 1)
    where = {"vendorId": gid(shelf.weaver), "kind": "PHYSICAL"}
    found = (await api.ask(FACETS, where=where))["products"]["facets"]
    assert [one["count"] for one in found["options"]] == [1]


async def test_facets_of_others_drafts_are_not_counted(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.product(vendor, state=ProductState.DRAFT)
    where = {"vendorId": gid(vendor), "states": ["DRAFT"]}
    for client, count in ((api, 0), (api.signed_in(await world.user()), 0)):
        assert (await client.ask(FACETS, where=where))["products"]["facets"]["inStock"] == count
    seen = await api.signed_in(owner).ask(FACETS, where=where)
    assert seen["products"]["facets"]["inStock"] == 1


async def test_related_products_are_of_the_category_its_vendor_first(
    world: World, api: Client
) -> None:
    category = await world.category()
    vendor = await world.vendor(category=category)
    other = await world.vendor(category=category)
    product = await world.product(vendor)
    far = await world.product(other)
    near = await world.product(vendor)
    await world.product(vendor, state=ProductState.DRAFT)
    await world.product(await world.vendor())
    query = "query ($id: ID!) { product(id: $id) { relatedProducts { id title } } }"
    found = (await api.ask(query, id=gid(product)))["product"]["relatedProducts"]
    assert [one["id"] for one in found] == [gid(near), gid(far)]


def copies(table: type[SQLModel], number: int, **changed: str) -> str:
    """Return the statement that copies the rows of a table, with new ids."""
    mapped = inspect(table).local_table.columns
    values = {one.name: changed.get(one.name, one.name) for one in mapped if one.computed is None}
    values["id"] = "gen_random_uuid()"
    return (
        f"INSERT INTO {table.__tablename__} ({', '.join(values)})"
        f" SELECT {', '.join(values.values())}"
        f" FROM {table.__tablename__}, generate_series(1, {number}) AS other"
    )


OTHER_PRODUCTS = {
    "created_at": "created_at - other * interval '1 second'",
    "vendor_id": "CASE other % 2 WHEN 0 THEN vendor_id ELSE CAST(md5('1') AS uuid) END",
    "category_id": "CASE WHEN other % 20 < 2 THEN category_id"
    " ELSE CAST(md5(CAST(other % 20 AS text)) AS uuid) END",
}


async def test_related_products_are_read_in_the_order_of_indexes(
    world: World, superuser: Database, api: Client
) -> None:
    """Tables of a few rows are read whole once PostgreSQL has counted them, so there are many."""
    product = await world.product(await world.vendor())
    async with superuser.session() as session, session.begin():
        for statement in (
            "SET LOCAL session_replication_role = replica",  # of rows that needn't be there
            copies(Vendor, 200),
            copies(Product, 2_000, **OTHER_PRODUCTS),
            "ANALYZE product, vendor",
        ):
            await session.execute(text(statement))
    plan = await plans(
        world.database,
        api,
        "query ($id: ID!) { product(id: $id) { relatedProducts { id } } }",
        id=gid(product),
    )
    for index in ("product_related_idx", "product_published_idx"):
        assert f"Scan Backward using {index}" in plan, plan


async def test_managed_products_are_for_members(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    draft = await world.product(vendor, state=ProductState.DRAFT)
    await world.product(vendor)
    query = """query ($id: ID!, $states: [ProductState!]) { vendor(id: $id) {
        managedProducts(states: $states) { changesAfter nodes { id } facets { inStock } } } }"""
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    page = (await staff.ask(query, id=gid(vendor)))["vendor"]["managedProducts"]
    assert (len(page["nodes"]), page["facets"]["inStock"]) == (2, 2)
    drafts = (await staff.ask(query, id=gid(vendor), states=["DRAFT"]))["vendor"]
    assert drafts["managedProducts"]["nodes"] == [{"id": gid(draft)}]
    scanner = api.signed_in(await new_member(world, vendor, MemberRole.SCANNER))
    assert await scanner.failed(query, id=gid(vendor)) == ["FORBIDDEN"]
    stranger = api.signed_in(await world.user())
    assert await stranger.failed(query, id=gid(vendor)) == ["FORBIDDEN"]
    assert await api.failed(query, id=gid(vendor)) == ["UNAUTHENTICATED"]


PAGE = """query ($n: Int!) { products(first: $n) { totalCount facets { inStock } edges { node {
    title canonicalSlug inStock category { name } vendor { name } pictures { url }
    relatedProducts { title }
    variants { sku orderable awaitedByMe stock { onHand } } retiredVariants { sku }
} } } }"""


@pytest.fixture(scope="module")
async def many(module_world: World) -> None:
    for _ in range(20):
        category = await module_world.category()
        vendor = await module_world.vendor(category=category)
        for _ in range(2):
            await module_world.product(vendor)


@pytest.mark.usefixtures("many")
async def test_statements_do_not_grow_with_the_page(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api.signed_in(await world.user())
    one, twenty = [await statements(client, PAGE, n=n) for n in (1, 20)]
    assert one
    assert len(twenty) == len(one), "\n\n".join(twenty)
    load_one_by_one(monkeypatch)
    grown = await statements(client, PAGE, n=20)
    assert len(grown) > 2 * len(one)
