"""Saved searches: saved up to the limit, changed, and listed with their matches."""

from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from models.searches import MAX_SAVED_SEARCHES, SavedSearch, SavedSearchHit
from models.vendors import VendorStatus
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.searches.nulls import NULLS

SEARCHES = """{ savedSearches { totalCount nodes { id name searchText notices onlyPinCode newHits
    discountKinds discountAtLeast near { latitude longitude withinKm } onlyVendor { id }
    onlyCategory { id } onlyCity { name } hits { nodes { seen offer { id } } } } } }"""
TEA = {"name": " Tea ", "conditions": {"search": "masala tea"}}
SAVED = "savedSearch { id name notices }"


def row(user: Any, **values: Any) -> SavedSearch:
    given = {"name": "Tea", "search": "tea", "query": "'tea'", "anchors": ["tea"]} | values
    return SavedSearch(user_id=user.id, **given)


async def test_save_search_once(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    saved = (await client.do("saveSearch", TEA, SAVED))["savedSearch"]
    assert (saved["name"], saved["notices"]) == ("Tea", "INSTANT")
    assert (await client.do("saveSearch", TEA, SAVED))["savedSearch"] == saved
    other = TEA | {"conditions": {"search": "coffee"}}
    assert await client.refusal_codes("saveSearch", other) == ["SAVED_SEARCH_NAME_TAKEN"]
    (listed,) = (await client.ask(SEARCHES))["savedSearches"]["nodes"]
    assert (listed["id"], listed["searchText"]) == (saved["id"], "masala tea")


async def test_save_search_with_all_conditions(world: World, api: Client) -> None:
    vendor = await world.vendor()
    offer = await world.offer(vendor)
    cities = '{ cities(country: "IN") { nodes { id name } } }'
    client = api.signed_in(await world.user())
    city = (await client.ask(cities))["cities"]["nodes"][0]
    near = {"latitude": 12.5, "longitude": 77.5, "withinKm": 5.5}
    conditions = {
        "vendorId": gid(vendor),
        "categoryId": (await api.ask(OFFER, id=gid(offer)))["offer"]["category"]["id"],
        "cityId": city["id"],
        "country": "IN",
        "pinCode": "560 001",
        "discountKinds": ["PERCENT", "AMOUNT"],
        "discountAtLeast": 20,
        "near": near,
    }
    await client.do("saveSearch", {"name": "All", "conditions": conditions, "notices": "DAILY"})
    (listed,) = (await client.ask(SEARCHES))["savedSearches"]["nodes"]
    del listed["id"]
    assert listed == {
        "name": "All",
        "searchText": None,
        "notices": "DAILY",
        "onlyPinCode": "560001",
        "newHits": 0,
        "discountKinds": ["AMOUNT", "PERCENT"],
        "discountAtLeast": 20,
        "near": near,
        "onlyVendor": {"id": gid(vendor)},
        "onlyCategory": {"id": conditions["categoryId"]},
        "onlyCity": {"name": city["name"]},
        "hits": {"nodes": []},
    }


OFFER = "query ($id: ID!) { offer(id: $id) { category { id } } }"


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"country": "IN"},
        {"discountKinds": ["PERCENT"], "discountAtLeast": 50},
        {"search": "tea", "discountAtLeast": 0},
        {"search": "tea", "pinCode": "?"},
        {"search": "x" * 101},
    ],
)
async def test_save_search_refuses_conditions(
    world: World, api: Client, conditions: dict[str, Any]
) -> None:
    client = api.signed_in(await world.user())
    given = {"name": "Tea", "conditions": conditions}
    assert await client.refusal_codes("saveSearch", given) == ["INVALID_INPUT"]


async def test_save_search_refuses_what_it_cannot_see_and_the_one_after_the_last(
    world: World, api: Client
) -> None:
    user = await world.user()
    client = api.signed_in(user)
    hidden = gid(await world.vendor(status=VendorStatus.SUSPENDED))
    given = {"name": "Tea", "conditions": {"vendorId": hidden}}
    assert await client.refusal_codes("saveSearch", given) == ["NOT_FOUND"]
    await world.save(*(row(user, name=f"{n}") for n in range(MAX_SAVED_SEARCHES)))
    assert await client.refusal_codes("saveSearch", TEA) == ["SAVED_SEARCH_LIMIT_REACHED"]


