"""Admins change the category tree."""

from typing import Any

import pytest

from models.categories import MAX_CATEGORIES, Category
from models.identity.accounts import User
from models.scopes import ApiScope
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

PAYLOAD = "category { id slug path name hidden parent { id } }"
PATHS = "{ categories { path children { path children { path } } } }"
NAME = [{"locale": "en", "text": "Food"}, {"locale": "hi", "text": "खाना"}]


async def paths(client: Client) -> list[str]:
    """Return the paths that lists contain, in their order."""

    def walk(rows: list[dict[str, Any]]) -> list[str]:
        return [path for row in rows for path in (row["path"], *walk(row.get("children", [])))]

    return walk((await client.ask(PATHS))["categories"])


@pytest.fixture
async def admin(world: World, api: Client) -> Client:
    return api.signed_in(await world.admin())


async def test_create_category_at_the_end_of_its_siblings(admin: Client) -> None:
    made = await admin.do("createCategory", {"slug": "food", "name": NAME}, PAYLOAD)
    food = made["category"]
    assert made == {
        "category": {
            "id": food["id"],
            "slug": "food",
            "path": "food/",
            "name": "Food",
            "hidden": False,
            "parent": None,
        },
        "errors": [],
    }
    for slug in ("zoo", "cafes"):
        given = {"slug": slug, "name": NAME, "parentId": food["id"]}
        assert await admin.refusal_codes("createCategory", given) == []
    await admin.do("createCategory", {"slug": "art", "name": NAME})
    assert await paths(admin) == ["food/", "food/zoo/", "food/cafes/", "art/"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": ""}, ["slug"]),
        ({"slug": "Food"}, ["slug"]),
        ({"slug": "a/b"}, ["slug"]),
        ({"slug": "-a"}, ["slug"]),
        ({"slug": "a\n"}, ["slug"]),
        ({"slug": "x" * 61}, ["slug"]),
        ({"name": []}, ["name"]),
        ({"name": [{"locale": "en", "text": "x" * 81}]}, ["name", "0", "text"]),
        ({"name": [*NAME, {"locale": "??", "text": "x"}]}, ["name", "2", "locale"]),
        ({"name": [NAME[0], NAME[0]]}, ["name"]),
        ({"name": [{"locale": f"en-{n:03}", "text": "x"} for n in range(22)]}, ["name"]),
        ({"parentId": unknown("Category")}, ["parentId"]),
    ],
)
async def test_create_category_with_wrong_input(
    admin: Client, changes: dict[str, Any], field: list[str]
) -> None:
    payload = await admin.do("createCategory", {"slug": "food", "name": NAME} | changes)
    found = [(error["code"], error["field"]) for error in payload["errors"]]
    assert found == [("INVALID_INPUT", field)]
    assert await paths(admin) == []


async def test_create_category_refuses_a_taken_slug(world: World, admin: Client) -> None:
    food = await world.category("food")
    given = {"slug": "food", "name": NAME}
    (error,) = (await admin.do("createCategory", given))["errors"]
    assert (error["code"], error["field"]) == ("CATEGORY_SLUG_TAKEN", ["slug"])
    below = given | {"parentId": gid(food)}
    assert await admin.refusal_codes("createCategory", below) == []


async def test_create_category_up_to_the_limits(world: World, admin: Client) -> None:
    parent = None
    for level in range(5):
        parent = await world.category(f"level-{level}", parent)
    assert parent
    deeper = {"slug": "x", "name": NAME, "parentId": gid(parent)}
    assert await admin.refusal_codes("createCategory", deeper) == ["CATEGORY_TOO_DEEP"]
    more = [Category(slug=f"c{n}", path=f"c{n}/", name={}) for n in range(MAX_CATEGORIES - 5)]
    await world.save(*more)
    given = {"slug": "food", "name": NAME}
    assert await admin.refusal_codes("createCategory", given) == ["CATEGORY_LIMIT_REACHED"]


