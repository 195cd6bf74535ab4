"""Offers that are found by a text, and their order."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from models.offers.offers import Offer
from services.offers import relevance, relevance_pages, sifting, understanding
from services.offers.listings import FEW, list_offers
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, around, offer_ids
from tests.resolvers.counting import statements

KNOWN = tomllib.loads((Path(__file__).parent / "known_searches.toml").read_text())
CORRECTED = """query ($search: String, $first: Int) {
  offers(search: $search, first: $first) { nodes { id } didYouMean corrected }
}"""
LEAST_FOUND = 0.9


async def offers_named(world: World, *titles: str, **values: Any) -> list[Offer]:
    vendor = await world.vendor(name="Zzz", city="Zzz")
    made = [await world.offer(vendor, title={"en": title}, **values) for title in titles]
    await world.count_words()
    return made


async def test_nine_of_ten_known_searches_find_their_offer_among_the_first_five(
    world: World, api: Client
) -> None:
    vendor, ids = await world.vendor(name="Zzz", city="Zzz"), {}
    for locale, titles in KNOWN["titles"].items():
        for title in titles:
            offer = await world.offer(vendor, title={locale: title}, locale=locale)
            ids[title] = gid(offer)
    await world.count_words()
    searches = [search for of_locale in KNOWN["searches"].values() for search in of_locale]
    assert len(searches) >= 40
    missed = [
        search
        for search, title in searches
        if ids[title] not in (await offer_ids(api, search=search))[:5]
    ]
    assert len(missed) <= (1 - LEAST_FOUND) * len(searches), missed


UNLIKE = [
    ("2024", "Offer 2025"),
    ("mug", "Bug spray"),
    ("cup", "Cadbury"),
    ("500", "Rs. 501"),
    ("ipl2024", "ipl2025"),
    ("tea", "Instead"),
    ("बिरयानी", "Barn owls"),
    ("coffee", "Toffee"),
    ("ข้าว", "ขาว"),
]


@pytest.mark.parametrize(("search", "title"), UNLIKE)
async def test_numbers_short_words_and_first_letters_are_not_corrected(
    world: World, api: Client, search: str, title: str
) -> None:
    await offers_named(world, title)
    assert await offer_ids(api, search=search) == []


async def test_exact_matches_precede_corrected_ones_on_every_page(
    world: World, api: Client
) -> None:
    """However popular the others are."""
    typos = await offers_named(world, *["Biriyani plate"] * 7)
    exact = await offers_named(world, *["A biryani and much else"] * 4)
    await world.like(typos[0], *[await world.user() for _ in range(3)])
    await world.rank_offers()
    found: list[str] = []
    after = None
    while after is not None or not found:
        asked = await api.ask(OFFERS, search="biryani", first=3, after=after)
        page = asked["offers"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    assert {*found[:4]} == {gid(one) for one in exact}
    assert found[4] == gid(typos[0])
    assert sorted(found) == sorted(gid(one) for one in (*exact, *typos))
    backward: list[str] = []
    before = None
    while before is not None or not backward:
        page = (await api.ask(OFFERS, search="biryani", last=2, before=before))["offers"]
        backward = [node["id"] for node in page["nodes"]] + backward
        before = page["pageInfo"]["startCursor"] if page["pageInfo"]["hasPreviousPage"] else None
    assert backward == found


async def test_titles_precede_other_texts_and_whole_words_longer_ones(
    world: World, api: Client
) -> None:
    vendor = await world.vendor(name="Cup and saucer", city="Zzz")
    longer = await world.offer(await world.vendor(name="Zzz"), title={"en": "Cupcakes"})
    elsewhere = await world.offer(vendor, title={"en": "Tea for two"})
    described = await world.offer(
        await world.vendor(name="Zzz"), title={"en": "Tea"}, description={"en": "With a cup"}
    )
    titled = await world.offer(await world.vendor(name="Zzz"), title={"en": "A cup"})
    await world.count_words()
    found = await offer_ids(api, search="cup")
    assert found[0] == gid(titled)
    assert {*found[1:3]} == {gid(elsewhere), gid(described)}
    assert found[3:] == [gid(longer)]


SARA_AM = ["น้ำ", "น้ํา", "นํ้า"]  # composed, decomposed, and in the other order


@pytest.mark.parametrize("written", SARA_AM)
@pytest.mark.parametrize("sought", SARA_AM)
async def test_composed_and_decomposed_vowels_find_each_other(
    world: World, api: Client, written: str, sought: str
) -> None:
    (offer,) = await offers_named(world, f"ร้าน{written}ปั่น")
    assert await offer_ids(api, search=sought) == [gid(offer)]


PREFIXES = ["今月の売上", "อาหารไทยครึ่งราคา", "biryani", "हैदराबादी", "커피숍에서"]


@pytest.mark.parametrize("word", PREFIXES)
async def test_each_longer_start_of_a_word_finds_it(world: World, api: Client, word: str) -> None:
    (offer,) = await offers_named(world, f"x {word} x")
    spaced = word.isascii() or "\u0900" < word[0] < "\u097f"
    for length in range(3 if spaced else 2, len(word) + 1):
        assert await offer_ids(api, search=word[:length]) == [gid(offer)], word[:length]
    await offers_named(world, "x 今月 x")
    assert len(await offer_ids(api, search="売上")) == (word == "今月の売上")


@pytest.mark.parametrize(
    ("search", "meant", "corrected"),
    [
        ("biryni lunch", "biryani lunch", True),
        ("biryani lunch", None, False),
        ("zzzzxxxx", None, False),
        (None, None, False),
    ],
)
async def test_a_correction_is_reported(
    world: World, api: Client, search: str | None, meant: str | None, corrected: bool
) -> None:
    await offers_named(world, "Biryani lunch")
    found = (await api.ask(CORRECTED, search=search))["offers"]
    assert (found["didYouMean"], found["corrected"]) == (meant, corrected)


async def test_a_common_word_is_found_in_the_order_without_its_index(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With both plans, by every order, and for whatever number is looked through."""
    titles = [f"Tea {'and cake' if n % 3 else 'alone'} {'today' * (n == 7)}" for n in range(12)]
    offers = await offers_named(world, *titles)
    await world.like(offers[3], await world.user())
    await world.rank_offers()
    near = around(*BENGALURU)
    orders = ["RELEVANCE", "NEWEST", "ENDING_SOON", "MOST_LIKED", "NEAREST"]
    asked = [{"search": "tea cake", "orderBy": order, "near": near} for order in orders]
    asked += [{"search": "today tea", "orderBy": order, "near": near} for order in orders]
    expected = [await pages(api, **one) for one in asked]
    assert [len(found) for found in expected] == [8] * 5 + [1] * 5
    for walked in (2, 100):
        monkeypatch.setattr(understanding, "COMMON", 1)
        monkeypatch.setattr(relevance_pages, "MAX_WALKED", walked)
        monkeypatch.setattr(sifting, "MAX_WALKED", walked)
        relevance._statement.cache_clear()
        assert [await pages(api, **one) for one in asked] == expected
    relevance._statement.cache_clear()


