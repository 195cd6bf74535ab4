"""Delivery zones, their rates, and what a delivery costs."""

from typing import Self
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.shipping import (
    rates_of_zone,
    visible_shipping_rate,
    visible_shipping_zone,
    zones_of_vendor,
)
from dataloaders.vendors import vendor_by_id
from engine.scalars import BigInt, CountryCode
from engine.types import Rows, column, loaded, related
from models.shipping import zones as rows
from models.vendors import Vendor
from schema.lazy import LazyVendor
from schema.money import Money, money_of, optional_money
from schema.shipping.enums import RateKind
from services.shipping import options


@strawberry.type(description="A price up to a limit.")
class RateBand:
    up_to: BigInt | None = column(
        "The limit, which the price includes: in grams, minor units or meters, by the kind of the"
        " rate. Null is none."
    )
    price: Money = column("The price.")


@strawberry.type(description="A way of delivery to a zone, and its price. Visible with the vendor.")
class ShippingRate(Rows[rows.ShippingRate], relay.Node, access=visible_shipping_rate):
    id: relay.NodeID[UUID]
    name: str = column("The name, such as “Express”.")
    rate_kind: RateKind = column("The measure on which the price depends.", of="kind")
    min_days: int = column("The least days until the delivery.")
    max_days: int = column("The most days until the delivery.")

    @loaded(
        vendor_by_id,
        by="vendor_id",
        description="The prices, with ascending limits. Above the last, it is not delivered.",
        needs=("vendor_id", "bands"),
        size=5,
    )
    def bands(root: strawberry.Parent[rows.ShippingRate], vendor: Vendor) -> list[RateBand]:
        return [
            RateBand(up_to=_limit(limit), price=money_of(price or 0, vendor.currency))
            for limit, price in root.bands
        ]

    @loaded(
        vendor_by_id,
        by="vendor_id",
        description="The value of the goods after discounts from which the delivery is free.",
        needs=("vendor_id", "free_over"),
    )
    def free_over(root: strawberry.Parent[rows.ShippingRate], vendor: Vendor) -> Money | None:
        return optional_money(root.free_over, vendor.currency)


@strawberry.type(
    description="Countries, or parts of one by postal codes, to which a vendor delivers at the same"
    " rates. Visible with the vendor."
)
class ShippingZone(Rows[rows.ShippingZone], relay.Node, access=visible_shipping_zone):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    countries: list[CountryCode] = strawberry.field(
        description="The countries.", metadata={"size": 5}
    )
    pin_prefixes: list[str] = strawberry.field(
        description="The first characters of the postal codes. Empty for all of the country. An"
        " address is in the zone with the longest one that matches.",
        metadata={"size": 20},
    )
    rates: list[ShippingRate] = related(
        rates_of_zone,
        by="id",
        description=f"The rates in their order, at most {rows.MAX_RATES}.",
        size=3,
    )
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )


@strawberry.type
class ShippingVendorFields:
    """A base of Vendor, not a type of the schema."""

    shipping_zones: list[ShippingZone] = related(
        zones_of_vendor,
        by="id",
        description=f"The delivery zones in their order, at most {rows.MAX_ZONES}. None if it does"
        " not deliver.",
        size=5,
    )


@strawberry.type(description="A rate at which a vendor delivers, with its price for a parcel.")
class DeliveryOption:
    rate: ShippingRate = column("The rate.")
    price: Money = column("The price.")

    @classmethod
    def of(cls, option: options.DeliveryOption) -> Self:
        price = money_of(option.price, option.currency)
        return cls(rate=ShippingRate.wrap(option.rate), price=price)


def _limit(limit: int | None) -> BigInt | None:
    return None if limit is None else BigInt(limit)