async def test_update_category_changes_paths_below_it(world: World, admin: Client) -> None:
    food = await world.category("food")
    cafes = await world.category("cafes", food)
    await world.category("tea", cafes)
    await world.category("foods")  # starts with the same letters
    given = {"categoryId": gid(food), "slug": "eat"}
    assert (await admin.do("updateCategory", given, PAYLOAD))["category"]["name"] == "Food"
    assert await paths(admin) == ["eat/", "eat/cafes/", "eat/cafes/tea/", "foods/"]
    german = {"categoryId": gid(food), "name": [{"locale": "de", "text": "Essen"}]}
    updated = (await admin.do("updateCategory", german, PAYLOAD))["category"]
    assert (updated["slug"], updated["name"]) == ("eat", "Essen")
    taken = {"categoryId": gid(food), "slug": "foods"}
    assert await admin.refusal_codes("updateCategory", taken) == ["CATEGORY_SLUG_TAKEN"]


async def test_move_category_with_its_descendants(world: World, admin: Client) -> None:
    food, home = await world.category("food"), await world.category("home")
    cafes = await world.category("cafes", food)
    await world.category("tea", cafes)
    await world.category("plants", home)

    async def move(**given: Any) -> None:
        payload = await admin.do("moveCategory", {"categoryId": gid(cafes)} | given, PAYLOAD)
        assert payload["errors"] == []

    await move(parentId=gid(home))
    assert await paths(admin) == [
        "food/",
        "home/",
        "home/plants/",
        "home/cafes/",
        "home/cafes/tea/",
    ]
    await move(parentId=gid(home), position=0)
    assert (await paths(admin))[2:4] == ["home/cafes/", "home/cafes/tea/"]
    await move(position=1)
    assert await paths(admin) == ["food/", "cafes/", "cafes/tea/", "home/", "home/plants/"]
    await move()
    assert (await paths(admin))[-2:] == ["cafes/", "cafes/tea/"]


async def test_move_category_refuses_what_is_no_tree(world: World, admin: Client) -> None:
    food = await world.category("food")
    cafes = await world.category("cafes", food)
    tea = await world.category("tea", cafes)
    await world.category("tea")
    deep = tea
    for level in range(2):
        deep = await world.category(f"level-{level}", deep)

    async def refusal(category: Category, parent: Category | None, **more: Any) -> list[Any]:
        given = {"categoryId": gid(category), "parentId": gid(parent) if parent else None} | more
        return [(e["code"], e["field"]) for e in (await admin.do("moveCategory", given))["errors"]]

    for parent in (food, cafes, deep):
        assert await refusal(food, parent) == [("CATEGORY_CYCLE", ["parentId"])]
    assert await refusal(tea, None) == [("CATEGORY_SLUG_TAKEN", ["slug"])]
    other = await world.category("other")
    assert await refusal(food, other) == [("CATEGORY_TOO_DEEP", ["parentId"])]
    assert await refusal(tea, cafes, position=-1) == [("INVALID_INPUT", ["position"])]
    assert await refusal(tea, cafes, position=500) == [("INVALID_INPUT", ["position"])]


