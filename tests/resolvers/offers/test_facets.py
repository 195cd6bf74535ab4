"""How many offers a list has by category, city and discount."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from models.offers.offers import DiscountKind, Offer, OfferState
from models.vendors import VendorStatus
from services.offers import facets
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import around, offer_ids
from tests.resolvers.counting import statements

FACETS = """query ($by: [OfferFacet!]!, $where: OfferWhere, $search: String, $near: NearInput) {
  facets(by: $by, where: $where, search: $search, near: $near) {
    by exact asOf values {
      count kind percentFrom percentBelow category { id } city { id name }
    }
  }
}"""
ALL = ["CATEGORY", "CITY", "DISCOUNT", "KIND"]
FREE = {"discount_kind": DiscountKind.FREE_ITEM, "percent": None, "free_item": {"en": "Tea"}}


async def counted(client: Client, **asked: Any) -> dict[str, dict[str, int]]:
    """Return the counts by the name or id of each value."""
    found = (await client.ask(FACETS, **{"by": ALL} | asked))["facets"]
    assert all(facet["exact"] for facet in found)
    return {
        facet["by"]: {_name(value): value["count"] for value in facet["values"]} for facet in found
    }


def _name(value: dict[str, Any]) -> str:
    if value["percentFrom"] is not None:
        return f"{value['percentFrom']}-{value['percentBelow']}"
    return str(value["kind"] or (value["city"] or {}).get("name") or value["category"]["id"])


class FacetedTown:
    """Offers in two cities and in categories of two levels."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def build(self) -> "FacetedTown":
        world = self.world
        self.food = await world.category("food-8")
        self.cafes = await world.category("cafes-8", self.food)
        self.bars = await world.category("bars-8", self.food)
        self.sport = await world.category("sport-8")
        pune = await world.vendor(name="Zzz", city="Pune", category=self.cafes)
        delhi = await world.vendor(name="Zzz", city="Delhi", latitude=28.6, longitude=77.2)
        make = world.offer
        self.offers: list[Offer] = [
            await make(pune, title={"en": "Tea"}, percent=5),
            await make(pune, title={"en": "Tea"}, percent=15, category_id=self.bars.id),
            await make(pune, title={"en": "Cake"}, **FREE, category_id=self.food.id),
            await make(delhi, title={"en": "Tea"}, percent=100, category_id=self.sport.id),
            await make(delhi, title={"en": "Cake"}, percent=19, category_id=self.cafes.id),
        ]
        await make(delhi, state=OfferState.PAUSED)
        await make(await world.vendor(city="Goa", status=VendorStatus.SUSPENDED))
        await world.count_words()
        return self


@pytest.fixture(params=["in advance", "when asked"])
async def town(world: World, request: pytest.FixtureRequest) -> FacetedTown:
    made = await FacetedTown(world).build()
    if request.param == "in advance":
        await world.count_listings()
    return made


async def test_all_offers_are_counted(town: FacetedTown, api: Client) -> None:
    assert await counted(api) == {
        "CATEGORY": {gid(town.food): 4, gid(town.sport): 1},
        "CITY": {"Pune": 3, "Delhi": 2},
        "DISCOUNT": {"1-10": 1, "10-20": 2, "100-101": 1},
        "KIND": {"PERCENT": 4, "FREE_ITEM": 1},
    }


async def test_a_facet_ignores_its_own_condition_but_that_by_category(
    town: FacetedTown, api: Client
) -> None:
    asked = {"where": {"categoryId": gid(town.food)}}
    assert await counted(api, **asked) == {
        "CATEGORY": {gid(town.cafes): 2, gid(town.bars): 1},
        "CITY": {"Pune": 3, "Delhi": 1},
        "DISCOUNT": {"1-10": 1, "10-20": 2},
        "KIND": {"PERCENT": 3, "FREE_ITEM": 1},
    }
    cities = (await api.ask(FACETS, by=["CITY"]))["facets"][0]["values"]
    pune = {"cityId": next(one["city"]["id"] for one in cities if one["city"]["name"] == "Pune")}
    assert await counted(api, where=pune) == {
        "CATEGORY": {gid(town.food): 3},
        "CITY": {"Pune": 3, "Delhi": 2},
        "DISCOUNT": {"1-10": 1, "10-20": 1},
        "KIND": {"PERCENT": 2, "FREE_ITEM": 1},
    }
    where = pune | {"discountKinds": ["PERCENT"], "discountAtLeast": 10}
    assert await counted(api, where=where) == {
        "CATEGORY": {gid(town.food): 1},
        "CITY": {"Pune": 1, "Delhi": 2},
        "DISCOUNT": {"1-10": 1, "10-20": 1},
        "KIND": {"PERCENT": 1},
    }


