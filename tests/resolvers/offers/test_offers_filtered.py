"""Lists of offers by conditions and their combinations, in every order and page by page."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from core.clock import now
from models.categories import Category
from models.offers.offers import DiscountKind, Offer
from models.vendors.hours import VendorOpen
from services.near import Near
from services.offers import public_lists, rings, sifting
from tests.client import Client, gid, unknown
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, around
from tests.resolvers.paging import walk

DISCOUNTS: list[dict[str, Any]] = [
    {"percent": 20},
    {"percent": 55},
    {"discount_kind": DiscountKind.BUY_GET, "percent": None, "buy": 1, "get": 1},
    {"discount_kind": DiscountKind.AMOUNT, "percent": None, "amount_minor": 500},
]
NEAR = Near(*BENGALURU, 10)
Matches = Callable[["OfferMarket", Offer], bool]
CONDITIONS: dict[str, tuple[Callable[["OfferMarket"], dict[str, Any]], Matches]] = {
    "all": (lambda _: {}, lambda *_: True),
    "vendor": (lambda m: {"vendorId": gid(m.open)}, lambda m, o: o.vendor_id == m.open.id),
    "root": (
        lambda m: {"categoryId": gid(m.categories[0])},
        lambda m, o: o.category_id in {one.id for one in m.categories[:3]},
    ),
    "middle": (
        lambda m: {"categoryId": gid(m.categories[1])},
        lambda m, o: o.category_id in {one.id for one in m.categories[1:3]},
    ),
    "pin": (lambda _: {"pinCode": "560 009"}, lambda _, o: "560009" in o.pin_codes),
    "percent": (lambda _: {"discountAtLeast": 50}, lambda _, o: (o.percent or 0) >= 50),
    "kinds": (
        lambda _: {"discountKinds": ["BUY_GET", "AMOUNT"]},
        lambda _, o: o.discount_kind in {DiscountKind.BUY_GET, DiscountKind.AMOUNT},
    ),
    "ending": (
        lambda _: {"endingWithinHours": 30},
        lambda _, o: o.ends_at <= now() + timedelta(hours=30),
    ),
    "open": (lambda _: {"openNow": True}, lambda m, o: o.vendor_id == m.open.id),
    "country": (lambda _: {"country": "NP"}, lambda _, o: o.country == "NP"),
    "two": (
        lambda m: {"categoryId": gid(m.categories[0]), "discountAtLeast": 50},
        lambda m, o: (
            (o.percent or 0) >= 50 and o.category_id in {one.id for one in m.categories[:3]}
        ),
    ),
    "none": (lambda _: {"vendorId": unknown("Vendor")}, lambda *_: False),
}
Key = Callable[["OfferMarket", Offer], Any]
ORDERS: dict[str, Key] = {
    "NEWEST": lambda _, o: (-o.created_at.timestamp(), -o.id.int),
    "ENDING_SOON": lambda _, o: (o.ends_at, o.id),
    "MOST_LIKED": lambda m, o: (-(o == m.liked), -o.id.int),
    "NEAREST": lambda _, o: (NEAR.distance(o), o.id),
}


@dataclass(frozen=True)
class OfferMarket:
    """Offers of two vendors, of which one is open, and a tree of categories."""

    categories: list[Category]
    open: Any
    offers: list[Offer]

    @property
    def liked(self) -> Offer:
        return self.offers[7]


async def open_market(world: World, size: int = 40) -> OfferMarket:
    chance = random.Random(size)
    root = await world.category("root-1")
    middle = await world.category("middle-1", root)
    categories = [root, middle, await world.category("leaf-1", middle), await world.category()]
    vendors = [await world.vendor(), await world.vendor(country="NP")]
    moment = now()
    for vendor, ahead in zip(vendors, (-1, 1), strict=True):
        starts_at = moment + timedelta(hours=ahead)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=5)}
        await world.save(VendorOpen(vendor_id=vendor.id, **times))
    offers = [
        await world.offer(
            vendors[chance.randrange(2)],
            **chance.choice(DISCOUNTS),
            category_id=chance.choice(categories).id,
            created_at=moment - timedelta(minutes=chance.randrange(9)),
            ends_at=moment + timedelta(hours=1 + chance.randrange(60)),
            pin_codes=chance.sample(["560001", "560009", "110001"], chance.randrange(3)),
            latitude=BENGALURU[0] + chance.choice((0, 0, 0.001, 0.02, 0.5)),
        )
        for _ in range(size)
    ]
    market = OfferMarket(categories, vendors[0], offers)
    await world.like(market.liked, await world.user())
    return market


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
async def test_offers_by_conditions_in_every_order_are_those_that_match(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    """With few offers looked through, the matches are found by their conditions and sorted."""
    if not many:
        monkeypatch.setattr(sifting, "MAX_WALKED", 2)
        public_lists._statements.cache_clear()
    market = await open_market(world)
    await world.rank_offers()
    for (name, (asked, matches)), (order, key) in product(CONDITIONS.items(), ORDERS.items()):
        near = around(*BENGALURU, withinKm=10) if order == "NEAREST" else None
        found = (one for one in market.offers if matches(market, one))
        if near:
            found = (one for one in found if NEAR.distance(one) <= 10_000)
        wanted = [gid(one) for one in sorted(found, key=lambda one: key(market, one))]
        given = {"where": asked(market), "orderBy": order, "near": near}
        page = (await api.ask(OFFERS, **given, first=100))["offers"]
        assert [node["id"] for node in page["nodes"]] == wanted, (name, order)
        assert page["totalCount"] == len(wanted), (name, order)
        for way in ("first", "last"):
            size: dict[str, Any] = {way: 7}
            assert await walk(api, OFFERS, "offers", **given, **size) == wanted, (name, order, way)
    public_lists._statements.cache_clear()


@pytest.mark.parametrize("most", [3, 5_000])
@pytest.mark.parametrize("at", [(85, 179.999), (0.0, 180.0), (-89.9, 10.0), BENGALURU], ids=str)
async def test_nearest_offers_are_those_of_brute_force(
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    at: tuple[float, float],
    most: int,
) -> None:
    """With few to sort at once, rings are made narrower until they have one place."""
    monkeypatch.setattr(rings, "MAX_IN_RING", most)
    chance, vendor = random.Random(5), await world.vendor()
    offers = []
    for _ in range(60):
        away = chance.choice((0, 0, 0.0005, 0.01, 1, 3))
        latitude = max(-90, min(90, at[0] + away * chance.uniform(-1, 1)))
        longitude = (at[1] + away * 9 * chance.uniform(-1, 1) + 540) % 360 - 180
        offers.append(await world.offer(vendor, latitude=latitude, longitude=longitude))
    near = Near(*at, 300)
    keyed = sorted((near.distance(one), one.id, one) for one in offers)
    wanted = [gid(one) for metres, _, one in keyed if metres <= 300_000]
    asked: dict[str, Any] = {"near": around(*at, withinKm=300)}
    sizes: list[dict[str, Any]] = [{"first": 7}, {"last": 7}, {"first": 100}]
    for size in sizes:
        assert await walk(api, OFFERS, "offers", **asked, **size) == wanted


@pytest.mark.parametrize(
    "where",
    [
        {"discountAtLeast": 0},
        {"discountAtLeast": 101},
        {"endingWithinHours": 0},
        {"endingWithinHours": 8_761},
        {"discountKinds": ["HALF"]},
        {"cityId": unknown("Offer")},
    ],
    ids=str,
)
async def test_conditions_that_cannot_be(api: Client, where: dict[str, Any]) -> None:
    assert await api.failed(OFFERS, where=where) == ["BAD_USER_INPUT"]


async def test_an_offer_is_gone_from_every_list_in_the_second_in_which_it_ends(
    world: World, api: Client
) -> None:
    vendor = await world.vendor()
    await world.offer(vendor, ends_at=now() - timedelta(milliseconds=1))
    live = await world.offer(vendor)
    for order in ORDERS:
        near = around(*BENGALURU) if order == "NEAREST" else None
        page = (await api.ask(OFFERS, orderBy=order, near=near))["offers"]
        assert [node["id"] for node in page["nodes"]] == [gid(live)]
