"""Delivery zones of a vendor: set by its managers, seen by all who see it."""

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from models.shipping.zones import ShippingRate
from models.vendors import VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.shipping import FLAT, INDIA, zones_input
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

ZONES = """shippingZones { id name countries pinPrefixes rates {
  id name rateKind minDays maxDays bands { upTo price { decimal currency } } freeOver { decimal }
} }"""
SHOWN = f"vendor {{ {ZONES} }}"
OF_VENDOR = f"query ($id: ID!) {{ vendor(id: $id) {{ {ZONES} }} }}"
WEIGHT = FLAT | {
    "name": "By weight",
    "kind": "WEIGHT",
    "bands": [{"upTo": 500, "priceMinor": 40_00}, {"upTo": 5000, "priceMinor": 90_00}],
    "freeOverMinor": 1_000_00,
}
CITY = {"name": "City", "countries": ["IN"], "pinPrefixes": ["560", "5601"], "rates": [FLAT]}


async def test_set_shipping_zones(world: World, api: Client) -> None:
    owner, admin = await world.user(), await world.admin()
    vendor = await world.vendor(owner)
    client = api.signed_in(owner)
    india = INDIA | {"rates": [FLAT, WEIGHT]}
    payload = await client.do("setShippingZones", zones_input(vendor, CITY, india), SHOWN)
    assert payload["errors"] == []
    city, country = payload["vendor"]["shippingZones"]
    assert (city["name"], city["countries"], city["pinPrefixes"]) == (
        "City",
        ["IN"],
        ["560", "5601"],
    )
    _, weight = country["rates"]
    assert weight == {
        "id": weight["id"],
        "name": "By weight",
        "rateKind": "WEIGHT",
        "minDays": 2,
        "maxDays": 5,
        "bands": [
            {"upTo": 500, "price": {"decimal": "40.00", "currency": "INR"}},
            {"upTo": 5000, "price": {"decimal": "90.00", "currency": "INR"}},
        ],
        "freeOver": {"decimal": "1000.00"},
    }
    assert (await api.ask(OF_VENDOR, id=gid(vendor)))["vendor"] == payload["vendor"]
    (entry,) = await read_log(api.signed_in(admin), act="SET_SHIPPING_ZONES", outcome="DONE")
    assert entry["subjectId"] == gid(vendor)


def ids_by_name(payload: dict[str, Any]) -> dict[str, str]:
    zones = payload["vendor"]["shippingZones"]
    rates = {
        f"{zone['name']}/{rate['name']}": rate["id"] for zone in zones for rate in zone["rates"]
    }
    return {zone["name"]: zone["id"] for zone in zones} | rates


async def test_zones_and_rates_keep_their_ids_with_their_names(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client = api.signed_in(owner)
    first = await client.do(
        "setShippingZones", zones_input(vendor, INDIA | {"rates": [FLAT, WEIGHT]}, CITY), SHOWN
    )
    cheaper = WEIGHT | {"bands": [{"priceMinor": 10_00}]}
    zones = CITY | {"name": "Town"}, INDIA | {"rates": [cheaper, FLAT]}
    second = await client.do("setShippingZones", zones_input(vendor, *zones), SHOWN)
    before, after = ids_by_name(first), ids_by_name(second)
    same = {"India", "India/Standard", "India/By weight"}
    assert {name for name in before if before[name] == after.get(name)} == same
    assert after.keys() == same | {"Town", "Town/Standard"}
    assert [zone["name"] for zone in second["vendor"]["shippingZones"]] == ["Town", "India"]
    names = [rate["name"] for rate in second["vendor"]["shippingZones"][1]["rates"]]
    assert names == ["By weight", "Standard"]
    none = {"vendorId": gid(vendor), "zones": []}
    emptied = await client.do("setShippingZones", none, SHOWN)
    assert emptied["vendor"]["shippingZones"] == []
    async with world.database.session() as session:
        assert (await session.exec(select(ShippingRate))).first() is None


async def test_of_two_who_set_the_zones_at_once_the_later_one_wins(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client = api.signed_in(owner)
    zones = [[INDIA], [CITY], [CITY, INDIA | {"rates": [WEIGHT, FLAT]}], [INDIA, CITY]] * 2
    answers = await asyncio.gather(
        *(client.do("setShippingZones", zones_input(vendor, *one), SHOWN) for one in zones)
    )
    assert [answer["errors"] for answer in answers] == [[]] * len(zones)
    left = (await api.ask(OF_VENDOR, id=gid(vendor)))["vendor"]
    assert [(one["name"], len(one["rates"])) for one in left["shippingZones"]] in [
        [(zone["name"], len(zone["rates"])) for zone in one] for one in zones
    ]


async def test_set_shipping_zones_refuses_with_the_path_of_the_field(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    wrong = INDIA | {"rates": [FLAT | {"bands": [{"priceMinor": -1}]}]}
    payload = await api.signed_in(owner).do("setShippingZones", zones_input(vendor, wrong), SHOWN)
    assert [error["field"] for error in payload["errors"]] == [
        ["zones", "0", "rates", "0", "bands", "0", "priceMinor"]
    ]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_set_shipping_zones_as_someone_else(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await outsider(world, vendor, who))
    assert await client.refusal_codes("setShippingZones", zones_input(vendor)) == ["NOT_FOUND"]


async def test_shipping_zones_as_an_anonymous_caller(world: World, api: Client) -> None:
    input = {"vendorId": unknown("Vendor"), "zones": []}
    assert await api.mutation_failed("setShippingZones", input) == ["UNAUTHENTICATED"]
    vendor = await world.vendor(status=VendorStatus.SUSPENDED)
    await world.shipping_zone(vendor)
    assert (await api.ask(OF_VENDOR, id=gid(vendor)))["vendor"] is None
