"""Suggestions while a user types."""

from typing import Any

import pytest
from sqlalchemy import text

from models.offers.offers import OfferState
from models.vendors import Vendor, VendorStatus
from services.offers import suggested_names
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import around
from tests.resolvers.counting import statements

SUGGEST = """query ($text: String!, $near: NearInput, $first: Int! = 8) {
  suggest(text: $text, near: $near, first: $first) {
    kind text offerCount highlight { start end }
    target { ... on Vendor { id } ... on Category { id } ... on City { name } }
  }
}"""


async def count(world: World) -> None:
    await world.count_words()
    await world.suggest_names()


async def suggested(client: Client, typed: str, **asked: Any) -> list[dict[str, Any]]:
    return list((await client.ask(SUGGEST, text=typed, **asked))["suggest"])


async def texts(client: Client, typed: str, **asked: Any) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in await suggested(client, typed, **asked)]


async def test_words_vendors_categories_and_cities_are_suggested(world: World, api: Client) -> None:
    food = await world.category("biryanis")
    await world.change(food, name={"en": "Biryani houses", "de": "Biryani-Küche"})
    vendor = await world.vendor(name="The Royal Biryani", city="Birbhum", category=food)
    for title in ("Biryani for two", "Biryani at noon"):
        await world.offer(vendor, title={"en": title})
    await count(world)
    found = await suggested(api, "bir")
    assert {(one["kind"], one["text"]) for one in found} == {
        ("TERM", "biryani"),
        ("TERM", "birbhum"),
        ("VENDOR", "The Royal Biryani"),
        ("CATEGORY", "Biryani houses"),
        ("CITY", "Birbhum"),
    }
    assert {one["offerCount"] for one in found} == {2}
    targets = {one["kind"]: one["target"] for one in found}
    assert targets["VENDOR"] == {"id": gid(vendor)}
    assert targets["CATEGORY"] == {"id": gid(food)}
    assert targets["CITY"] == {"name": "Birbhum"}
    assert targets["TERM"] is None


@pytest.mark.parametrize(
    ("name", "typed", "part"),
    [
        ("Café Zoë", "cafe", "Café"),
        ("Café Zoë", "ZOE", "Zoë"),
        ("🍕 Pizza Straße", "stras", "Straß"),
        ("हैदराबादी ज़ायका", "ज़ाय", "ज़ाय"),
        ("हैदराबादी ज़ायका", "जाय", "ज़ाय"),
    ],
)
async def test_the_typed_part_is_highlighted(
    world: World, api: Client, name: str, typed: str, part: str
) -> None:
    await world.offer(await world.vendor(name=name))
    await count(world)
    found = [one for one in await suggested(api, typed) if one["kind"] == "VENDOR"]
    (place,) = [one["highlight"] for one in found]
    units = name.encode("utf-16-le")[2 * place["start"] : 2 * place["end"]]
    assert units.decode("utf-16-le").startswith(part)


async def test_what_most_offers_have_comes_first_and_what_is_near_before_that(
    world: World, api: Client
) -> None:
    far = await world.vendor(name="Tea palace", city="Delhi", latitude=28.6, longitude=77.2)
    here = await world.vendor(name="Tea garden", city="Bengaluru")
    for vendor, number in ((far, 3), (here, 1)):
        for _ in range(number):
            await world.offer(vendor, title={"en": "Offer"})
    await count(world)
    vendors = [("VENDOR", "Tea palace"), ("VENDOR", "Tea garden")]
    found = await texts(api, "tea")
    assert [one for one in found if one[0] == "VENDOR"] == vendors
    near = around(*BENGALURU, withinKm=20)
    found = await texts(api, "tea", near=near)
    assert [one for one in found if one[0] == "VENDOR"] == vendors[::-1]
    garden = (await suggested(api, "tea g", near=near))[0]
    assert (garden["text"], garden["offerCount"]) == ("Tea garden", 1)


async def test_typos_follow_what_starts_with_the_text(world: World, api: Client) -> None:
    await world.offer(await world.vendor(name="Paradise"), title={"en": "Biryani"})
    await count(world)
    for typed in ("biri", "biriy", "birr", "biryn", "biriyani", "बिरया"):
        assert await texts(api, typed) == [("TERM", "biryani")], typed
    assert ("VENDOR", "Paradise") in await texts(api, "pardise")
    assert (await suggested(api, "biriy"))[0]["highlight"] is None
    for typed in ("2024", "xyz", "mir", "", "  ", "-", "zzzzzz"):
        assert await texts(api, typed) == [], typed


