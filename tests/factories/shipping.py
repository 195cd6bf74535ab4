"""Delivery zones and rates."""

from typing import Any

from models.shipping.rates import RateKind
from models.shipping.zones import ShippingRate, ShippingZone
from models.vendors import Vendor
from tests.client import gid
from tests.factories.base import RowStore

FLAT: dict[str, Any] = {
    "name": "Standard",
    "kind": "FLAT",
    "bands": [{"priceMinor": 49_00}],
    "minDays": 2,
    "maxDays": 5,
}
INDIA: dict[str, Any] = {"name": "India", "countries": ["IN"], "rates": [FLAT]}


def zones_input(vendor: Vendor, *zones: dict[str, Any]) -> dict[str, Any]:
    """Return the input of `setShippingZones`: by default, India at one price."""
    return {"vendorId": gid(vendor), "zones": list(zones) or [INDIA]}


class ShippingRows(RowStore):
    """Creates delivery zones with rates."""

    async def shipping_zone(self, vendor: Vendor, **values: Any) -> ShippingZone:
        given: dict[str, Any] = {
            "name": "India",
            "position": 0,
            "countries": ["IN"],
            "pin_prefixes": [],
        } | values
        zone = ShippingZone(vendor_id=vendor.id, **given)
        await self.save(zone)
        return zone

    async def shipping_rate(self, zone: ShippingZone, **values: Any) -> ShippingRate:
        given: dict[str, Any] = {
            "name": "Standard",
            "position": 0,
            "kind": RateKind.FLAT,
            "bands": [[None, 49_00]],
            "min_days": 2,
            "max_days": 5,
        } | values
        rate = ShippingRate(zone_id=zone.id, vendor_id=zone.vendor_id, **given)
        await self.save(rate)
        return rate
