"""Offers, searched by everyone."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.offers import visible_offer
from engine.arguments import (
    FACET_COST,
    FOR_YOU_COST,
    NEAR_COST,
    NEAR_ORDER_COST,
    PUBLIC_COUNT_COST,
    SEARCH_COST,
    SUGGEST_COST,
)
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.scalars import CountryCode
from engine.types import field
from schema.offers.cities import City
from schema.offers.enums import OfferFacet, OfferOrder
from schema.offers.facets import OfferFacets
from schema.offers.inputs import (
    NearInput,
    OfferWhere,
)
from schema.offers.suggestions import Suggestion
from schema.offers.types import Offer, OfferConnection
from services.near import Near
from services.offers import suggestions
from services.offers.cities import list_cities
from services.offers.facets import count_facets
from services.offers.filters import OfferFilter, ends_before
from services.offers.for_you.pages import personalize
from services.offers.search import search_offers
from services.offers.suggestions import MAX_SUGGESTIONS

Where = Annotated[OfferWhere | None, strawberry.argument(description="Filters the list.")]
NearPlace = Annotated[
    NearInput | None,
    strawberry.argument(
        description="Returns offers within this circle. In another order than NEAREST and without"
        " `search`, the nearest 1,000."
    ),
]
Search = Annotated[
    str | None,
    strawberry.argument(
        description="Text to search for: at least 3 letters or digits, or 2 in a script such as"
        " Chinese, Japanese or Hindi, or an emoji, and at most 100 characters. Offers have each"
        " word, in any of its forms in English, German, Hindi or Spanish. The last word can be the"
        " start of a longer one, and a word of at least 5 letters a part of one. A rare word is"
        " also searched for in other spellings and scripts: offers with these follow. Case, accents"
        " and widths do not count. At most 1,000 entries are counted. With `states`, words match as"
        " in a search for vendors."
    ),
]
OrderBy = Annotated[
    OfferOrder | None,
    strawberry.argument(
        description="The order. Defaults to RELEVANCE with `search`, else to NEAREST with `near`,"
        " else to NEWEST."
    ),
]


FacetsBy = Annotated[
    list[OfferFacet],
    strawberry.argument(
        description="The facets, in the order of the answer. Repeated ones count once."
    ),
]
SuggestText = Annotated[
    str, strawberry.argument(description="The text typed so far, at most 100 characters.")
]
SuggestNear = Annotated[
    NearInput | None,
    strawberry.argument(description="Vendors and cities in this circle come before others."),
]
FirstSuggestions = Annotated[
    int,
    strawberry.argument(description=f"The number of suggestions, at most {MAX_SUGGESTIONS}."),
]
CityCountry = Annotated[CountryCode, strawberry.argument(description="In this country.")]
OfferNodeId = Annotated[UUID, id_of("Offer")]


@strawberry.type
class OfferQuery:
    @connection(
        OfferConnection,
        "Offers that the viewer can see. Live offers by default.",
        argument_costs={
            "search": SEARCH_COST,
            "near": NEAR_COST,
            "near orderBy": NEAR_ORDER_COST,
            "orderBy=FOR_YOU": FOR_YOU_COST,
        },
        count_cost=PUBLIC_COUNT_COST,
        public=True,
    )
    def offers(
        self,
        info: Info,
        where: Where = None,
        search: Search = None,
        near: NearPlace = None,
        order_by: OrderBy = None,
    ) -> Listing[Any]:
        viewer, wanted = info.context.viewer, _filter(where or OfferWhere(), near, search)
        listing = search_offers(viewer, wanted, order_by)
        return personalize(listing, viewer, wanted, info.context.app.kept_lists)

    @connection(
        Connection[City],
        "Cities of a country in which approved vendors are or were, by name.",
        count_cost=PUBLIC_COUNT_COST,
    )
    def cities(self, country: CityCountry) -> Listing[Any]:
        return list_cities(country)

    @field(
        "How many live offers of a list there are by each value of a facet, in the order of `by`."
        " The conditions are those of `offers`, without `states`.",
        cost=FACET_COST,
        argument_costs={"search": SEARCH_COST, "near": NEAR_COST},
        size=len(OfferFacet),
    )
    async def facets(
        self,
        info: Info,
        by: FacetsBy,
        where: Where = None,
        search: Search = None,
        near: NearPlace = None,
    ) -> list[OfferFacets]:
        wanted = _filter(where or OfferWhere(), near, search)
        async with info.context.read_session() as session:
            found = await count_facets(session, info.context.viewer, wanted, by)
        return [OfferFacets.of(facet) for facet in found]

    @field(
        "Words of live offers, and names of vendors, categories and cities with live offers, that"
        " start with the typed text or nearly do, at any word of a name. Those with the most offers"
        " come first, those in the circle before others. Empty without a letter or digit.",
        cost=SUGGEST_COST,
        size=MAX_SUGGESTIONS,
    )
    async def suggest(
        self, info: Info, text: SuggestText, near: SuggestNear = None, first: FirstSuggestions = 8
    ) -> list[Suggestion]:
        found = await suggestions.suggest(info.context, text, _circle(near), first)
        return [Suggestion.of(one) for one in found]

    @field("Returns an offer. Null if it doesn't exist or the viewer can't see it.", public=True)
    async def offer(self, info: Info, id: OfferNodeId) -> Offer | None:
        return Offer.wrap_optional(await info.context.loaders[visible_offer].load(id))


def _filter(where: OfferWhere, near: NearInput | None, search: str | None) -> OfferFilter:
    return OfferFilter(
        vendor_id=where.vendor_id,
        category_id=where.category_id,
        city_id=where.city_id,
        country=where.country,
        pin_code=where.pin_code,
        discount_kinds=None if where.discount_kinds is None else frozenset(where.discount_kinds),
        discount_at_least=where.discount_at_least,
        ends_before=ends_before(where.ending_within_hours),
        open_now=where.open_now,
        liked=where.liked_by_me,
        states=None if where.states is None else frozenset(where.states),
        near=_circle(near),
        search=search,
    )


def _circle(near: NearInput | None) -> Near | None:
    return Near(near.latitude, near.longitude, near.within_km) if near else None
