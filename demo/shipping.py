"""Seeds delivery zones and rates of vendors."""

from typing import Any
from uuid import UUID

from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.shipping.rates import RateKind
from models.shipping.zones import ShippingRate, ShippingZone

SHARE = 0.6  # of the vendors that deliver
PREFIX = 2  # characters of the postal code that a city has in common
# The price of a small parcel, in minor units.
PARCEL = {"INR": 60_00, "NGN": 2_500_00, "USD": 6_00, "EUR": 4_90}
KILOMETRES = 1_000


def seed_shipping(rng: SeededRandom, dataset: Dataset) -> None:
    for vendor in dataset.vendors:
        delivers = rng.chance(SHARE)
        if delivers or vendor.row.name == CAFE["name"]:
            _add_city(rng, dataset, vendor)
            _add_country(rng, dataset, vendor)


def _add_city(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor) -> None:
    parcel = PARCEL[vendor.row.currency]
    prefixes = sorted({area.pin_code[:PREFIX] for area in vendor.city.areas})
    zone = _add_zone(rng, dataset, vendor, vendor.city.name, 0, prefixes)
    local = [[2 * KILOMETRES, parcel // 2], [8 * KILOMETRES, parcel]]
    _add_rate(rng, dataset, zone, "Pick-up", RateKind.PICKUP, [[None, 0]], min_days=0, max_days=1)
    _add_rate(rng, dataset, zone, "By bicycle", RateKind.LOCAL, local, min_days=0, max_days=1)
    free = {"free_over": 20 * parcel, "min_days": 1, "max_days": 2}
    _add_rate(rng, dataset, zone, "Courier", RateKind.FLAT, [[None, parcel]], **free)


def _add_country(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor) -> None:
    parcel = PARCEL[vendor.row.currency]
    zone = _add_zone(rng, dataset, vendor, f"Elsewhere ({vendor.row.country})", 1, [])
    bands = [[500, parcel], [2_000, 2 * parcel], [10_000, 4 * parcel]]
    _add_rate(rng, dataset, zone, "Parcel", RateKind.WEIGHT, bands, min_days=3, max_days=7)


def _add_zone(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor,
    name: str,
    position: int,
    pin_prefixes: list[str],
) -> ShippingZone:
    zone = ShippingZone(
        id=rng.uuid7_at(vendor.row.created_at),
        created_at=vendor.row.created_at,
        vendor_id=vendor.row.id,
        name=name,
        position=position,
        countries=[vendor.row.country],
        pin_prefixes=pin_prefixes,
    )
    dataset.shipping_zones.append(zone)
    return zone


def _add_rate(
    rng: SeededRandom,
    dataset: Dataset,
    zone: ShippingZone,
    name: str,
    kind: RateKind,
    bands: list[list[Any]],
    **terms: Any,
) -> None:
    rate = ShippingRate(
        id=rng.uuid7_at(zone.created_at),
        created_at=zone.created_at,
        zone_id=zone.id,
        vendor_id=zone.vendor_id,
        name=name,
        position=_count(dataset, zone.id),
        kind=kind,
        bands=bands,
        **terms,
    )
    dataset.shipping_rates.append(rate)


def _count(dataset: Dataset, zone_id: UUID) -> int:
    """Return the number of rates of a zone, which are the newest."""
    return sum(rate.zone_id == zone_id for rate in dataset.shipping_rates[-3:])