ASKED: list[dict[str, Any]] = [
    {"search": "tea"},
    {"search": "tee"},
    {"near": around(*BENGALURU, withinKm=30)},
    {"near": around(28.6, 77.2, withinKm=500)},
    {"search": "tea", "near": around(*BENGALURU, withinKm=30)},
    {"where": {"pinCode": "560 001"}},
    {"where": {"endingWithinHours": 30}},
    {"where": {"country": "IN"}},
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
async def test_what_narrows_a_list_narrows_its_facets(
    town: FacetedTown, api: Client, asked: dict[str, Any]
) -> None:
    listed = set(await offer_ids(api, **asked))
    kinds = Counter(one.discount_kind for one in town.offers if gid(one) in listed)
    assert (await counted(api, **asked))["KIND"] == dict(kinds)


async def test_liked_offers_are_counted_for_the_viewer(town: FacetedTown, api: Client) -> None:
    user = await town.world.user()
    await town.world.like(town.offers[2], user)
    where = {"likedByMe": True}
    assert (await counted(api.signed_in(user), where=where))["KIND"] == {"FREE_ITEM": 1}
    assert (await counted(api.signed_in(await town.world.user()), where=where))["KIND"] == {}
    assert await api.failed(FACETS, by=ALL, where=where) == ["UNAUTHENTICATED"]


async def test_facets_of_other_states_or_with_bad_conditions_are_refused(api: Client) -> None:
    asked: dict[str, Any]
    for asked in (
        {"where": {"states": ["PUBLISHED"]}},
        {"where": {"discountAtLeast": 0}},
        {"search": "a"},
        {"near": around(91, 0)},
        {"by": ["PRICE"]},
    ):
        assert await api.failed(FACETS, **{"by": ALL} | asked) == ["BAD_USER_INPUT"]
    assert (await api.ask(FACETS, by=[]))["facets"] == []


async def test_counting_stops_and_says_so(
    town: FacetedTown, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MAX_COUNT", 2)
    (facet,) = (await api.ask(FACETS, by=["CITY"], search="tea"))["facets"]
    assert not facet["exact"]
    assert sum(value["count"] for value in facet["values"]) == 3


async def test_counts_in_advance_follow_the_offers(world: World, api: Client) -> None:
    town = await FacetedTown(world).build()
    await world.count_listings()
    await world.count_listings()
    before = (await api.ask(FACETS, by=["KIND"]))["facets"][0]["asOf"]
    await world.delete(town.offers[2])
    assert (await counted(api))["KIND"] == {"PERCENT": 4, "FREE_ITEM": 1}
    await world.count_listings()
    assert (await counted(api))["KIND"] == {"PERCENT": 4}
    assert (await api.ask(FACETS, by=["KIND"]))["facets"][0]["asOf"] > before
    async with world.database.session() as session, session.begin():
        old = {"old": now() - timedelta(minutes=11)}
        await session.execute(text("UPDATE facet_count SET number = 99, as_of = :old"), old)
    assert (await counted(api))["KIND"] == {"PERCENT": 4}


async def test_facets_take_at_most_two_statements_beside_the_names(
    town: FacetedTown, api: Client
) -> None:
    query = FACETS.replace("category { id } city { id name }", "")
    for asked in (*ASKED, {}, {"where": {"categoryId": gid(town.food)}}):
        assert len(await statements(api, query, by=ALL, **asked)) <= 2, asked
