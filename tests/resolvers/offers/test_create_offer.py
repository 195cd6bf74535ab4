"""Drafting an offer."""

from typing import Any

import pytest
from strawberry.relay import to_base64

from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.offers import offer_input, texts
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World

OFFER = """offer {
  id state title titles { locale text } description terms capacity claimed remaining perUserLimit
  startsAt endsAt country pinCodes latitude longitude publishedAt likeCount likedByMe
  vendor { id } category { id } discount {
    ... on PercentDiscount { percent }
    ... on AmountDiscount { amount { amountMinor currency decimal } }
    ... on BuyGetDiscount { buy get }
    ... on FreeItemDiscount { item }
  }
}"""


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_create_offer_with_no_more_than_it_needs(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor, user = await world.vendor(), await world.user()
    await world.member(vendor, user, role)
    payload = await api.signed_in(user).do("createOffer", offer_input(vendor), OFFER)
    assert payload["errors"] == []
    offer = payload["offer"]
    assert offer.pop("id")
    assert offer == {
        "state": "DRAFT",
        "title": "Two for one",
        "titles": texts(en="Two for one"),
        "description": "",
        "terms": "",
        "capacity": None,
        "claimed": 0,
        "remaining": None,
        "perUserLimit": 1,
        "startsAt": "2030-01-01T00:00:00Z",
        "endsAt": "2030-01-31T18:30:00Z",
        "country": "IN",
        "pinCodes": ["560001"],
        "latitude": vendor.latitude,
        "longitude": vendor.longitude,
        "publishedAt": None,
        "likeCount": 0,
        "likedByMe": False,
        "vendor": {"id": gid(vendor)},
        "category": {"id": to_base64("Category", str(vendor.category_id))},
        "discount": {"percent": 25},
    }


async def test_create_offer_with_all_there_is(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, category = await world.vendor(owner), await world.category()
    given = {
        "title": texts(hi="  एक पर एक  ", en="Two for one"),
        "description": texts(en="More."),
        "terms": texts(en="Weekdays."),
        "categoryId": gid(category),
        "capacity": 1_000_000,
        "perUserLimit": 20,
        "pinCodes": ["560002", "560001", "560002"],
        "latitude": 0,
        "longitude": -180,
    }
    client = api.signed_in(owner).reading("hi")
    payload = await client.do("createOffer", offer_input(vendor, **given), OFFER)
    offer = payload["offer"]
    expected = given | {
        "title": "एक पर एक",
        "description": "More.",
        "terms": "Weekdays.",
        "pinCodes": ["560001", "560002"],
        "remaining": 1_000_000,
        "category": {"id": gid(category)},
    }
    expected.pop("categoryId")
    assert {name: offer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("discount", "answered"),
    [
        ({"percent": 1}, {"percent": 1}),
        ({"percent": 100}, {"percent": 100}),
        (
            {"amount": {"amountMinor": "12345", "currency": "INR"}},
            {"amount": {"amountMinor": 12345, "currency": "INR", "decimal": "123.45"}},
        ),
        ({"buyGet": {"buy": 2, "get": 1}}, {"buy": 2, "get": 1}),
        ({"freeItem": texts(en="A coffee")}, {"item": "A coffee"}),
    ],
    ids=str,
)
async def test_create_offer_of_each_kind(
    world: World, api: Client, discount: dict[str, Any], answered: dict[str, Any]
) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner), discount=discount)
    payload = await api.signed_in(owner).do("createOffer", given, OFFER)
    assert payload["errors"] == []
    assert payload["offer"]["discount"] == answered


async def test_create_offer_of_a_vendor_that_waits_for_approval(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, status=VendorStatus.PENDING)
    assert await api.signed_in(owner).refusal_codes("createOffer", offer_input(vendor)) == []


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_create_offer_without_permission(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await outsider(world, vendor, kind))
    assert await client.refusal_codes("createOffer", offer_input(vendor)) == ["NOT_FOUND"]


async def test_create_offer_of_an_unknown_vendor(world: World, api: Client) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner), vendorId=unknown("Vendor"))
    assert await api.signed_in(owner).refusal_codes("createOffer", given) == ["NOT_FOUND"]


async def test_create_offer_as_anonymous(world: World, api: Client) -> None:
    given = offer_input(await world.vendor())
    assert await api.mutation_failed("createOffer", given) == ["UNAUTHENTICATED"]


async def test_create_offer_treats_null_as_omitted(world: World, api: Client) -> None:
    owner = await world.user()
    names = ["description", "terms", "categoryId", "capacity", "perUserLimit", "pinCodes"]
    nothing = dict.fromkeys([*names, "latitude", "longitude"])
    given = offer_input(await world.vendor(owner), **nothing)
    payload = await api.signed_in(owner).do("createOffer", given, OFFER)
    assert payload["errors"] == []
    assert payload["offer"]["perUserLimit"] == 1


async def test_create_offer_is_found_by_its_text(world: World, api: Client) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner, name="Paradise"), title=texts(en="Biryani feast"))
    client = api.signed_in(owner)
    await client.do("createOffer", given)
    query = "query ($s: String!) { offers(search: $s, where: {states: [DRAFT]}) { totalCount } }"
    for search in ("biriyani", "paradise", "bengaluru"):
        assert (await client.ask(query, s=search))["offers"]["totalCount"] == 1
