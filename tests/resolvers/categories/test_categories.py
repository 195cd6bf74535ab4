"""The tree of what vendors do."""

import pytest

from models.categories import Category
from tests.client import Client, gid, unknown
from tests.factories.world import World

TREE = """{ categories { slug path parent { slug } children {
  slug path parent { slug } children { slug }
} } }"""


async def test_categories_are_a_tree(world: World, api: Client) -> None:
    food = await world.category("food")
    cafes = await world.category("cafes", food)
    await world.category("tea", cafes)
    await world.category("health")
    assert (await api.ask(TREE))["categories"] == [
        {
            "slug": "food",
            "path": "food/",
            "parent": None,
            "children": [
                {
                    "slug": "cafes",
                    "path": "food/cafes/",
                    "parent": {"slug": "food"},
                    "children": [{"slug": "tea"}],
                }
            ],
        },
        {"slug": "health", "path": "health/", "parent": None, "children": []},
    ]


async def test_categories_on_a_branch(world: World, api: Client) -> None:
    food = await world.category("food")
    await world.category("cafes", food)
    query = "query ($id: ID) { categories(parentId: $id) { slug } }"
    assert await api.ask(query, id=gid(food)) == {"categories": [{"slug": "cafes"}]}
    assert await api.ask(query, id=None) == {"categories": [{"slug": "food"}]}
    assert await api.ask(query, id=unknown("Category")) == {"categories": []}
    assert await api.failed(query, id=unknown("Vendor")) == ["BAD_USER_INPUT"]


async def test_categories_come_in_their_position(world: World, api: Client) -> None:
    for position, slug in ((2, "second"), (1, "first"), (3, "third")):
        await world.save(Category(slug=slug, path=f"{slug}/", name={}, position=position))
    found = (await api.ask("{ categories { slug } }"))["categories"]
    assert [category["slug"] for category in found] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("languages", "name"),
    [
        ("", "Food"),
        ("hi", "food (hi)"),
        ("hi-IN", "food (hi)"),
        ("HI-in", "food (hi)"),
        ("fr, hi;q=0.8, en;q=0.5", "food (hi)"),
        ("hi;q=0.5, en", "Food"),
        ("hi;q=0, fr", "Food"),
        ("fr", "Food"),
        ("*", "Food"),
        (";;;=,q", "Food"),
    ],
)
async def test_categories_in_the_callers_language(
    world: World, api: Client, languages: str, name: str
) -> None:
    await world.category("food")
    asked = await api.reading(languages).ask("{ categories { name } }")
    assert asked["categories"] == [{"name": name}]


@pytest.mark.parametrize(
    ("locale", "name"),
    [("en", "Food"), ("hi", "food (hi)"), ("hi-IN", "food (hi)"), ("fr", "Food"), (None, "Food")],
)
async def test_categories_in_a_language_asked_for(
    world: World, api: Client, locale: str | None, name: str
) -> None:
    await world.category("food")
    query = "query ($locale: String) { categories { name(locale: $locale) } }"
    asked = await api.reading("en").ask(query, locale=locale)
    assert asked["categories"] == [{"name": name}]


async def test_categories_in_several_languages_at_once(world: World, api: Client) -> None:
    await world.category("food")
    asked = await api.ask('{ categories { en: name(locale: "en") hi: name(locale: "hi") } }')
    assert asked["categories"] == [{"en": "Food", "hi": "food (hi)"}]
