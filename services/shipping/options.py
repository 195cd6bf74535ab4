"""Delivery options: the rates at which a vendor delivers a parcel to an address."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam
from sqlmodel import any_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.addresses import AddressDetails
from models.errors import NotFound
from models.shipping.rates import Parcel, find_zone
from models.shipping.zones import ShippingRate, ShippingZone
from models.vendors import Vendor
from services.addresses import access_address
from services.near import distance_m
from services.vendors.access import visible_vendors
from services.viewer import Viewer

_COUNTRIES: Any = ShippingZone.countries
ZONES = Statement(
    select(*columns_of(ShippingZone))
    .where(
        any_of(col(ShippingZone.vendor_id)),
        any_(_COUNTRIES) == bindparam("country", type_=Text()),
    )
    .order_by(col(ShippingZone.position)),
    ShippingZone,
)
RATES = Statement(
    select(*columns_of(ShippingRate))
    .where(any_of(col(ShippingRate.zone_id)))
    .order_by(col(ShippingRate.position)),
    ShippingRate,
)


@dataclass(frozen=True)
class Destination:
    """A place of delivery, as far as it decides on rates. `pin_code` is normalized."""

    country: str
    pin_code: str = ""
    coordinates: tuple[float, float] | None = None


@dataclass(frozen=True)
class DeliveryOption:
    """A rate with its price for a parcel, in minor units of the vendor's currency."""

    rate: ShippingRate
    price: int
    currency: str


async def find_destination(
    session: AsyncSession, viewer: Viewer, sealer: Sealer, address_id: UUID
) -> Destination:
    """Return the place of one of the viewer's addresses. Raises `NotFound`."""
    address = await access_address(session, viewer, address_id)
    return destination_of(address.country, address.open(sealer))


def destination_of(country: str, details: AddressDetails) -> Destination:
    """Return the place of an address."""
    latitude, longitude = details.latitude, details.longitude
    known = latitude is not None and longitude is not None
    coordinates = (latitude or 0.0, longitude or 0.0) if known else None
    return Destination(country, details.pin_code or "", coordinates)


async def list_delivery_options(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    destination: Destination,
    goods: int,
    weight_g: int,
) -> list[DeliveryOption]:
    """Return the rates at which a vendor delivers, the cheapest first. Empty if it does not.

    Raises `NotFound` for a vendor that the viewer does not see.
    """
    vendor = (await session.exec(visible_vendors(viewer).where(Vendor.id == vendor_id))).first()
    if vendor is None:
        raise NotFound
    rates = (await find_rates(session, [vendor_id], destination)).get(vendor_id, [])
    return price_rates(rates, vendor, destination, goods=goods, weight_g=weight_g)


async def find_rates(
    unit: UnitOfWork, vendor_ids: Sequence[UUID], destination: Destination
) -> dict[UUID, list[ShippingRate]]:
    """Return the rates of each vendor's zone of a place, in two statements for any number.

    Vendors that do not deliver there are left out.
    """
    connection = await connection_of(unit)
    zones: dict[UUID, list[ShippingZone]] = defaultdict(list)
    for zone in await ZONES.fetch(connection, keys=vendor_ids, country=destination.country):
        zones[zone.vendor_id].append(zone)
    found = {
        vendor_id: find_zone(known, destination.country, destination.pin_code)
        for vendor_id, known in zones.items()
    }
    served = {zone.id: vendor_id for vendor_id, zone in found.items() if zone is not None}
    rates: dict[UUID, list[ShippingRate]] = defaultdict(list)
    for rate in await RATES.fetch(connection, keys=list(served)):
        rates[served[rate.zone_id]].append(rate)
    return rates


def price_rates(
    rates: Sequence[ShippingRate],
    vendor: Vendor,
    destination: Destination,
    *,
    goods: int,
    weight_g: int,
) -> list[DeliveryOption]:
    """Return the rates at which a vendor delivers a parcel, the cheapest first."""
    parcel = Parcel(goods, weight_g, _distance(vendor, destination))
    priced = ((rate, rate.terms.price(parcel)) for rate in rates)
    options = [
        DeliveryOption(rate, price, vendor.currency) for rate, price in priced if price is not None
    ]
    return sorted(options, key=lambda option: (option.price, option.rate.position))


def _distance(vendor: Vendor, destination: Destination) -> int | None:
    if destination.coordinates is None:
        return None
    return round(distance_m((vendor.latitude, vendor.longitude), destination.coordinates))
