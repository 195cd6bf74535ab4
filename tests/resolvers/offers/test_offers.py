"""Discovering offers."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.offers.offers import OfferState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, around, offer_ids

OFFER = "query ($id: ID!) { offer(id: $id) { id state } }"


NOT_LIVE: list[dict[str, Any]] = [
    *({"state": state} for state in OfferState if state is not OfferState.PUBLISHED),
    {"ends_at": now() - timedelta(seconds=1)},
]


@pytest.mark.parametrize("values", NOT_LIVE)
async def test_offers_that_are_not_live_are_hidden(
    world: World, api: Client, values: dict[str, Any]
) -> None:
    staff, scanner = await world.user(), await world.user()
    vendor = await world.vendor()
    await world.member(vendor, staff, MemberRole.STAFF)
    await world.member(vendor, scanner, MemberRole.SCANNER)
    offer = await world.offer(vendor, **values)
    where = {"states": [state.value for state in OfferState]}
    for client in (api, api.signed_in(scanner), api.signed_in(await world.user())):
        assert await offer_ids(client) == await offer_ids(client, where=where) == []
        assert await client.ask(OFFER, id=gid(offer)) == {"offer": None}
    for user in (staff, await world.admin()):
        client = api.signed_in(user)
        assert await offer_ids(client) == []
        assert await offer_ids(client, where=where) == [gid(offer)]
        assert (await client.ask(OFFER, id=gid(offer)))["offer"]["id"] == gid(offer)


async def test_offers_of_a_suspended_vendor_are_hidden(world: World, api: Client) -> None:
    offer = await world.offer(await world.vendor(status=VendorStatus.SUSPENDED))
    assert await offer_ids(api) == await offer_ids(api, where={"states": ["PUBLISHED"]}) == []
    assert await api.ask(OFFER, id=gid(offer)) == {"offer": None}


async def test_offers_of_some_states_at_ones_own_vendor_only(world: World, api: Client) -> None:
    owner = await world.user()
    draft = await world.offer(await world.vendor(owner), state=OfferState.DRAFT)
    await world.offer(await world.vendor(), state=OfferState.DRAFT)
    live = await world.offer(await world.vendor())
    client = api.signed_in(owner)
    assert await offer_ids(client, where={"states": ["DRAFT"]}) == [gid(draft)]
    assert await offer_ids(client, where={"states": ["DRAFT", "PUBLISHED"]}) == [
        gid(live),
        gid(draft),
    ]
    assert await offer_ids(client, where={"states": []}) == []


async def test_offer_by_an_unknown_or_wrong_id(world: World, api: Client) -> None:
    assert await api.ask(OFFER, id=unknown("Offer")) == {"offer": None}
    assert await api.failed(OFFER, id=gid(await world.vendor())) == ["BAD_USER_INPUT"]


async def test_offers_are_the_newest_first(world: World, api: Client) -> None:
    vendor = await world.vendor()
    old = await world.offer(vendor, created_at=now() - timedelta(hours=1))
    new = await world.offer(vendor)
    assert await offer_ids(api) == [gid(new), gid(old)]


async def test_offers_by_ending_soon(world: World, api: Client) -> None:
    vendor = await world.vendor()
    later = await world.offer(vendor, ends_at=now() + timedelta(hours=2))
    soon = await world.offer(vendor, ends_at=now() + timedelta(hours=1))
    assert await offer_ids(api, orderBy="ENDING_SOON") == [gid(soon), gid(later)]


async def test_offers_by_pin_code_country_and_vendor(world: World, api: Client) -> None:
    one, two = await world.vendor(country="NP"), await world.vendor()
    near = await world.offer(one, pin_codes=["560001", "560002"])
    far = await world.offer(two, pin_codes=["110001"])
    for code in ("560002", "560 002", " 560-002 "):
        assert await offer_ids(api, where={"pinCode": code}) == [gid(near)]
    assert await offer_ids(api, where={"pinCode": "56000"}) == []
    assert await offer_ids(api, where={"country": "IN"}) == [gid(far)]
    assert await offer_ids(api, where={"vendorId": gid(one)}) == [gid(near)]
    assert await offer_ids(api, where={"vendorId": gid(one), "country": "IN"}) == []
    assert await offer_ids(api, where={"vendorId": unknown("Vendor")}) == []


@pytest.mark.parametrize(
    "where",
    [
        {"vendorId": unknown("Offer")},
        {"categoryId": "garbage"},
        {"country": "India"},
        {"states": ["SOLD"]},
        {"pinCode": "5\x00"},
    ],
    ids=str,
)
async def test_offers_by_invalid_filters(
    world: World, api: Client, where: dict[str, object]
) -> None:
    assert await api.failed(OFFERS, where=where) == ["BAD_USER_INPUT"]


async def test_offers_on_a_branch_and_below_it(world: World, api: Client) -> None:
    food = await world.category("food_1")
    cafes = await world.category("cafes", food)
    vendor = await world.vendor(category=await world.category("food-1"))
    on_top = await world.offer(vendor, category_id=food.id)
    below = await world.offer(vendor, category_id=cafes.id)
    await world.offer(vendor)
    assert await offer_ids(api, where={"categoryId": gid(food)}) == [gid(below), gid(on_top)]
    assert await offer_ids(api, where={"categoryId": gid(cafes)}) == [gid(below)]


async def test_offers_liked_by_the_viewer(world: World, api: Client) -> None:
    user, other, vendor = await world.user(), await world.user(), await world.vendor()
    liked, unliked = await world.offer(vendor), await world.offer(vendor)
    over = await world.offer(vendor, state=OfferState.EXPIRED)
    for offer, person in ((liked, user), (liked, other), (unliked, other), (over, user)):
        await world.like(offer, person)
    assert await offer_ids(api.signed_in(user), where={"likedByMe": True}) == [gid(liked)]
    assert len(await offer_ids(api.signed_in(user), where={"likedByMe": False})) == 2
    assert await api.failed(OFFERS, where={"likedByMe": True}) == ["UNAUTHENTICATED"]


async def test_offers_matching_exactly_precede_those_with_a_typo(world: World, api: Client) -> None:
    vendor = await world.vendor()
    typo = await world.offer(vendor, title={"en": "Cofee"})
    exact = await world.offer(vendor, title={"en": "A coffee with a very long breakfast menu"})
    await world.count_words()
    assert await offer_ids(api, search="coffee") == [gid(exact), gid(typo)]


ALMOST = [
    ("cofee", "gbigbe de ile lọ́fẹ̀ẹ́"),
    ("free", "fresh bread"),
    ("masage", "masala dosa"),
    ("tea", "instead"),
    ("first visit", "visit us"),
    ("cheap biryani", "biryani"),
]


@pytest.mark.parametrize("order", ["RELEVANCE", "NEWEST", "ENDING_SOON", "NEAREST"])
@pytest.mark.parametrize(("search", "title"), ALMOST)
async def test_offers_that_match_in_part_are_found_in_no_order(
    world: World, api: Client, search: str, title: str, order: str
) -> None:
    await world.offer(await world.vendor(), title={"en": title})
    await world.count_words()
    near = around(*BENGALURU)
    assert await offer_ids(api, search=search, orderBy=order, near=near) == []


@pytest.mark.parametrize("search", ["coffee", "cofee", "milk", "ilkcof", "milkcofee", "shop cof"])
async def test_offers_searched_are_the_same_in_every_order(
    world: World, api: Client, search: str
) -> None:
    vendor = await world.vendor(name="Shop")
    for title in ("Milkcoffee", "Coffee", "Cofee", "Coffees and milk", "Tea", "Milk", "Toffee"):
        await world.offer(vendor, title={"en": title})
    await world.count_words()
    near = around(*BENGALURU)
    found = [
        sorted(await offer_ids(api, search=search, orderBy=order, near=near))
        for order in ("RELEVANCE", "NEWEST", "ENDING_SOON", "NEAREST")
    ]
    assert found[0]
    assert found == [found[0]] * 4
