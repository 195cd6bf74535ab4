"""Delivery options: the rates at which a vendor delivers a parcel to an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.errors import NotFound
from models.shipping.rates import Parcel, find_zone
from models.shipping.zones import ShippingRate, ShippingZone
from models.vendors import Vendor
from services.addresses import access_address
from services.near import distance_m
from services.vendors.access import visible_vendors
from services.viewer import Viewer


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
    details = address.open(sealer)
    latitude, longitude = details.latitude, details.longitude
    known = latitude is not None and longitude is not None
    coordinates = (latitude or 0.0, longitude or 0.0) if known else None
    return Destination(address.country, details.pin_code or "", coordinates)


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
    rows = select(ShippingZone).where(ShippingZone.vendor_id == vendor_id)
    zones = (await session.exec(rows.order_by(col(ShippingZone.position)))).all()
    zone = find_zone(zones, destination.country, destination.pin_code)
    if zone is None:
        return []
    of_zone = select(ShippingRate).where(ShippingRate.zone_id == zone.id)
    rates = (await session.exec(of_zone.order_by(col(ShippingRate.position)))).all()
    parcel = Parcel(goods, weight_g, _distance(vendor, destination))
    return price_rates(rates, parcel, vendor.currency)


def price_rates(
    rates: Sequence[ShippingRate], parcel: Parcel, currency: str
) -> list[DeliveryOption]:
    """Return the rates that serve a parcel, the cheapest first."""
    priced = ((rate, rate.terms.price(parcel)) for rate in rates)
    options = [DeliveryOption(rate, price, currency) for rate, price in priced if price is not None]
    return sorted(options, key=lambda option: (option.price, option.rate.position))


def _distance(vendor: Vendor, destination: Destination) -> int | None:
    if destination.coordinates is None:
        return None
    return round(distance_m((vendor.latitude, vendor.longitude), destination.coordinates))