async def test_hidden_categories_leave_lists_and_cannot_be_chosen(
    world: World, api: Client, admin: Client
) -> None:
    owner = await world.user()
    food = await world.category("food")
    cafes = await world.category("cafes", food)
    vendor = await world.vendor(owner, category=await world.category("health"))
    offer = await world.offer(vendor, category_id=cafes.id)
    hidden = await admin.do("hideCategory", {"categoryId": gid(food)}, PAYLOAD)
    assert hidden["category"]["hidden"] is True
    assert await paths(api) == ["health/"]
    assert await paths(admin) == ["food/", "food/cafes/", "health/"]
    client = api.signed_in(owner)
    new = {
        "vendorId": gid(vendor),
        "title": [{"locale": "en", "text": "Half price"}],
        "discount": {"percent": 50},
        "startsAt": "2030-01-01T00:00:00Z",
        "endsAt": "2031-01-01T00:00:00Z",
    }
    for chosen in (food, cafes):
        payload = await client.do("createOffer", new | {"categoryId": gid(chosen)})
        assert [error["field"] for error in payload["errors"]] == [["categoryId"]]
    assert await client.refusal_codes("createOffer", new) == []
    kept = {"offerId": gid(offer), "categoryId": gid(cafes), "capacity": 7}
    assert await client.refusal_codes("updateOffer", kept) == []
    found = await api.ask(
        "query ($id: ID!) { offers(where: {categoryId: $id}) { nodes { category { slug } } } }",
        id=gid(food),
    )
    assert found["offers"]["nodes"] == [{"category": {"slug": "cafes"}}]
    await admin.do("showCategory", {"categoryId": gid(food)})
    assert await paths(api) == ["food/", "food/cafes/", "health/"]
    payload = await client.do("createOffer", new | {"categoryId": gid(cafes)})
    assert payload["errors"] == []


async def test_new_offers_of_a_vendor_in_a_hidden_category_name_another(
    world: World, api: Client, admin: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await admin.do("hideCategory", {"categoryId": await category_of(api, gid(vendor))})
    payload = await api.signed_in(owner).do(
        "createOffer",
        {
            "vendorId": gid(vendor),
            "title": [{"locale": "en", "text": "Half price"}],
            "discount": {"percent": 50},
            "startsAt": "2030-01-01T00:00:00Z",
            "endsAt": "2031-01-01T00:00:00Z",
        },
    )
    assert [error["field"] for error in payload["errors"]] == [["categoryId"]]


async def category_of(client: Client, vendor_id: str) -> str:
    query = "query ($id: ID!) { vendor(id: $id) { category { id } } }"
    found: str = (await client.ask(query, id=vendor_id))["vendor"]["category"]["id"]
    return found


async def test_changes_are_audited(world: World, admin: Client) -> None:
    given = {"slug": "food", "name": NAME}
    made = (await admin.do("createCategory", given, PAYLOAD))["category"]["id"]
    for mutation in ("updateCategory", "moveCategory", "hideCategory", "hideCategory"):
        assert await admin.refusal_codes(mutation, {"categoryId": made}) == []
    await admin.do("showCategory", {"categoryId": made})
    entries = await read_log(admin, count=5, subjectId=made)
    acts = [f"{act}_CATEGORY" for act in ("SHOW", "HIDE", "MOVE", "UPDATE", "CREATE")]
    assert [entry["act"] for entry in entries] == acts


CALLS: dict[str, dict[str, Any]] = {
    "createCategory": {"slug": "food", "name": NAME},
    "updateCategory": {"slug": "eat"},
    "moveCategory": {},
    "hideCategory": {},
    "showCategory": {},
}


@pytest.mark.parametrize("mutation", CALLS)
async def test_only_admins_change_categories(world: World, api: Client, mutation: str) -> None:
    category, admin = await world.category("home"), await world.admin()
    owner: User = await world.user()
    await world.member(await world.vendor(), owner, MemberRole.OWNER)
    given = CALLS[mutation] | (
        {} if mutation == "createCategory" else {"categoryId": gid(category)}
    )
    _, reading = await world.api_token(admin, ApiScope.READ)
    _, writing = await world.api_token(admin)
    before = await world.fresh(category)
    assert await api.mutation_failed(mutation, given) == ["UNAUTHENTICATED"]
    for client in (
        api.signed_in(await world.user()),
        api.signed_in(owner),
        api.bearing(reading),
        api.bearing(writing),  # an API token never has the rights of an admin
    ):
        assert await client.mutation_failed(mutation, given) == ["FORBIDDEN"]
    assert await world.fresh(category) == before
    if mutation != "createCategory":
        unknown_one = given | {"categoryId": unknown("Category")}
        assert await api.signed_in(admin).refusal_codes(mutation, unknown_one) == ["NOT_FOUND"]
