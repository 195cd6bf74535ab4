"""Delivery zones of vendors, and the rates in each."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints, model_validator
from pydantic import Field as Range
from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field

from core.countries import postal_codes
from models.base import DEFERRED, Row, enum_column, foreign_key, json
from models.errors import InvalidInput, InvalidValue
from models.personal_data import of_others
from models.shipping.rates import Band, RateKind, RateTerms
from models.text import OneLine, one_line_constraint

MAX_ZONES = 20
MAX_RATES = 10  # of a zone
MAX_BANDS = 20
MAX_COUNTRIES = 250
MAX_PREFIXES = 200
MAX_NAME = 60
MAX_DAYS = 90
MAX_AMOUNT = 10**12

ZoneName = Annotated[str, OneLine(MAX_NAME, web_addresses=False)]
Amount = Annotated[int, Range(ge=0, le=MAX_AMOUNT)]
Days = Annotated[int, Range(ge=0, le=MAX_DAYS)]
Prefix = Annotated[
    str,
    StringConstraints(max_length=20),
    AfterValidator(postal_codes.normalize),
    StringConstraints(pattern=r"^[A-Z0-9]{1,10}$"),
]


class ShippingZone(Row, table=True):
    """Countries, or parts of one by postal codes, to which a vendor delivers at the same rates."""

    __tablename__ = "shipping_zone"
    __table_args__ = (
        UniqueConstraint("vendor_id", "name", **DEFERRED),
        one_line_constraint("name"),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_ZONES - 1}", name="position"),
        CheckConstraint(f"cardinality(countries) BETWEEN 1 AND {MAX_COUNTRIES}", name="countries"),
        CheckConstraint(
            f"cardinality(pin_prefixes) <= {MAX_PREFIXES}"
            " AND (cardinality(pin_prefixes) = 0 OR cardinality(countries) = 1)",
            name="pin_prefixes",
        ),
    )
    __privacy__ = of_others(none="name position countries pin_prefixes")

    vendor_id: UUID = foreign_key("vendor", index=False)
    name: ZoneName = Field(max_length=MAX_NAME)
    position: int
    countries: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    pin_prefixes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class ShippingRate(Row, table=True):
    """A way of delivery to a zone, and its price, in the vendor's currency.

    `bands` are pairs of a limit and a price, ascending. The last limit can be null.
    """

    __tablename__ = "shipping_rate"
    __table_args__ = (
        UniqueConstraint("zone_id", "name", **DEFERRED),
        one_line_constraint("name"),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_RATES - 1}", name="position"),
        CheckConstraint(f"free_over BETWEEN 1 AND {MAX_AMOUNT}", name="free_over"),
        CheckConstraint(f"min_days BETWEEN 0 AND max_days AND max_days <= {MAX_DAYS}", name="days"),
        CheckConstraint(
            f"jsonb_array_length(bands) BETWEEN 1 AND {MAX_BANDS}"
            " AND (kind NOT IN ('FLAT', 'PICKUP') OR jsonb_array_length(bands) = 1)",
            name="bands",
        ),
    )
    __privacy__ = of_others(none="name position bands free_over min_days max_days")

    zone_id: UUID = foreign_key("shipping_zone", index=False)
    vendor_id: UUID = foreign_key("vendor")
    name: ZoneName = Field(max_length=MAX_NAME)
    position: int
    kind: RateKind = enum_column(RateKind)
    bands: list[list[int | None]] = json()
    free_over: int | None = Field(default=None, sa_type=BigInteger)
    min_days: int
    max_days: int

    @property
    def terms(self) -> RateTerms:
        bands = [Band(up_to, price or 0) for up_to, price in self.bands]
        return RateTerms(self.kind, bands, self.free_over)


class BandDraft(BaseModel, frozen=True):
    up_to: Annotated[int, Range(ge=1, le=MAX_AMOUNT)] | None = None
    price_minor: Amount


class RateDraft(BaseModel, frozen=True):
    """Validated input of a rate. Its limits ascend, and only the last can be missing."""

    name: ZoneName
    kind: RateKind
    bands: Annotated[list[BandDraft], Range(min_length=1, max_length=MAX_BANDS)]
    free_over_minor: Annotated[int, Range(ge=1, le=MAX_AMOUNT)] | None = None
    min_days: Days
    max_days: Days

    @model_validator(mode="after")
    def ensure_order(self) -> Self:
        if self.max_days < self.min_days:
            raise InvalidValue("The most days cannot be fewer than the least.")
        limits = [band.up_to for band in self.bands]
        if not self.kind.has_bands and limits != [None]:
            raise InvalidValue("A rate of this kind has one price, without a limit.")
        *before, last = limits
        known = [*before, *([last] if last is not None else [])]
        if None in before or any(a >= b for a, b in _pairs(known)):
            raise InvalidValue("The limits must ascend, and only the last can be left out.")
        return self

    def columns(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "bands": [[band.up_to, band.price_minor] for band in self.bands],
            "free_over": self.free_over_minor,
            "min_days": self.min_days,
            "max_days": self.max_days,
        }


def _pairs(limits: Sequence[int | None]) -> list[tuple[int, int]]:
    """Return each limit with the next one."""
    known = [limit for limit in limits if limit is not None]
    return list(pairwise(known))


class ZoneDraft(BaseModel, frozen=True):
    """Validated input of a zone. Countries were checked as scalars."""

    name: ZoneName
    countries: Annotated[list[str], Range(min_length=1, max_length=MAX_COUNTRIES)]
    pin_prefixes: Annotated[list[Prefix], Range(max_length=MAX_PREFIXES)] = []
    rates: Annotated[list[RateDraft], Range(min_length=1, max_length=MAX_RATES)]

    @model_validator(mode="after")
    def ensure_one_country_with_prefixes(self) -> Self:
        if self.pin_prefixes and len(set(self.countries)) > 1:
            raise InvalidValue("Postal codes are of one country. Choose one for this zone.")
        if len({rate.name for rate in self.rates}) < len(self.rates):
            raise InvalidValue("The rates of a zone need different names.")
        return self

    def columns(self) -> dict[str, Any]:
        return {
            "countries": sorted(set(self.countries)),
            "pin_prefixes": sorted(set(self.pin_prefixes)),
        }


class ZonesDraft(BaseModel, frozen=True):
    """Validated input of all zones of a vendor."""

    zones: Annotated[list[ZoneDraft], Range(max_length=MAX_ZONES)]

    @model_validator(mode="after")
    def ensure_different_names(self) -> Self:
        if len({zone.name for zone in self.zones}) < len(self.zones):
            raise InvalidInput("The zones need different names.", field=["zones"])
        return self
