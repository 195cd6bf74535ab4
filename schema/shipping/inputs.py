"""Inputs of delivery zones and quotes."""

from typing import Any
from uuid import UUID

import strawberry

from core.countries import postal_codes
from core.errors import BadInput
from engine.ids import id_field
from engine.scalars import BigInt, CountryCode
from engine.types import column
from models.shipping import zones as rows
from models.validation import parse
from schema.shipping.enums import RateKind
from services.shipping.options import Destination

MAX_POSTAL_CODE = 20


@strawberry.input(description="A price up to a limit.")
class RateBandInput:
    price_minor: BigInt = column("The price in minor units of the vendor's currency.")
    up_to: BigInt | None = strawberry.field(
        default=None,
        description="The limit, which the price includes: in grams, minor units or meters, by the"
        " kind of the rate. Only the last band can be without one.",
    )


@strawberry.input(description="A way of delivery to a zone, and its price.")
class ShippingRateInput:
    name: str = column(f"The name, at most {rows.MAX_NAME} characters. Unique in the zone.")
    kind: RateKind = column("The measure on which the price depends.")
    bands: list[RateBandInput] = column(
        f"The prices, with ascending limits: at most {rows.MAX_BANDS}. FLAT and PICKUP have one,"
        " without a limit."
    )
    min_days: int = column(f"The least days until the delivery, at most {rows.MAX_DAYS}.")
    max_days: int = column(f"The most days until the delivery, at most {rows.MAX_DAYS}.")
    free_over_minor: BigInt | None = strawberry.field(
        default=None,
        description="The value of the goods after discounts from which the delivery is free, in"
        " minor units. Null is never.",
    )

    def given(self) -> dict[str, Any]:
        return vars(self) | {"bands": [vars(band) for band in self.bands]}


@strawberry.input(description="A delivery zone with its rates.")
class ShippingZoneInput:
    name: str = column(f"The name, at most {rows.MAX_NAME} characters. Unique at the vendor.")
    countries: list[CountryCode] = column("The countries, at least one.")
    rates: list[ShippingRateInput] = column(f"The rates, 1 to {rows.MAX_RATES}.")
    pin_prefixes: list[str] = strawberry.field(
        default_factory=list,
        description="The first characters of the postal codes, at most"
        f" {rows.MAX_PREFIXES}. Without any, all of the country. With some, only one country.",
    )

    def given(self) -> dict[str, Any]:
        return vars(self) | {"rates": [rate.given() for rate in self.rates]}


@strawberry.input(
    description="All delivery zones of a vendor. Zones, and the rates of each, keep their id with"
    " their name. Those that are left out are deleted."
)
class SetShippingZonesInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    zones: list[ShippingZoneInput] = column(f"The zones, at most {rows.MAX_ZONES}.")

    def drafts(self) -> list[rows.ZoneDraft]:
        return parse(rows.ZonesDraft, zones=[zone.given() for zone in self.zones]).zones


@strawberry.input(description="A place of delivery, as far as it decides on rates.")
class DeliveryPlaceInput:
    country: CountryCode = column("The country.")
    postal_code: str = strawberry.field(default="", description="The postal code, in any spelling.")
    latitude: float | None = strawberry.field(
        default=None, description="The latitude in degrees, for local delivery."
    )
    longitude: float | None = strawberry.field(
        default=None, description="The longitude in degrees, for local delivery."
    )

    def destination(self) -> Destination:
        """Return the place. Raises `BadInput` for one coordinate, or some not on the earth."""
        if len(self.postal_code) > MAX_POSTAL_CODE:
            raise BadInput("Must have at most {max_length} characters.", max_length=MAX_POSTAL_CODE)
        if (self.latitude is None) != (self.longitude is None):
            raise BadInput("Enter both coordinates, or none.")
        coordinates = None
        if self.latitude is not None and self.longitude is not None:
            if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
                raise BadInput(
                    "Latitude must be within ±90 degrees and longitude within ±180 degrees."
                )
            coordinates = (self.latitude, self.longitude)
        code = postal_codes.normalize(self.postal_code)
        return Destination(self.country, code, coordinates)
