"""Rates of taxes: data with dates and a source, set by admins."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from models.base import Row, open_enum_column
from models.catalog.products import MAX_HSN_LENGTH, TaxClass
from models.errors import Refusal
from models.personal_data import of_others
from models.pricing.amounts import BPS
from models.pricing.tax_rules import INDIA, Jurisdiction
from models.text import OneLine, one_line_constraint
from models.vendors import Subdivision

MAX_CESS_BPS = 30_000
MAX_SOURCE_LENGTH = 300
MAX_REGION_LENGTH = 80
MIN_HSN_PREFIX = 2
MAX_DAYS_AHEAD = 1_826  # five years
DAY = timedelta(days=1)

Source = Annotated[str, OneLine(MAX_SOURCE_LENGTH)]
HsnPrefix = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=rf"^[0-9]{{2,{MAX_HSN_LENGTH}}}$"),
]


class TaxLevy(StrEnum):
    """A tax that the platform takes from what vendors of a country get."""

    COMMISSION = "COMMISSION"
    TCS = "TCS"
    TDS = "TDS"


class TaxRate(Row, table=True):
    """The rate of a country or of a region of it, for a tax class or a prefix of HSN codes.

    One with a `levy` is for what the platform takes from the vendors of a country. A rate holds on
    all days from `starts_on` to `ends_on`, which is None until another one follows. In India, `bps`
    is the rate of IGST, and each of CGST and SGST has half of it.
    """

    __tablename__ = "tax_rate"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        one_line_constraint("region"),
        CheckConstraint("num_nonnulls(tax_class, hsn_prefix, levy) = 1", name="goods"),
        CheckConstraint("levy IS NULL OR (region IS NULL AND cess_bps = 0)", name="levy"),
        CheckConstraint(
            f"hsn_prefix ~ '^[0-9]{{{MIN_HSN_PREFIX},{MAX_HSN_LENGTH}}}$'", name="hsn_prefix"
        ),
        CheckConstraint(
            "tax_class <> 'EXEMPT' AND (tax_class <> 'ZERO' OR bps + cess_bps = 0)",
            name="tax_class",
        ),
        CheckConstraint(f"bps BETWEEN 0 AND {BPS}", name="bps"),
        CheckConstraint(f"country <> '{INDIA}' OR bps % 2 = 0", name="halves"),
        CheckConstraint(
            f"cess_bps BETWEEN 0 AND {MAX_CESS_BPS} AND (cess_bps = 0 OR country = '{INDIA}')",
            name="cess_bps",
        ),
        CheckConstraint("ends_on >= starts_on", name="ends_on"),
        one_line_constraint("source"),
        ExcludeConstraint(
            ("country", "="),
            (text("COALESCE(region, '')"), "="),
            (text("COALESCE(tax_class, '')"), "="),
            (text("COALESCE(hsn_prefix, '')"), "="),
            (text("COALESCE(levy, '')"), "="),
            (text("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist",
            name="tax_rate_during_excl",
        ),
        Index("tax_rate_country_idx", "country", "starts_on", "id"),
        Index("tax_rate_starts_on_idx", "starts_on", "id"),
    )
    __privacy__ = of_others(
        none="country region hsn_prefix bps cess_bps starts_on ends_on source",
    )

    country: str = Field(max_length=2)
    region: Subdivision | None = Field(default=None, max_length=MAX_REGION_LENGTH)
    tax_class: TaxClass | None = open_enum_column(TaxClass, default=None, nullable=True)
    hsn_prefix: str | None = Field(default=None, max_length=MAX_HSN_LENGTH)
    levy: TaxLevy | None = open_enum_column(TaxLevy, default=None, nullable=True)
    bps: int
    cess_bps: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    starts_on: date
    ends_on: date | None = None
    source: Source = Field(max_length=MAX_SOURCE_LENGTH)

    @property
    def key(self) -> "RateKey":
        """Return the place and the goods. Of rates with the same key, one holds on a day."""
        return self.country, self.region, self.tax_class, self.hsn_prefix, self.levy

    @property
    def terms(self) -> tuple[int, int]:
        return self.bps, self.cess_bps

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def applies_to(self, place: Jurisdiction, tax_class: TaxClass, hsn_code: str | None) -> bool:
        """Return whether it is for goods that are delivered to a place."""
        if self.country != place.country or self.region not in {None, place.subdivision}:
            return False
        if self.levy is not None:
            return False
        if self.hsn_prefix is None:
            return self.tax_class is tax_class
        return hsn_code is not None and hsn_code.startswith(self.hsn_prefix)

    @property
    def rank(self) -> tuple[int, bool]:
        """Return the precedence: the longest prefix, then the region before the country."""
        return len(self.hsn_prefix or ""), self.region is not None


RateKey = tuple[str, str | None, TaxClass | None, str | None, TaxLevy | None]


def insert_between(known: Iterable[TaxRate], rate: TaxRate) -> None:
    """Let a rate hold from its first day on, among others of its key, none of which begins then.

    The one before it ends, and it ends before the next one.
    """
    for one in known:
        if one.holds_on(rate.starts_on):
            one.ends_on = rate.starts_on - DAY
    days = filter(None, (rate.ends_on, last_day(known, rate)))
    rate.ends_on = min(days, default=None)


def last_day(known: Iterable[TaxRate], rate: TaxRate) -> date | None:
    """Return the day before the next rate of its key begins, None if none is planned."""
    later = [one.starts_on for one in known if one.starts_on > rate.starts_on]
    return min(later) - DAY if later else None


def find_rate(
    rates: Iterable[TaxRate],
    day: date,
    place: Jurisdiction,
    tax_class: TaxClass,
    hsn_code: str | None,
) -> TaxRate | None:
    """Return the rate of goods that are delivered to a place on a day.

    A rate for the HSN code goes before that of the class: the code decides by law, and the class is
    what the vendor chose.
    """
    found = [
        one for one in rates if one.holds_on(day) and one.applies_to(place, tax_class, hsn_code)
    ]
    return max(found, key=lambda one: one.rank, default=None)


def prefixes(hsn_code: str) -> list[str]:
    """Return the prefixes of a code that can have a rate."""
    return [hsn_code[:length] for length in range(MIN_HSN_PREFIX, len(hsn_code) + 1)]


class TaxUnknown(Refusal):
    message = "The tax of this article is not known for your address, so it cannot be ordered yet."
    meaning = (
        "There is no tax rate for the article's class and HSN code at the place of delivery on this"
        " day, or the address has no state that decides on the tax."
    )
    remedy = "Show `message` next to the line, and let the user remove it."


class TaxRateOverlaps(Refusal):
    message = "Another rate for this was set at the same time. Look at it, and try again."
    meaning = "Another admin has set a rate for the same goods and days at the same time."
    remedy = "Refetch `taxRates`, and let the admin decide."
    constraint = "tax_rate_during_excl"
