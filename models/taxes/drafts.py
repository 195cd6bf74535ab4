"""Validated inputs of rates and registrations."""

from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, StringConstraints, model_validator
from pydantic import Field as Range

from models.catalog.products import TaxClass
from models.errors import InvalidInput
from models.pricing.amounts import BPS
from models.pricing.tax_rules import INDIA, Jurisdiction, SellerKind
from models.taxes.numbers import check_tax_number, state_of_gstin
from models.taxes.rates import MAX_CESS_BPS, MAX_DAYS_AHEAD, HsnPrefix, Source, TaxLevy
from models.taxes.registrations import BY_REGION, includes_tax
from models.vendors import Subdivision, choose_subdivision


class TaxRateDraft(BaseModel, frozen=True):
    """A rate from a day on. The country was checked as a scalar."""

    country: str
    bps: Annotated[int, Range(ge=0, le=BPS)]
    cess_bps: Annotated[int, Range(ge=0, le=MAX_CESS_BPS)] = 0
    starts_on: date
    source: Source
    region: Subdivision | None = None
    tax_class: TaxClass | None = None
    hsn_prefix: HsnPrefix | None = None
    levy: TaxLevy | None = None

    @model_validator(mode="after")
    def ensure_rules(self) -> Self:
        if [self.tax_class, self.hsn_prefix, self.levy].count(None) != 2:
            raise InvalidInput(
                "Choose a tax class, a prefix of HSN codes or a levy.", field=["taxClass"]
            )
        if self.levy is not None and (self.region is not None or self.cess_bps):
            raise InvalidInput("A levy is of the whole country, without a cess.", field=["levy"])
        if self.tax_class is TaxClass.EXEMPT:
            raise InvalidInput("Exempt goods have no rate.", field=["taxClass"])
        if self.tax_class is TaxClass.ZERO and self.bps + self.cess_bps:
            raise InvalidInput("The rate of this class is zero.", field=["bps"])
        if self.country == INDIA and self.bps % 2:
            raise InvalidInput(
                "A rate of GST has two equal halves. Enter an even number.", field=["bps"]
            )
        if self.country != INDIA and self.cess_bps:
            raise InvalidInput("Only India has a cess.", field=["cessBps"])
        return self

    def ensure_begins(self, today: date) -> None:
        """Raise `InvalidInput` for a day that has passed, or is years ahead."""
        if self.starts_on < today:
            raise InvalidInput(
                "Choose a day that is not in the past: what was sold then was taxed already.",
                field=["startsOn"],
            )
        if self.starts_on > today + timedelta(days=MAX_DAYS_AHEAD):
            raise InvalidInput(
                "Choose a day within the next {most} days.", most=MAX_DAYS_AHEAD, field=["startsOn"]
            )

    def columns(self) -> dict[str, Any]:
        """Return the columns of a rate. Raises `InvalidInput` for an unknown region."""
        region = self.region
        if region is not None:
            region = choose_subdivision(self.country, region, field=["region"])
        return self.model_dump() | {"region": region}


class TaxRegistrationDraft(BaseModel, frozen=True):
    """A registration of a vendor. The country was checked as a scalar."""

    country: str
    kind: SellerKind
    region: Subdivision | None = None
    number: Annotated[str, StringConstraints(max_length=40)] | None = None
    prices_include_tax: bool | None = None

    @model_validator(mode="after")
    def ensure_rules(self) -> Self:
        if self.kind is SellerKind.COMPOSITION and self.country != INDIA:
            raise InvalidInput("Only India has a composition levy.", field=["kind"])
        if self.kind is SellerKind.NONE and self.number is not None:
            raise InvalidInput(
                "Without a registration there is no number. Leave it empty.", field=["number"]
            )
        return self

    @property
    def place(self) -> Jurisdiction:
        """Return the place of the registration. Raises `InvalidInput` for an unknown region."""
        region = self.region
        if region is not None:
            region = choose_subdivision(self.country, region, field=["region"])
        return Jurisdiction(self.country, region)

    def columns(self, number: str | None) -> tuple[dict[str, Any], str | None]:
        """Return the columns, and the number in its normal form.

        `number` is the one that was entered, or that is known. The state of a GSTIN need not be
        entered. Raises `InvalidInput`, and `TaxIdInvalid` for a number that is not of the place.
        """
        place = self.place
        if place == Jurisdiction(INDIA) and number is not None:
            place = Jurisdiction(INDIA, state_of_gstin(number))
        if number is not None:
            number = check_tax_number(number, place, field=["number"])
        if place.subdivision is None and place.country in BY_REGION:
            raise InvalidInput("Choose the state, province or region.", field=["region"])
        included = self.prices_include_tax
        return {
            "country": place.country,
            "region": place.subdivision,
            "kind": self.kind,
            "prices_include_tax": includes_tax(place.country) if included is None else included,
        }, number