async def test_matches_are_counted_until_they_are_seen(world: World, api: Client) -> None:
    user, vendor = await world.user(), await world.vendor()
    search, other = row(user), row(user, name="Other")
    await world.save(search, other)
    offers = [await world.offer(vendor) for _ in range(2)]
    ended = await world.offer(vendor, ends_at=now())
    await world.save(
        *(SavedSearchHit(search_id=search.id, offer_id=one.id) for one in (*offers, ended))
    )
    client = api.signed_in(user)
    nodes = (await client.ask(SEARCHES))["savedSearches"]["nodes"]
    assert [one["newHits"] for one in nodes] == [0, 2]
    found = [one["offer"]["id"] for one in nodes[1]["hits"]["nodes"]]
    assert sorted(found) == sorted(map(gid, offers))
    marked = await client.do(
        "markSavedSearchSeen",
        {"savedSearchId": gid(search)},
        "savedSearch { newHits hits { nodes { seen } } }",
    )
    assert marked["savedSearch"] == {"newHits": 0, "hits": {"nodes": [{"seen": True}] * 2}}


@pytest.mark.parametrize("field", NULLS["UpdateSavedSearchInput"])
async def test_null_changes_nothing(world: World, api: Client, field: str) -> None:
    search = row(user := await world.user())
    await world.save(search)
    before = (await world.fresh(search)).model_dump()
    given = {"savedSearchId": gid(search), field: None}
    assert await api.signed_in(user).refusal_codes("updateSavedSearch", given) == []
    assert (await world.fresh(search)).model_dump() == before


async def test_other_conditions_forget_the_matches(world: World, api: Client) -> None:
    user, offer = await world.user(), await world.offer(await world.vendor())
    search = row(user)
    await world.save(search)
    await world.save(SavedSearchHit(search_id=search.id, offer_id=offer.id))
    client, fields = api.signed_in(user), "savedSearch { name newHits searchText }"
    given = {"savedSearchId": gid(search), "name": "Drinks", "conditions": {"search": "tea"}}
    changed = (await client.do("updateSavedSearch", given, fields))["savedSearch"]
    assert changed == {"name": "Drinks", "newHits": 1, "searchText": "tea"}
    given["conditions"] = {"search": "coffee"}
    changed = (await client.do("updateSavedSearch", given, fields))["savedSearch"]
    assert changed == {"name": "Drinks", "newHits": 0, "searchText": "coffee"}
    fresh = await world.fresh(search)
    assert fresh is not None
    assert fresh.seen_upto > search.seen_upto
    async with world.database.session() as session:
        query = await session.scalar(text("SELECT query::text FROM saved_search"))
    assert "coffee" in query


async def test_update_saved_search_refuses_a_name_that_is_taken(world: World, api: Client) -> None:
    user = await world.user()
    search = row(user)
    await world.save(search, row(user, name="Other"))
    given = {"savedSearchId": gid(search), "name": "Other"}
    client = api.signed_in(user)
    assert await client.refusal_codes("updateSavedSearch", given) == ["SAVED_SEARCH_NAME_TAKEN"]


@pytest.mark.parametrize("name", ["updateSavedSearch", "deleteSavedSearch", "markSavedSearchSeen"])
async def test_as_its_user_and_as_others(world: World, api: Client, name: str) -> None:
    user, stranger = await world.user(), await world.user()
    search = row(user)
    await world.save(search)
    await world.save(
        SavedSearchHit(search_id=search.id, offer_id=(await world.offer(await world.vendor())).id)
    )
    given = {"savedSearchId": gid(search)}
    assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    assert await api.signed_in(stranger).refusal_codes(name, given) == ["NOT_FOUND"]
    assert (await api.signed_in(stranger).ask(SEARCHES))["savedSearches"]["totalCount"] == 0
    assert await api.signed_in(user).refusal_codes(name, given) == []
    assert (await world.fresh(search) is None) == (name == "deleteSavedSearch")


async def test_save_search_as_anonymous(api: Client) -> None:
    assert await api.mutation_failed("saveSearch", TEA) == ["UNAUTHENTICATED"]
