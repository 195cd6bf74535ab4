"""Quotes: the rates at which a vendor delivers a parcel to an address or a place."""

from typing import Any

import pytest

from models.shipping.rates import RateKind
from models.vendors import Vendor, VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.vendors import BENGALURU
from tests.factories.world import World

OPTIONS = """query ($vendor: ID!, $address: ID, $place: DeliveryPlaceInput,
    $goods: BigInt! = 10000, $weight: BigInt! = 800) {
  deliveryOptions(vendorId: $vendor, addressId: $address, place: $place,
    goodsMinor: $goods, weightGrams: $weight) {
    rate { name minDays } price { amountMinor currency }
  }
}"""
CITY = {"country": "IN", "postalCode": "560 001"}
NEAR = {"latitude": BENGALURU[0] + 0.01, "longitude": BENGALURU[1]}  # 1.1 km
FAR = {"latitude": BENGALURU[0] + 0.2, "longitude": BENGALURU[1]}  # 22 km


async def shop(world: World) -> Vendor:
    """Return a vendor that delivers in India, and cheaper and locally in its city."""
    vendor = await world.vendor()
    india = await world.shipping_zone(vendor)
    await world.shipping_rate(
        india, kind=RateKind.WEIGHT, bands=[[500, 60_00], [2_000, 90_00]], free_over=1_000_00
    )
    city = await world.shipping_zone(vendor, name="City", position=1, pin_prefixes=["560"])
    await world.shipping_rate(city, name="Courier", bands=[[None, 40_00]])
    await world.shipping_rate(
        city, name="Bike", position=1, kind=RateKind.LOCAL, bands=[[2_000, 20_00], [5_000, 30_00]]
    )
    await world.shipping_rate(
        city, name="Pick-up", position=2, kind=RateKind.PICKUP, bands=[[None, 0]], min_days=0
    )
    return vendor


async def quote(client: Client, vendor: Vendor, **values: Any) -> dict[str, int]:
    found = await client.ask(OPTIONS, vendor=gid(vendor), **values)
    options = found["deliveryOptions"]
    assert all(option["price"]["currency"] == "INR" for option in options)
    return {option["rate"]["name"]: option["price"]["amountMinor"] for option in options}


async def test_delivery_options_of_a_place(world: World, api: Client) -> None:
    vendor = await shop(world)
    delhi = {"country": "IN", "postalCode": "110001"}
    assert await quote(api, vendor, place=delhi) == {"Standard": 90_00}
    assert await quote(api, vendor, place=delhi, weight=500) == {"Standard": 60_00}
    assert await quote(api, vendor, place=delhi, weight=2_001) == {}
    assert await quote(api, vendor, place=delhi, goods=1_000_00) == {"Standard": 0}
    assert await quote(api, vendor, place=CITY) == {"Pick-up": 0, "Courier": 40_00}
    near = await quote(api, vendor, place=CITY | NEAR)
    assert list(near.items()) == [("Pick-up", 0), ("Bike", 20_00), ("Courier", 40_00)]
    assert await quote(api, vendor, place=CITY | FAR) == {"Pick-up": 0, "Courier": 40_00}
    assert await quote(api, vendor, place={"country": "DE", "postalCode": "56012"}) == {}


async def test_delivery_options_of_an_own_address(world: World, api: Client) -> None:
    vendor, user = await shop(world), await world.user()
    address = await world.address(user, latitude=NEAR["latitude"], longitude=NEAR["longitude"])
    client = api.signed_in(user)
    assert "Bike" in await quote(client, vendor, address=gid(address))
    other = api.signed_in(await world.user())
    assert await quote(other, vendor, address=gid(address)) == {}
    failed = await api.failed(OPTIONS, vendor=gid(vendor), address=gid(address))
    assert failed == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("status", [VendorStatus.PENDING, VendorStatus.SUSPENDED])
async def test_delivery_options_of_a_vendor_that_is_not_public(
    world: World, api: Client, status: VendorStatus
) -> None:
    vendor = await shop(world)
    vendor.status = status
    await world.save(vendor)
    assert await quote(api, vendor, place=CITY) == {}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"place": CITY, "address": unknown("SavedAddress")},
        {"place": CITY, "goods": -1},
        {"place": CITY, "weight": -1},
        {"place": CITY | {"postalCode": "5" * 21}},
        {"place": CITY | {"latitude": 91, "longitude": 0}},
        {"place": CITY | {"latitude": 12.9}},
    ],
)
async def test_delivery_options_refuse(world: World, api: Client, values: dict[str, Any]) -> None:
    assert await api.failed(OPTIONS, vendor=unknown("Vendor"), **values) == ["BAD_USER_INPUT"]
