"""Offers page by page, while others come and go."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from strawberry.relay import GlobalID

from core.clock import now
from models.offers.offers import Offer
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, around
from tests.resolvers.paging import walk

ORDERS: list[dict[str, Any]] = [
    {"orderBy": "NEWEST"},
    {"orderBy": "ENDING_SOON"},
    {"near": around(*BENGALURU)},
    {"search": "biryani"},
]
SIZE = 11


async def offer(world: World, vendor: Vendor, place: int) -> Offer:
    """Create an offer that sorts at `place` in all four orders; offers may share a place."""
    return await world.offer(
        vendor,
        title={"en": "Biryani" + " biryani" * place},
        created_at=MOMENT - timedelta(hours=place),
        ends_at=MOMENT + timedelta(days=1, hours=place),
        latitude=BENGALURU[0] + place / 1000,
    )


MOMENT = now()


async def shelf(world: World) -> tuple[Vendor, list[str]]:
    """Create a vendor with its offers, two or three at each place."""
    vendor = await world.vendor()
    return vendor, [gid(await offer(world, vendor, place // 3)) for place in range(SIZE)]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("way", ["first", "last"])
async def test_offers_in_pages_are_all_of_them_once(
    world: World, api: Client, order: dict[str, Any], way: str
) -> None:
    _, made = await shelf(world)
    whole = [node["id"] for node in (await api.ask(OFFERS, **order))["offers"]["nodes"]]
    assert sorted(whole) == sorted(made)
    for size in (1, 4, SIZE):
        assert await walk(api, OFFERS, "offers", **(order | {way: size})) == whole


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("way", ["first", "last"])
async def test_offers_in_pages_while_others_are_added(
    world: World, api: Client, order: dict[str, Any], way: str
) -> None:
    vendor, made = await shelf(world)
    whole = [node["id"] for node in (await api.ask(OFFERS, **order))["offers"]["nodes"]]

    places = iter(range(SIZE // 3 + 1))

    async def add() -> None:
        for place in islice(places, 2):
            await offer(world, vendor, place)

    seen = await walk(api, OFFERS, "offers", **(order | {way: 3}), between=add)
    assert list(places) == []
    assert len(seen) == len(set(seen))
    assert [id for id in seen if id in made] == whole


async def test_offers_in_pages_when_the_cursors_own_is_gone(world: World, api: Client) -> None:
    _, made = await shelf(world)
    page = (await api.ask(OFFERS, first=4))["offers"]
    seen = [node["id"] for node in page["nodes"]]
    async with world.database.session() as session, session.begin():
        await session.delete(await session.get_one(Offer, GlobalID.from_id(seen[-1]).node_id))
    rest = await walk(api, OFFERS, "offers", first=4, after=page["pageInfo"]["endCursor"])
    assert sorted(seen + rest) == sorted(made)


async def test_offers_page_has_page_info(world: World, api: Client) -> None:
    await shelf(world)
    first = (await api.ask(OFFERS, first=4))["offers"]["pageInfo"]
    assert (first["hasPreviousPage"], first["hasNextPage"]) == (False, True)
    middle = (await api.ask(OFFERS, first=4, after=first["endCursor"]))["offers"]["pageInfo"]
    assert (middle["hasPreviousPage"], middle["hasNextPage"]) == (True, True)
    back = (await api.ask(OFFERS, last=4, before=middle["startCursor"]))["offers"]["pageInfo"]
    assert back == first
    end = (await api.ask(OFFERS, last=4))["offers"]["pageInfo"]
    assert (end["hasPreviousPage"], end["hasNextPage"]) == (True, False)


async def test_offers_between_two_cursors(world: World, api: Client) -> None:
    await shelf(world)
    whole = (await api.ask(OFFERS))["offers"]["nodes"]
    one = (await api.ask(OFFERS, first=2))["offers"]["pageInfo"]["endCursor"]
    two = (await api.ask(OFFERS, first=6))["offers"]["pageInfo"]["endCursor"]
    for size in ({"first": 10}, {"last": 10}):
        page = (await api.ask(OFFERS, after=one, before=two, **size))["offers"]
        assert page["nodes"] == whole[2:5]


@pytest.mark.parametrize(
    ("page", "size"), [({}, 20), ({"first": 100}, 22), ({"first": 0}, 0), ({"last": 0}, 0)], ids=str
)
async def test_offers_page_sizes(
    world: World, api: Client, page: dict[str, int], size: int
) -> None:
    await shelf(world)
    await shelf(world)
    asked = (await api.ask(OFFERS, **page))["offers"]
    assert len(asked["nodes"]) == size
    assert asked["totalCount"] == 22


@pytest.mark.parametrize(
    "page",
    [
        {"first": 101},
        {"last": 101},
        {"first": -1},
        {"last": -1},
        {"first": 1, "last": 1},
        {"first": 2**31},
        {"after": ""},
        {"after": "garbage"},
        {"before": "ünïcode"},
    ],
    ids=str,
)
async def test_offers_page_there_cannot_be(world: World, api: Client, page: dict[str, Any]) -> None:
    assert await api.failed(OFFERS, **page) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("mine", ORDERS, ids=str)
async def test_offers_cursor_of_another_ordering(
    world: World, api: Client, mine: dict[str, Any]
) -> None:
    await shelf(world)
    cursor = (await api.ask(OFFERS, first=1, **mine))["offers"]["pageInfo"]["endCursor"]
    others = [*ORDERS, {"search": "house"}, {"near": around(12, 77)}]
    for other in others:
        if other != mine:
            assert await api.failed(OFFERS, first=1, after=cursor, **other) == ["BAD_USER_INPUT"]


Forge = Callable[[list[Any]], object]
FORGERIES: list[Forge] = [
    lambda parts: [parts[0], 10**400, parts[2]],
    lambda parts: [parts[0], parts[1], "no id"],
    lambda parts: [parts[0], None, parts[2]],
    lambda parts: [*parts, 1],
    lambda parts: dict.fromkeys("abc"),
    lambda parts: 1,
]


@pytest.mark.parametrize("order", [ORDERS[0], ORDERS[2]], ids=str)
@pytest.mark.parametrize("forge", FORGERIES)
async def test_offers_cursor_that_is_forged(
    world: World, api: Client, order: dict[str, Any], forge: Forge
) -> None:
    await shelf(world)
    cursor = (await api.ask(OFFERS, first=1, **order))["offers"]["pageInfo"]["endCursor"]
    parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps(forge(parts)).encode()).decode().rstrip("=")
    assert await api.failed(OFFERS, first=1, after=forged, **order) == ["BAD_USER_INPUT"]