async def test_at_most_as_many_as_wanted_and_no_stop_words(world: World, api: Client) -> None:
    vendor = await world.vendor(name="Zzz", city="Zzz")
    for n in range(10):
        word = f"forest{chr(97 + n)}"
        await world.offer(vendor, title={"en": f"{word} for all"})
    await count(world)
    assert len(await texts(api, "for")) == 8
    assert ("TERM", "for") in await texts(api, "for", first=1)
    assert ("TERM", "for") not in await texts(api, "fo")
    for wrong in (0, 9, -1):
        assert await api.failed(SUGGEST, text="fo", first=wrong) == ["BAD_USER_INPUT"]
    assert await api.failed(SUGGEST, text="x" * 101) == ["BAD_USER_INPUT"]
    assert await api.failed(SUGGEST, text="fo", near=around(91, 0)) == ["BAD_USER_INPUT"]
    assert await texts(api, "%_'\\ \u0000") == []


@pytest.mark.parametrize("status", [VendorStatus.SUSPENDED, VendorStatus.PENDING])
async def test_a_vendor_that_is_not_approved_is_not_suggested_from_then_on(
    world: World, api: Client, transactions: Transactions, status: VendorStatus
) -> None:
    """Before the job has run again, and after that, by anyone."""
    vendor = await world.vendor(await world.user(), name="Paradise")
    await world.offer(vendor)
    await world.offer(await world.vendor(name="Pardesi"), state=OfferState.DRAFT)
    await count(world)
    assert await texts(api, "par") == [("TERM", "paradise"), ("VENDOR", "Paradise")]
    async with transactions.begin() as session:
        (await session.get_one(Vendor, vendor.id)).status = status
    for client in (api, api.signed_in(await world.user())):
        assert ("VENDOR", "Paradise") not in await texts(client, "par")
    await count(world)
    assert await texts(api, "par") == []
    async with world.database.session() as session:
        assert (await session.scalar(text("SELECT count(*) FROM suggestion"))) == 0


async def test_names_follow_their_rows_in_batches(
    world: World, api: Client, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggested_names, "BATCH_SIZE", 2)
    vendors = [await world.vendor(name=f"Shop{chr(97 + n)}") for n in range(5)]
    for vendor in vendors:
        await world.offer(vendor)
    await count(world)
    names = [("VENDOR", f"Shop{chr(97 + n)}") for n in range(5)]
    found = await texts(api, "shop")
    assert [one for one in found if one[0] == "VENDOR"] == names[:4]
    async with transactions.begin() as session:
        (await session.get_one(Vendor, vendors[0].id)).name = "Bakery"
    await count(world)
    assert ("VENDOR", "Bakery") in await texts(api, "bak")
    found = await texts(api, "shop")
    assert [one for one in found if one[0] == "VENDOR"] == names[1:]


async def test_hidden_categories_are_not_suggested_and_inner_ones_count_for_outer_ones(
    world: World, api: Client
) -> None:
    outer = await world.category("outer-7")
    inner, secret = [await world.category(one, outer) for one in ("inner-7", "secret-7")]
    await world.change(outer, name={"en": "Zumba halls"})
    await world.change(inner, name={"en": "Zumba rooms"})
    await world.change(secret, name={"en": "Zumba cellars"}, hidden=True)
    for category in (inner, inner, secret):
        await world.offer(await world.vendor(name="Zzz", category=category))
    await count(world)
    found = await suggested(api, "zumba")
    assert [(one["text"], one["offerCount"]) for one in found] == [
        ("Zumba halls", 2),
        ("Zumba rooms", 2),
    ]


async def test_suggestions_take_as_many_statements_for_one_as_for_eight(
    world: World, api: Client
) -> None:
    await world.offer(await world.vendor(name="Shop one", city="Zzz"))
    await count(world)
    one = await statements(api, SUGGEST, text="shop")
    for n in range(8):
        await world.offer(await world.vendor(name=f"Shop {n}", city="Zzz"))
    await count(world)
    assert len(await statements(api, SUGGEST, text="shop")) == len(one) == 2
