"""Discovering offers."""

from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any
from uuid import uuid4

import pytest
from strawberry.relay import to_base64

from core.clock import now
from models.offers import Offer, OfferState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.world import BENGALURU, World
from tests.resolvers.paging import CONNECTION

LIST = f"""query (
  $where: OfferWhere, $search: String, $near: NearInput, $orderBy: OfferOrder,
  $first: Int, $after: String, $last: Int, $before: String
) {{ offers(
  where: $where, search: $search, near: $near, orderBy: $orderBy,
  first: $first, after: $after, last: $last, before: $before
) {{ totalCount edges {{ distanceMeters node {{ id }} }} {CONNECTION} }} }}"""
OFFER = "query ($id: ID!) { offer(id: $id) { id state } }"


async def ids(client: Client, **asked: Any) -> list[str]:
    """The ids of a list, whose count must be theirs."""
    connection = (await client.ask(LIST, **asked))["offers"]
    found = [node["id"] for node in connection["nodes"]]
    assert connection["totalCount"] == len(found)
    return found


def around(latitude: float, longitude: float, **more: float) -> dict[str, float]:
    return {"latitude": latitude, "longitude": longitude} | more


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the haversine formula, on a sphere of Earth's mean radius (IUGG, 6,371,008.8 m)."""
    (lat1, lon1), (lat2, lon2) = (map(radians, one), map(radians, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * asin(sqrt(half))


NOT_LIVE: list[dict[str, Any]] = [
    *({"state": state} for state in OfferState if state is not OfferState.PUBLISHED),
    {"ends_at": now() - timedelta(seconds=1)},
]


@pytest.mark.parametrize("values", NOT_LIVE, ids=str)
async def test_offers_that_are_not_live_are_hidden(
    world: World, api: Client, values: dict[str, Any]
) -> None:
    scanner = await world.user()
    vendor = await world.vendor()
    await world.member(vendor, scanner, MemberRole.SCANNER)
    offer = await world.offer(vendor, **values)
    where = {"states": [state.value for state in OfferState]}
    for client in (api, api.signed_in(await world.user())):
        assert await ids(client) == await ids(client, where=where) == []
        assert await client.ask(OFFER, id=gid(offer)) == {"offer": None}
    for user in (scanner, await world.admin()):
        client = api.signed_in(user)
        assert await ids(client) == []
        assert await ids(client, where=where) == [gid(offer)]
        assert (await client.ask(OFFER, id=gid(offer)))["offer"]["id"] == gid(offer)


async def test_offers_of_a_suspended_vendor_are_hidden(world: World, api: Client) -> None:
    offer = await world.offer(await world.vendor(status=VendorStatus.SUSPENDED))
    assert await ids(api) == await ids(api, where={"states": ["PUBLISHED"]}) == []
    assert await api.ask(OFFER, id=gid(offer)) == {"offer": None}


async def test_offers_of_some_states_at_ones_own_vendor_only(world: World, api: Client) -> None:
    owner = await world.user()
    draft = await world.offer(await world.vendor(owner), state=OfferState.DRAFT)
    await world.offer(await world.vendor(), state=OfferState.DRAFT)
    live = await world.offer(await world.vendor())
    client = api.signed_in(owner)
    assert await ids(client, where={"states": ["DRAFT"]}) == [gid(draft)]
    assert await ids(client, where={"states": ["DRAFT", "PUBLISHED"]}) == [gid(live), gid(draft)]
    assert await ids(client, where={"states": []}) == []


async def test_offer_by_an_unknown_or_wrong_id(world: World, api: Client) -> None:
    assert await api.ask(OFFER, id=to_base64("Offer", str(uuid4()))) == {"offer": None}
    assert await api.failed(OFFER, id=gid(await world.vendor())) == ["BAD_USER_INPUT"]


async def test_offers_are_the_newest_first(world: World, api: Client) -> None:
    vendor = await world.vendor()
    old = await world.offer(vendor, created_at=now() - timedelta(hours=1))
    new = await world.offer(vendor)
    assert await ids(api) == [gid(new), gid(old)]


async def test_offers_by_ending_soon(world: World, api: Client) -> None:
    vendor = await world.vendor()
    later = await world.offer(vendor, ends_at=now() + timedelta(hours=2))
    soon = await world.offer(vendor, ends_at=now() + timedelta(hours=1))
    assert await ids(api, orderBy="ENDING_SOON") == [gid(soon), gid(later)]


async def test_offers_by_pin_code_country_and_vendor(world: World, api: Client) -> None:
    one, two = await world.vendor(country="NP"), await world.vendor()
    near = await world.offer(one, pin_codes=["560001", "560002"])
    far = await world.offer(two, pin_codes=["110001"])
    assert await ids(api, where={"pinCode": "560002"}) == [gid(near)]
    assert await ids(api, where={"pinCode": "56000"}) == []
    assert await ids(api, where={"country": "IN"}) == [gid(far)]
    assert await ids(api, where={"vendorId": gid(one)}) == [gid(near)]
    assert await ids(api, where={"vendorId": gid(one), "country": "IN"}) == []
    assert await ids(api, where={"vendorId": to_base64("Vendor", str(uuid4()))}) == []


@pytest.mark.parametrize(
    "where",
    [
        {"vendorId": to_base64("Offer", str(uuid4()))},
        {"categoryId": "garbage"},
        {"country": "India"},
        {"states": ["SOLD"]},
        {"pinCode": "5\x00"},
    ],
    ids=str,
)
async def test_offers_by_what_cannot_be(
    world: World, api: Client, where: dict[str, object]
) -> None:
    assert await api.failed(LIST, where=where) == ["BAD_USER_INPUT"]


async def test_offers_on_a_branch_and_below_it(world: World, api: Client) -> None:
    food = await world.category("food_1")
    cafes = await world.category("cafes", food)
    vendor = await world.vendor(category=await world.category("food-1"))
    on_top = await world.offer(vendor, category_id=food.id)
    below = await world.offer(vendor, category_id=cafes.id)
    await world.offer(vendor)
    assert await ids(api, where={"categoryId": gid(food)}) == [gid(below), gid(on_top)]
    assert await ids(api, where={"categoryId": gid(cafes)}) == [gid(below)]


async def test_offers_liked_by_the_viewer(world: World, api: Client) -> None:
    user, other, vendor = await world.user(), await world.user(), await world.vendor()
    liked, unliked = await world.offer(vendor), await world.offer(vendor)
    over = await world.offer(vendor, state=OfferState.EXPIRED)
    for offer, person in ((liked, user), (liked, other), (unliked, other), (over, user)):
        await world.like(offer, person)
    assert await ids(api.signed_in(user), where={"likedByMe": True}) == [gid(liked)]
    assert len(await ids(api.signed_in(user), where={"likedByMe": False})) == 2
    assert await api.failed(LIST, where={"likedByMe": True}) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "search",
    ["biryani", "BIRIYANI", "biryni", "hyderabadi biryani", "हैदराबादी", "paradise", "bengaluru"],
)
async def test_offers_searched_with_typos(world: World, api: Client, search: str) -> None:
    title = {"en": "Hyderabadi Biryani", "hi": "हैदराबादी बिरयानी"}
    offer = await world.offer(await world.vendor(name="Paradise"), title=title)
    await world.offer(await world.vendor(name="Clinic", city="Mysuru"))
    assert await ids(api, search=search) == [gid(offer)]


async def test_offers_searched_come_in_the_order_asked_for(world: World, api: Client) -> None:
    vendor = await world.vendor()
    same = await world.offer(vendor, title={"en": "Biryani"})
    alike = await world.offer(vendor, title={"en": "Biriyani"})
    assert await ids(api, search="biryani") == [gid(same), gid(alike)]
    assert await ids(api, search="biryani", orderBy="RELEVANCE") == [gid(same), gid(alike)]
    assert await ids(api, search="biryani", orderBy="NEWEST") == [gid(alike), gid(same)]
    near = around(*BENGALURU)
    assert await ids(api, search="biryani", near=near) == [gid(same), gid(alike)]
    assert await ids(api, search="biryani", near=around(0, 0)) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"orderBy": "RELEVANCE"},
        {"orderBy": "NEAREST"},
        {"search": "a"},
        {"near": around(90.1, 0)},
        {"near": around(0, -180.1)},
        {"near": around(0, 0, withinKm=0)},
        {"near": around(0, 0, withinKm=500.1)},
    ],
    ids=str,
)
async def test_offers_in_an_order_there_cannot_be(
    world: World, api: Client, asked: dict[str, object]
) -> None:
    assert await api.failed(LIST, **asked) == ["BAD_USER_INPUT"]


