"""Vendors near a place and open now."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from models.vendors import MemberRole, Vendor, VendorStatus
from models.vendors.hours import VendorOpen
from services.vendors import queries
from tests.client import Client, gid
from tests.factories.vendors import BENGALURU
from tests.factories.world import World
from tests.resolvers.browsing import VENDORS, around, vendor_ids
from tests.resolvers.paging import walk

CITY = {"near": around(*BENGALURU, withinKm=50)}
PLACES = {"A": (12.99, 77.6), "B": (12.9716, 77.5946), "C": (12.975, 77.6), "D": (13.0827, 80.2707)}


async def town(world: World) -> dict[str, Vendor]:
    """Create vendors in Bengaluru, from the nearest: B, C and A. D is in Chennai."""
    return {
        name: await world.vendor(name=f"Shop {name}", latitude=at[0], longitude=at[1])
        for name, at in PLACES.items()
    }


async def open_at(world: World, vendor: Vendor, moment: datetime) -> None:
    around_it = {"starts_at": moment - timedelta(hours=1), "ends_at": moment + timedelta(hours=1)}
    await world.save(VendorOpen(vendor_id=vendor.id, **around_it))


def ids(vendors: dict[str, Vendor], names: str) -> list[str]:
    return [gid(vendors[name]) for name in names]


@pytest.mark.parametrize(
    ("order", "names"), [("DISTANCE", "BCA"), ("NAME", "ABC"), ("NEWEST", "CBA")]
)
async def test_vendors_near_a_place_in_each_order(
    world: World, api: Client, order: str, names: str
) -> None:
    vendors = await town(world)
    found = await vendor_ids(api, where=CITY, orderBy=order)
    assert found == ids(vendors, names)
    asked: dict[str, Any] = {"where": CITY, "orderBy": order}
    assert await walk(api, VENDORS, "vendors", first=2, **asked) == found
    assert await walk(api, VENDORS, "vendors", last=2, **asked) == found


async def test_vendors_have_their_distance(world: World, api: Client) -> None:
    vendors = await town(world)
    edges = (await api.ask(VENDORS, where=CITY, orderBy="DISTANCE"))["vendors"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == ids(vendors, "BCA")
    assert edges[0]["distanceMeters"] == 0
    assert [round(edge["distanceMeters"], -2) for edge in edges[1:]] == [700, 2100]
    edges = (await api.ask(VENDORS))["vendors"]["edges"]
    assert {edge["distanceMeters"] for edge in edges} == {None}


async def test_the_radius_is_in_kilometres(world: World, api: Client) -> None:
    vendors = await town(world)
    for kilometres, names in ((0.6, "B"), (0.8, "BC"), (5, "BCA"), (500, "BCAD")):
        near = around(*BENGALURU, withinKm=kilometres)
        found = await vendor_ids(api, where={"near": near}, orderBy="DISTANCE")
        assert found == ids(vendors, names)
    default = await vendor_ids(api, where={"near": around(*BENGALURU)}, orderBy="DISTANCE")
    assert default == ids(vendors, "BCA")


async def test_vendors_near_with_other_conditions(world: World, api: Client) -> None:
    vendors, category = await town(world), await world.category()
    cafe = await world.vendor(name="Chai", category=category, pin_code="560038", country="IN")
    given: list[dict[str, Any]] = [{"categoryId": gid(category)}, {"pinCode": "560038"}]
    for more in given:
        assert await vendor_ids(api, where=CITY | more, orderBy="DISTANCE") == [gid(cafe)]
    assert await vendor_ids(api, where=CITY | {"country": "NP"}) == []
    for order in ("DISTANCE", "NAME"):
        found = await vendor_ids(api, where=CITY, search="shop", orderBy=order)
        assert set(found) == set(ids(vendors, "ABC"))
        if order == "DISTANCE":
            assert found == ids(vendors, "BCA")


@pytest.mark.parametrize(
    ("where", "order"),
    [
        ({}, "DISTANCE"),
        ({"openNow": True}, "NAME"),
        ({"openNow": True, "country": "IN"}, "NEWEST"),
        ({"near": around(*BENGALURU, withinKm=0)}, "NAME"),
        ({"near": around(*BENGALURU, withinKm=500.001)}, "NAME"),
        ({"near": around(91, 0)}, "NAME"),
        ({"near": around(0, 181)}, "DISTANCE"),
    ],
)
async def test_places_that_are_not_valid(api: Client, where: dict[str, Any], order: str) -> None:
    assert await api.failed(VENDORS, where=where, orderBy=order) == ["BAD_USER_INPUT"]


async def test_vendors_that_are_open_now(world: World, api: Client) -> None:
    vendors, moment = await town(world), now()
    await open_at(world, vendors["A"], moment)
    await open_at(world, vendors["B"], moment + timedelta(hours=2))
    await open_at(world, vendors["C"], moment)
    await open_at(world, vendors["D"], moment - timedelta(hours=2))
    is_open: dict[str, Any] = {"openNow": True, "pinCode": "560001"}
    assert await vendor_ids(api, where=is_open) == ids(vendors, "AC")
    assert await vendor_ids(api, where=is_open, orderBy="NEWEST") == ids(vendors, "CA")
    assert await vendor_ids(api, where=is_open | CITY, orderBy="DISTANCE") == ids(vendors, "CA")
    assert await vendor_ids(api, where=is_open, search="shop a") == ids(vendors, "A")
    assert len(await vendor_ids(api, where={"openNow": False})) == 4
    assert await walk(api, VENDORS, "vendors", first=1, where=is_open) == ids(vendors, "AC")


async def test_the_nearest_that_are_open_are_listed_by_name(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than the number, by which `totalCount` knows that it is not exact."""
    monkeypatch.setattr(queries, "MAX_OPEN", 1)
    vendors = await town(world)
    for name in "ABC":
        await open_at(world, vendors[name], now())
    query = "query ($where: VendorWhere) { vendors(where: $where) { nodes { id } } }"
    found = (await api.ask(query, where=CITY | {"openNow": True}))["vendors"]["nodes"]
    assert [one["id"] for one in found] == ids(vendors, "BC")


async def test_hidden_vendors_near_a_place(world: World, api: Client) -> None:
    vendors, moment = await town(world), now()
    hidden, member = vendors["B"], await world.user()
    hidden.status = VendorStatus.PENDING
    await world.save(hidden)
    await world.member(hidden, member, MemberRole.SCANNER)
    await open_at(world, hidden, moment)
    stranger = await world.user()
    for client in (api, api.signed_in(stranger)):
        assert await vendor_ids(client, where=CITY, orderBy="DISTANCE") == ids(vendors, "CA")
        assert await vendor_ids(client, where=CITY | {"openNow": True}) == []
    own = await vendor_ids(api.signed_in(member), where=CITY, orderBy="DISTANCE")
    assert own == ids(vendors, "BCA")
