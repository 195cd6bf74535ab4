"""Finding vendors."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.vendors import MemberRole, Vendor, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.browsing import VENDORS, vendor_ids
from tests.resolvers.counting import statements
from tests.resolvers.paging import walk

VENDOR = "query ($id: ID!) { vendor(id: $id) { id status viewerRole } }"


HIDDEN = [VendorStatus.PENDING, VendorStatus.SUSPENDED, VendorStatus.REJECTED]


@pytest.mark.parametrize("status", HIDDEN)
async def test_vendors_that_are_not_approved_are_hidden(
    world: World, api: Client, status: VendorStatus
) -> None:
    scanner = await world.user()
    vendor = await world.vendor(status=status)
    await world.member(vendor, scanner, MemberRole.SCANNER)
    for client in (api, api.signed_in(await world.user())):
        assert await vendor_ids(client) == []
        assert await client.ask(VENDOR, id=gid(vendor)) == {"vendor": None}
    for user, role in ((scanner, "SCANNER"), (await world.admin(), None)):
        client = api.signed_in(user)
        assert await vendor_ids(client) == [gid(vendor)]
        seen = {"id": gid(vendor), "status": status, "viewerRole": role}
        assert await client.ask(VENDOR, id=gid(vendor)) == {"vendor": seen}


async def test_vendor_that_is_approved_is_seen_by_all(world: World, api: Client) -> None:
    vendor = await world.vendor()
    seen = {"id": gid(vendor), "status": "APPROVED", "viewerRole": None}
    for client in (api, api.signed_in(await world.user())):
        assert await client.ask(VENDOR, id=gid(vendor)) == {"vendor": seen}


async def test_vendor_by_an_unknown_or_wrong_id(world: World, api: Client) -> None:
    assert await api.ask(VENDOR, id=unknown("Vendor")) == {"vendor": None}
    offer = await world.offer(await world.vendor())
    assert await api.failed(VENDOR, id=gid(offer)) == ["BAD_USER_INPUT"]


async def test_phone_numbers_are_opened_without_a_statement(world: World, api: Client) -> None:
    phones = ["+918026543210", None, "+918026543211"]
    for number, phone in enumerate(phones):
        await world.vendor(name=f"Vendor {number}", phone=phone)
    client = api.signed_in(await world.user())
    found = await client.ask("{ vendors { nodes { name phone } } }")
    assert [one["phone"] for one in found["vendors"]["nodes"]] == phones
    taken = [
        len(await statements(client, f"{{ vendors {{ nodes {{ {fields} }} }} }}"))
        for fields in ("name", "name phone")
    ]
    assert taken[0] == taken[1]


async def test_vendors_by_country_and_pin_code(world: World, api: Client) -> None:
    here = await world.vendor(name="A")
    there = await world.vendor(name="B", pin_code="110001", country="IN")
    abroad = await world.vendor(name="C", pin_code="560001", country="NP")
    for code in ("560001", "560 001", "560-001", "\uff15\uff16\uff10\uff10\uff10\uff11"):
        assert await vendor_ids(api, where={"pinCode": code}) == [gid(here), gid(abroad)]
    assert await vendor_ids(api, where={"country": "IN"}) == [gid(here), gid(there)]
    assert await vendor_ids(api, where={"country": "IN", "pinCode": "560001"}) == [gid(here)]
    assert await vendor_ids(api, where={"pinCode": "560001' OR 1=1"}) == []


async def test_vendors_on_a_branch_and_below_it(world: World, api: Client) -> None:
    food = await world.category("food_1")
    cafes = await world.category("cafes", food)
    on_top = await world.vendor(name="A", category=food)
    below = await world.vendor(name="B", category=cafes)
    await world.vendor(name="C", category=await world.category("food-1"))
    assert await vendor_ids(api, where={"categoryId": gid(food)}) == [gid(on_top), gid(below)]
    assert await vendor_ids(api, where={"categoryId": gid(cafes)}) == [gid(below)]
    assert await vendor_ids(api, where={"categoryId": unknown("Category")}) == []


async def shelf(world: World) -> list[Vendor]:
    """Seven vendors, some of one name or of one moment."""
    moment = now()
    return [
        await world.vendor(
            name=f"Shop {number // 2}", created_at=moment - timedelta(hours=number // 3)
        )
        for number in range(7)
    ]


@pytest.mark.parametrize(
    "asked", [{"orderBy": "NAME"}, {"orderBy": "NEWEST"}, {"search": "shop"}], ids=str
)
async def test_vendors_in_pages_both_ways(world: World, api: Client, asked: dict[str, Any]) -> None:
    made = {gid(vendor) for vendor in await shelf(world)}
    whole = await vendor_ids(api, **asked)
    assert set(whole) == made
    assert await walk(api, VENDORS, "vendors", first=2, **asked) == whole
    assert await walk(api, VENDORS, "vendors", last=2, **asked) == whole


async def test_vendors_in_order(world: World, api: Client) -> None:
    old = await world.vendor(name="B", created_at=now() - timedelta(days=1))
    new = await world.vendor(name="C")
    newest = await world.vendor(name="A", created_at=now() + timedelta(seconds=1))
    assert await vendor_ids(api) == [gid(newest), gid(old), gid(new)]
    assert await vendor_ids(api, orderBy="NEWEST") == [gid(newest), gid(new), gid(old)]


async def test_vendors_cursor_of_another_ordering(world: World, api: Client) -> None:
    await shelf(world)
    cursor = (await api.ask(VENDORS, first=1))["vendors"]["pageInfo"]["endCursor"]
    assert await api.failed(VENDORS, after=cursor, orderBy="NEWEST") == ["BAD_USER_INPUT"]
    assert await api.failed(VENDORS, after=cursor, search="shop") == ["BAD_USER_INPUT"]


async def test_vendor_offers_are_its_live_ones_the_newest_first(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offers = [await world.offer(vendor) for _ in range(4)]
    await world.offer(vendor, state="DRAFT")
    await world.offer(await world.vendor())
    query = "query ($id: ID!, $n: Int! = 5) { vendor(id: $id) { offers(first: $n) { id } } }"
    for client in (api, api.signed_in(owner)):
        found = (await client.ask(query, id=gid(vendor), n=3))["vendor"]["offers"]
        assert [offer["id"] for offer in found] == [gid(offer) for offer in offers[:0:-1]]
    assert await api.failed(query, id=gid(vendor), n=101) == ["BAD_USER_INPUT"]
