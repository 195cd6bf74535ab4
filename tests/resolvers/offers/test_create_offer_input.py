"""Invalid input of a new offer, and how it is reported."""

from typing import Any

import pytest
from strawberry import UNSET

from tests.client import Client, unknown
from tests.factories.offers import offer_input, texts
from tests.factories.world import World
from tests.resolvers.offers.test_create_offer import OFFER

LANGUAGES = [
    "as",
    "bn",
    "de",
    "en",
    "es",
    "fr",
    "gu",
    "hi",
    "it",
    "ja",
    "kn",
    "ml",
    "mr",
    "ne",
    "or",
    "pa",
    "pt",
    "si",
    "ta",
    "te",
    "ur",
]


INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({"title": texts(en="ab")}, ["title", "0", "text"]),
    ({"title": texts(en="  ab  ")}, ["title", "0", "text"]),
    ({"title": texts(en="x" * 121)}, ["title", "0", "text"]),
    ({"title": []}, ["title"]),
    ({"title": texts(en="Two for one") * 2}, ["title"]),
    ({"title": texts(en="Two for one", EN="Two for one")}, ["title"]),
    ({"title": texts(xx="Two for one")}, ["title", "0", "locale"]),
    ({"title": texts(en="Two for one", hi_IN="Two for one")}, ["title", "1", "locale"]),
    ({"title": texts(en="Two for one", hi="x")}, ["title", "1", "text"]),
    ({"title": [{"locale": "", "text": "Two for one"}]}, ["title", "0", "locale"]),
    ({"title": texts(**dict.fromkeys(LANGUAGES, "Two for one"))}, ["title"]),
    ({"description": texts(en="x" * 4001)}, ["description", "0", "text"]),
    ({"description": texts(en=" ")}, ["description", "0", "text"]),
    ({"terms": texts(en="x" * 4001)}, ["terms", "0", "text"]),
    ({"discount": {"percent": 0}}, ["discount", "percent"]),
    ({"discount": {"percent": 101}}, ["discount", "percent"]),
    (
        {"discount": {"amount": {"amountMinor": 0, "currency": "INR"}}},
        ["discount", "amount", "amountMinor"],
    ),
    (
        {"discount": {"amount": {"amountMinor": 100, "currency": "USD"}}},
        ["discount", "amount", "currency"],
    ),
    ({"discount": {"buyGet": {"buy": 0, "get": 1}}}, ["discount", "buyGet", "buy"]),
    ({"discount": {"buyGet": {"buy": 1, "get": 101}}}, ["discount", "buyGet", "get"]),
    ({"discount": {"freeItem": []}}, ["discount", "freeItem"]),
    ({"discount": {"freeItem": texts(en="ab")}}, ["discount", "freeItem", "0", "text"]),
    ({"discount": {"freeItem": texts(en="Tea") * 2}}, ["discount", "freeItem"]),
    ({"endsAt": "2030-01-01T00:00:00Z"}, []),
    ({"endsAt": "2029-01-01T00:00:00Z"}, []),
    ({"endsAt": "2100-01-01T00:00:01Z"}, []),
    ({"capacity": 0}, ["capacity"]),
    ({"capacity": 1_000_001}, ["capacity"]),
    ({"perUserLimit": 0}, ["perUserLimit"]),
    ({"perUserLimit": 21}, ["perUserLimit"]),
    ({"pinCodes": [str(560000 + number) for number in range(101)]}, ["pinCodes"]),
    ({"pinCodes": ["560001", "!"]}, ["pinCodes", "1"]),
    ({"pinCodes": ["560001\n"]}, ["pinCodes", "0"]),
    ({"pinCodes": ["560001", "SW1A 1AA"]}, ["pinCodes", "1"]),
    ({"pinCodes": ["56001"]}, ["pinCodes", "0"]),
    ({"latitude": 90.1}, ["latitude"]),
    ({"latitude": -90.1}, ["latitude"]),
    ({"longitude": 180.1}, ["longitude"]),
    ({"categoryId": unknown("Category")}, ["categoryId"]),
]


@pytest.mark.parametrize(("changes", "field"), INVALID)
async def test_create_offer_with_bad_input(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner), **changes)
    payload = await api.signed_in(owner).do("createOffer", given, "offer { id }")
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", field)
    ]
    assert payload["offer"] is None


MALFORMED: list[dict[str, Any]] = [
    {"title": UNSET},
    {"title": None},
    {"discount": UNSET},
    {"discount": {}},
    {"discount": {"percent": 10, "buyGet": {"buy": 1, "get": 1}}},
    {"discount": {"percent": None}},
    {"discount": {"amount": {"amountMinor": 1.5, "currency": "INR"}}},
    {"discount": {"amount": {"amountMinor": 2**53, "currency": "INR"}}},
    {"discount": {"amount": {"amountMinor": 100, "currency": "rupees"}}},
    {"startsAt": "yesterday"},
    {"startsAt": "2030-01-01T00:00:00"},
    {"capacity": "many"},
    {"capacity": 2**31},
    {"vendorId": "garbage"},
    {"vendorId": unknown("Offer")},
    {"categoryId": unknown("Vendor")},
    {"title": texts(en="Two\x00one")},
    {"claimed": 5},
]


@pytest.mark.parametrize("changes", MALFORMED, ids=str)
async def test_create_offer_with_invalid_input(
    world: World, api: Client, changes: dict[str, Any]
) -> None:
    owner = await world.user()
    given = offer_input(await world.vendor(owner), **changes)
    assert await api.signed_in(owner).mutation_failed("createOffer", given) == ["BAD_USER_INPUT"]


async def test_create_offer_in_as_many_languages_as_may_be(world: World, api: Client) -> None:
    owner = await world.user()
    title = texts(**dict.fromkeys(LANGUAGES[:20], "Two for one"))
    given = offer_input(await world.vendor(owner), title=title)
    payload = await api.signed_in(owner).do("createOffer", given, OFFER)
    assert payload["offer"]["titles"] == title