async def place(world: World, latitude: float, longitude: float) -> Offer:
    return await world.offer(await world.vendor(latitude=latitude, longitude=longitude))


async def test_offers_the_nearest_first_with_their_distance(world: World, api: Client) -> None:
    places = [(12.2958, 76.6394), (12.9716, 77.5946), (13.0827, 80.2707), (12.98, 77.6)]
    offers = {metres(BENGALURU, at): gid(await place(world, *at)) for at in places}
    await place(world, 28.6, 77.2)
    near = around(*BENGALURU, withinKm=400)
    edges = (await api.ask(LIST, near=near))["offers"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == [offers[far] for far in sorted(offers)]
    given = [edge["distanceMeters"] for edge in edges]
    assert given == pytest.approx(sorted(offers), rel=0.01, abs=1)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ((0, 179.99), (0, -179.99)),
        ((89.99, 0), (89.99, 180)),
        ((-90, 0), (-89.99, 12)),
        ((12.97, 77.59), (12.97, 77.59)),
    ],
)
async def test_offers_near_the_edges_of_the_map(
    world: World, api: Client, here: tuple[float, float], there: tuple[float, float]
) -> None:
    offer = await place(world, *there)
    edges = (await api.ask(LIST, near=around(*here, withinKm=5)))["offers"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == [gid(offer)]
    assert edges[0]["distanceMeters"] == pytest.approx(metres(here, there), rel=0.01, abs=1)


async def test_offers_within_a_circle_not_a_box(world: World, api: Client) -> None:
    latitude, longitude = BENGALURU
    corner = await place(world, latitude + 0.072, longitude + 0.074)  # 8 km north, 8 km east
    edge = await place(world, latitude + 0.0895, longitude)  # just short of 10 km north
    near = around(*BENGALURU, withinKm=10)
    assert await ids(api, near=near) == await ids(api, near=near, orderBy="NEWEST") == [gid(edge)]
    assert gid(corner) in await ids(api, near=around(*BENGALURU, withinKm=12))


async def test_offers_tell_a_distance_only_when_ordered_by_it(world: World, api: Client) -> None:
    await world.offer(await world.vendor())
    asked = {"near": around(*BENGALURU), "orderBy": "NEWEST"}
    edges = (await api.ask(LIST, **asked))["offers"]["edges"]
    assert [edge["distanceMeters"] for edge in edges] == [None]
