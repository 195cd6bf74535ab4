"""Offers by words and by distance."""

from math import asin, cos, radians, sin, sqrt

import pytest
from sqlmodel import select

from models.offers.offers import Offer
from services.near import Near, nearest
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, around, offer_ids
from tests.resolvers.counting import statements


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the haversine formula, on a sphere of Earth's mean radius (IUGG, 6,371,008.8 m)."""
    (lat1, lon1), (lat2, lon2) = (map(radians, one), map(radians, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * asin(sqrt(half))


@pytest.mark.parametrize(
    "search",
    [
        "biryani",
        "BIRIYANI",
        "biryni",
        "biriani",
        "hyderabadi biryani",
        "हैदराबादी",
        "paradise",
        "bengaluru",
    ],
)
async def test_offers_searched_with_typos(world: World, api: Client, search: str) -> None:
    title = {"en": "Hyderabadi Biryani", "hi": "हैदराबादी बिरयानी"}
    offer = await world.offer(await world.vendor(name="Paradise"), title=title)
    await world.offer(await world.vendor(name="Clinic", city="Mysuru"))
    await world.count_words()
    assert await offer_ids(api, search=search) == [gid(offer)]


async def test_offers_searched_come_in_the_order_asked_for(world: World, api: Client) -> None:
    vendor = await world.vendor()
    same = await world.offer(vendor, title={"en": "Biryani"})
    alike = await world.offer(vendor, title={"en": "Biriyani"})
    await world.count_words()
    assert await offer_ids(api, search="biryani") == [gid(same), gid(alike)]
    assert await offer_ids(api, search="biryani", orderBy="RELEVANCE") == [gid(same), gid(alike)]
    assert await offer_ids(api, search="biryani", orderBy="NEWEST") == [gid(alike), gid(same)]
    near = around(*BENGALURU)
    assert await offer_ids(api, search="biryani", near=near) == [gid(same), gid(alike)]
    assert await offer_ids(api, search="biryani", near=around(0, 0)) == []


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
    assert await api.failed(OFFERS, **asked) == ["BAD_USER_INPUT"]


async def place(world: World, latitude: float, longitude: float) -> Offer:
    return await world.offer(await world.vendor(latitude=latitude, longitude=longitude))


async def test_offers_the_nearest_first_with_their_distance(world: World, api: Client) -> None:
    places = [(12.2958, 76.6394), (12.9716, 77.5946), (13.0827, 80.2707), (12.98, 77.6)]
    offers = {metres(BENGALURU, at): gid(await place(world, *at)) for at in places}
    await place(world, 28.6, 77.2)
    near = around(*BENGALURU, withinKm=400)
    edges = (await api.ask(OFFERS, near=near))["offers"]["edges"]
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
    edges = (await api.ask(OFFERS, near=around(*here, withinKm=5)))["offers"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == [gid(offer)]
    assert edges[0]["distanceMeters"] == pytest.approx(metres(here, there), rel=0.01, abs=1)


async def test_offers_within_a_circle_not_a_box(world: World, api: Client) -> None:
    latitude, longitude = BENGALURU
    corner = await place(world, latitude + 0.072, longitude + 0.074)  # 8 km north, 8 km east
    edge = await place(world, latitude + 0.0895, longitude)  # just short of 10 km north
    near = around(*BENGALURU, withinKm=10)
    assert (
        await offer_ids(api, near=near)
        == await offer_ids(api, near=near, orderBy="NEWEST")
        == [gid(edge)]
    )
    assert gid(corner) in await offer_ids(api, near=around(*BENGALURU, withinKm=12))


ORDERS = ["NEAREST", "NEWEST", "ENDING_SOON", "RELEVANCE"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("search", [None, "biryani"])
async def test_offers_have_their_distance_in_every_order(
    world: World, api: Client, order: str, search: str | None
) -> None:
    if order == "RELEVANCE" and search is None:
        pytest.skip("RELEVANCE requires a search.")
    places = [(12.9716, 77.5946), (13.0827, 80.2707), (12.98, 77.6)]
    expected = {}
    for latitude, longitude in places:
        vendor = await world.vendor(name="Biryani", latitude=latitude, longitude=longitude)
        distance = metres(BENGALURU, (latitude, longitude))
        expected[gid(await world.offer(vendor))] = pytest.approx(distance, rel=0.01, abs=1)
    asked = {"near": around(*BENGALURU, withinKm=400), "orderBy": order, "search": search}
    edges = (await api.ask(OFFERS, **asked))["offers"]["edges"]
    assert {edge["node"]["id"]: edge["distanceMeters"] for edge in edges} == expected


async def test_distances_agree_with_the_order(world: World, api: Client) -> None:
    """Distances are computed in Python, and the order in PostgreSQL."""
    places = [(12.9, 77.6), (13.1, 77.5), (-33.9, 151.2), (89.9, 10), (0, 0), (12.97, -102.4)]
    offers = [await place(world, *at) for at in places]
    near = Near(*BENGALURU, 500)
    async with world.database.session() as session:
        keys = (await session.exec(select(Offer.id, nearest(near, Offer).key))).all()
    for offer in offers:
        assert near.distance(offer) == pytest.approx(dict(keys)[offer.id], abs=0.001)


async def test_offers_have_no_distance_without_a_place(world: World, api: Client) -> None:
    await world.offer(await world.vendor(name="Biryani"))
    for asked in ({}, {"orderBy": "NEWEST"}, {"search": "biryani"}):
        edges = (await api.ask(OFFERS, **asked))["offers"]["edges"]
        assert [edge["distanceMeters"] for edge in edges] == [None]


async def test_distances_take_no_statement(world: World, api: Client) -> None:
    for _ in range(3):
        await world.offer(await world.vendor(name="Biryani"))
    for search in (None, "biryani"):
        asked = {"near": around(*BENGALURU), "orderBy": "NEWEST", "search": search}
        with_distance = await statements(api, OFFERS, **asked)
        without = await statements(api, OFFERS.replace("distanceMeters", "cursor"), **asked)
        assert len(with_distance) == len(without)


@pytest.mark.parametrize("order", ["NEAREST", "NEWEST", "ENDING_SOON", "MOST_LIKED"])
async def test_a_circle_takes_as_many_statements_for_one_offer_as_for_twenty(
    world: World, api: Client, order: str
) -> None:
    query = OFFERS.replace("totalCount", "")
    asked = {"near": around(*BENGALURU), "orderBy": order, "first": 20}
    vendor = await world.vendor()
    await world.offer(vendor)
    one = await statements(api, query, **asked)
    for _ in range(19):
        await world.offer(vendor)
    assert len(await statements(api, query, **asked)) == len(one)