async def pages(client: Client, **asked: Any) -> list[str]:
    found: list[str] = []
    after = None
    while after is not None or not found:
        page = (await client.ask(OFFERS, **asked, first=3, after=after))["offers"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
    return found


async def test_pages_of_a_search_have_no_double_while_offers_come_and_are_claimed(
    world: World, api: Client
) -> None:
    """All at one address, so that their distances are equal."""
    before = await offers_named(world, *["Tea at one address"] * 30)
    client = api.signed_in(await world.user())
    near = around(*BENGALURU)
    for order in ("RELEVANCE", "NEAREST", "NEWEST"):
        found: list[str] = []
        after = None
        for number in range(30):
            asked = {"search": "tea", "orderBy": order, "near": near, "first": 3, "after": after}
            page = (await api.ask(OFFERS, **asked))["offers"]
            found += [node["id"] for node in page["nodes"]]
            if number < 8:
                await offers_named(world, f"Tea, too {order}")
                claim = {"offerId": gid(before[number]), "idempotencyKey": f"{order}{number}"}
                await client.refusal_codes("claimOffer", claim)
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert len(found) == len(set(found))
        assert {gid(one) for one in before} <= {*found}


@pytest.mark.parametrize("order", ["RELEVANCE", "NEWEST", "NEAREST"])
async def test_a_search_takes_as_many_statements_for_one_offer_as_for_twenty(
    world: World, api: Client, order: str
) -> None:
    query = """query ($search: String, $near: NearInput, $orderBy: OfferOrder) {
      offers(search: $search, near: $near, orderBy: $orderBy, first: 20) {
        didYouMean corrected nodes { id title vendor { name } likeCount }
      }
    }"""
    near = around(*BENGALURU)
    await offers_named(world, "Biryani")
    one = await statements(api, query, search="biryani", near=near, orderBy=order)
    await offers_named(world, *["Biryani"] * 19)
    twenty = await statements(api, query, search="biryani", near=near, orderBy=order)
    assert len(one) == len(twenty)


async def test_what_narrows_a_list_narrows_a_search(world: World, api: Client) -> None:
    food = await world.category("food-5")
    cafes = await world.category("cafes-5", food)
    vendor = await world.vendor(name="Zzz", city="Mysuru", category=cafes)
    offer = await world.offer(vendor, title={"en": "Tea"}, percent=40)
    await world.offer(await world.vendor(name="Zzz", city="Hubli"), title={"en": "Tea"})
    city = (await api.ask("{ cities(country: IN) { nodes { id name } } }"))["cities"]["nodes"]
    (mysuru,) = [one["id"] for one in city if one["name"] == "Mysuru"]
    for where in (
        {"cityId": mysuru},
        {"categoryId": gid(food)},
        {"categoryId": gid(cafes)},
        {"vendorId": gid(vendor)},
        {"discountAtLeast": 40},
        {"discountAtLeast": 30, "discountKinds": ["PERCENT"], "country": "IN"},
    ):
        for order in ("RELEVANCE", "NEWEST"):
            found = await offer_ids(api, search="tea", where=where, orderBy=order)
            assert found == [gid(offer)], where
    assert await offer_ids(api, search="tea", where={"discountKinds": ["AMOUNT"]}) == []


async def test_an_offer_that_has_ended_is_not_found_in_that_second(
    world: World, api: Client
) -> None:
    (offer,) = await offers_named(world, "Tea")
    async with world.database.session() as session, session.begin():
        await session.execute(text("UPDATE listing SET ends_at = now()"))
    assert await offer_ids(api, search="tea") == []
    await world.change(offer, ends_at=now())
    assert await offer_ids(api, search="tea", orderBy="NEWEST") == []


async def test_a_word_counts_once_however_often_it_is_repeated(world: World, api: Client) -> None:
    (offer,) = await offers_named(world, "Biryani")
    await offers_named(world, "Tea")
    assert await offer_ids(api, search="tea tea tea tea tea tea tea biryani") == []
    assert await offer_ids(api, search="biryani " * 8) == [gid(offer)]


async def test_offers_of_a_large_vendor_are_read_in_a_thread(world: World, api: Client) -> None:
    vendor = await world.vendor(name="Zzz")
    offers = [await world.offer(vendor, title={"en": f"Tea {n}"}) for n in range(FEW + 5)]
    async with world.database.session() as session, session.begin():
        await session.execute(text("UPDATE listing SET words = NULL"))
        await list_offers(session, vendors=[vendor.id])
    found = await api.ask(OFFERS, search="tea", first=100)
    assert {node["id"] for node in found["offers"]["nodes"]} == {gid(one) for one in offers}


ODD = ["tea \u093c", "tea \u0e48", "\u0301tea", "tea '\\", "tea & !|:*<->", "tea\u200b", "^tea #k1"]


@pytest.mark.parametrize("search", ODD)
async def test_marks_and_signs_are_no_words(world: World, api: Client, search: str) -> None:
    (offer,) = await offers_named(world, "Tea k 1")
    for order in ("RELEVANCE", "NEWEST"):
        assert await offer_ids(api, search=search, orderBy=order) == [gid(offer)]
