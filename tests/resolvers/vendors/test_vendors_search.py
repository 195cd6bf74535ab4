"""Vendors by words."""

import pytest

from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.browsing import VENDORS, vendor_ids


@pytest.mark.parametrize(
    "search",
    [
        "Biryani",
        "biryani",
        "BIRIYANI",
        "Biryni",
        "biryanni",
        "paradise biryani",
        "Păradise",
        "parad",
    ],
)
async def test_vendors_searched_with_typos(world: World, api: Client, search: str) -> None:
    vendor = await world.vendor(name="Paradise Biryani")
    await world.vendor(name="Dental Clinic", city="Mysuru")
    assert await vendor_ids(api, search=search) == [gid(vendor)]


@pytest.mark.parametrize("search", ["चाय", "चाय घर"])
async def test_vendors_searched_in_hindi(world: World, api: Client, search: str) -> None:
    vendor = await world.vendor(name="शर्मा चाय घर")
    await world.vendor(name="Dental Clinic")
    assert await vendor_ids(api, search=search) == [gid(vendor)]


async def test_vendors_searched_are_sorted_by_similarity(world: World, api: Client) -> None:
    alike = await world.vendor(name="Biriyani Point")
    same = await world.vendor(name="Biryani Point")
    assert await vendor_ids(api, search="biryani") == [gid(same), gid(alike)]


@pytest.mark.parametrize("search", ["", " ", "a", "ab", " a b ", "茶", "x" * 101, "a\x00b"])
async def test_vendors_searched_for_an_invalid_text(world: World, api: Client, search: str) -> None:
    assert await api.failed(VENDORS, search=search) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("search", ["%%%", "___", "'''", "\\\\\\", "...", "a..b", "\u20dd" * 3])
async def test_vendors_searched_without_a_word(world: World, api: Client, search: str) -> None:
    await world.vendor()
    assert await api.failed(VENDORS, search=search) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("search", ["a%a", "a_a_a", "o'o'o", "a\\b\\c"])
async def test_vendors_searched_for_characters_with_a_meaning_in_sql(
    world: World, api: Client, search: str
) -> None:
    await world.vendor(name="Paradise Biryani")
    assert await vendor_ids(api, search=search.ljust(6, "x")) == []


@pytest.mark.parametrize("search", ["寿司", "すし", "抹茶ラ", "커피", "घी", "茶 と"])
async def test_vendors_searched_by_two_characters_without_case(
    world: World, api: Client, search: str
) -> None:
    vendor = await world.vendor(name="寿司 すし 抹茶ラテ 커피 घी 茶 と")
    await world.vendor(name="Dental Clinic")
    assert await vendor_ids(api, search=search) == [gid(vendor)]


@pytest.mark.parametrize("search", ["the best paradise biryani", "biryani in mysuru paradise"])
async def test_vendors_searched_by_many_words_match_each(
    world: World, api: Client, search: str
) -> None:
    vendor = await world.vendor(name="The Best Paradise Biryani", city="Mysuru in Karnataka")
    await world.vendor(name="Paradise Biryani", city="Pune")
    assert await vendor_ids(api, search=search) == [gid(vendor)]
