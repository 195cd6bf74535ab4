"""Inputs of rates and registrations."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field, id_of
from engine.scalars import CountryCode
from engine.types import column, optional
from models.pricing.amounts import BPS
from models.taxes.drafts import TaxRateDraft, TaxRegistrationDraft
from models.taxes.rates import MAX_CESS_BPS, MAX_DAYS_AHEAD, MAX_SOURCE_LENGTH
from models.validation import parse
from schema.catalog.enums import TaxClass
from schema.taxes.enums import SellerKind, TaxLevy
from services.taxes.rates import RateFilter

TaxRateId = Annotated[UUID, id_of("TaxRate", "The rate's id.")]
TaxRegistrationId = Annotated[UUID, id_of("TaxRegistration", "The registration's id.")]


@strawberry.input(description="A rate from a day on, for a tax class or for a prefix of HSN codes.")
class SetTaxRateInput:
    country: CountryCode = column("The country.")
    bps: int = column(
        f"The rate in basis points, from 0 to {BPS:,}: 1,800 is 18 %. Even in India, where CGST and"
        " SGST have half of it each."
    )
    starts_on: date = strawberry.field(
        description=f"The first day, today or at most {MAX_DAYS_AHEAD:,} days later.",
    )
    source: str = column(
        f"The law or notification that it is taken from, at most {MAX_SOURCE_LENGTH} characters."
    )
    region: str | None = optional(
        "The state or region, as addresses write it. Null for all that have no rate of their own."
    )
    tax_class: TaxClass | None = optional("The class, but EXEMPT. Or `hsnPrefix`.")
    hsn_prefix: str | None = optional(
        "The first 2 to 8 digits of HSN codes, for goods with another rate than their class."
    )
    levy: TaxLevy | None = optional(
        "A tax that the platform takes from the vendors of the country. Instead of `taxClass`."
    )
    cess_bps: int = optional(
        f"The cess of India in basis points, at most {MAX_CESS_BPS:,}. Defaults to 0.", 0
    )

    def draft(self) -> TaxRateDraft:
        return parse(TaxRateDraft, **vars(self))


@strawberry.input(description="Conditions of a list of rates. All of them must hold.")
class TaxRateWhere:
    country: CountryCode | None = optional("In this country.")
    tax_class: TaxClass | None = optional("Of this class.")
    levy: TaxLevy | None = optional("Of this levy.")
    on: date | None = optional("That hold on this day.")


def tax_rate_filter(where: TaxRateWhere | None) -> RateFilter:
    return RateFilter(**vars(where)) if where else RateFilter()


@strawberry.input(
    description="The registration of a vendor in a country or, in India and the United States, in a"
    " state. It replaces the one that the vendor has there."
)
class SetTaxRegistrationInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    country: CountryCode = column("The country.")
    kind: SellerKind = column("The kind of registration.")
    region: str | None = optional(
        "The state, as addresses write it. Required in the United States, and in India without a"
        " number: a GSTIN names the state. Null for all of another country."
    )
    number: str | None = optional(
        "The tax number in any spelling: a GSTIN in India, a VAT number in the European Union and"
        " the United Kingdom. Null keeps the number or, at first, takes that of the vendor's"
        " approved application. NONE has no number."
    )
    prices_include_tax: bool | None = optional(
        "Whether the vendor's prices include the tax. Null is as consumer prices of the country"
        " are: without it in the United States and Canada, with it elsewhere."
    )

    def draft(self) -> TaxRegistrationDraft:
        values = vars(self).copy()
        del values["vendor_id"]
        return parse(TaxRegistrationDraft, **values)
