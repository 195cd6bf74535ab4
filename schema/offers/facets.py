"""Facets of a list of offers."""

from datetime import datetime
from uuid import UUID

import strawberry

from dataloaders.categories import category_by_id
from dataloaders.offers import visible_city
from engine.types import column, field, related
from schema.lazy import LazyCategory
from schema.offers.cities import City
from schema.offers.enums import DiscountKind, OfferFacet
from services.offers import facets
from services.offers.facets import BAND, MAX_VALUES


@strawberry.type(
    description="A value of a facet, with the number of live offers that have it. Public."
)
class OfferFacetValue:
    category_id: strawberry.Private[UUID | None]
    city_id: strawberry.Private[UUID | None]
    count: int = column("The number of offers.")
    kind: DiscountKind | None = column("The kind of the discount, of KIND.")
    percent_from: int | None = column("The lowest percentage, of DISCOUNT.")
    percent_below: int | None = column("The percentage that is not reached, of DISCOUNT.")

    category: LazyCategory | None = related(
        category_by_id, by="category_id", description="The category, of CATEGORY."
    )
    city: City | None = related(visible_city, by="city_id", description="The city, of CITY.")

    @classmethod
    def of(cls, value: facets.FacetValue) -> "OfferFacetValue":
        low, by = value.percent, value.by
        return cls(
            category_id=value.id if by is OfferFacet.CATEGORY else None,
            city_id=value.id if by is OfferFacet.CITY else None,
            count=value.count,
            kind=value.kind,
            percent_from=low,
            percent_below=None if low is None else min(101, low - low % BAND + BAND),
        )


@strawberry.type(description="The values of one facet of a list of live offers. Public.")
class OfferFacets:
    found: strawberry.Private[facets.Facet]
    by: OfferFacet = column("The property by which the offers are counted.")
    exact: bool = column(
        "Whether all offers were counted. If false, 10,000 of them were, and there are more."
    )
    as_of: datetime = column("The time at which they were counted, at most some minutes ago.")

    @field(
        f"The {MAX_VALUES} most frequent values; of DISCOUNT all bands, in ascending order.",
        needs=(),
        size=MAX_VALUES,
    )
    def values(self) -> list[OfferFacetValue]:
        return [OfferFacetValue.of(value) for value in self.found.values]

    @classmethod
    def of(cls, found: facets.Facet) -> "OfferFacets":
        return cls(found=found, by=found.by, exact=found.exact, as_of=found.as_of)
