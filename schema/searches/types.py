"""Saved searches of offers, and the offers that match them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.categories import category_by_id
from dataloaders.offers import visible_city, visible_offer
from dataloaders.searches import new_hits, visible_hit, visible_search
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, connection
from engine.ids import id_of
from engine.scalars import CountryCode
from engine.types import Rows, column, field, related
from models import searches as rows
from models.offers.offers import DiscountKind as Kind
from schema.lazy import LazyCategory, LazyOffer, LazyVendor
from schema.offers.cities import City
from schema.offers.enums import DiscountKind
from schema.searches.enums import SearchNotices
from services.searches.searches import list_hits

SavedSearchId = Annotated[UUID, id_of("SavedSearch", "The saved search's id.")]
Root = strawberry.Parent[rows.SavedSearch]


@strawberry.type(description="A circle around a place.")
class SearchCircle:
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")
    within_km: float = column("The radius in kilometers.")


@strawberry.type(
    description="An offer that was published after a search was saved and matches it. Visible to"
    " the user who saved it, for 90 days."
)
class SavedSearchHit(Rows[rows.SavedSearchHit], relay.Node, access=visible_hit):
    id: relay.NodeID[UUID]
    seen: bool = column("Whether the user has marked it as seen.")
    created_at: datetime = column("The time at which the match was found.")
    offer: LazyOffer | None = related(
        visible_offer, by="offer_id", description="The offer. Null if it is no longer live."
    )


@strawberry.type(
    description="Conditions on offers that a user has saved, to be notified of new offers that"
    " fulfil all of them. Visible to the user."
)
class SavedSearch(Rows[rows.SavedSearch], relay.Node, access=visible_search):
    id: relay.NodeID[UUID]
    name: str = column("The name, unique among the user's.")
    search_text: str | None = column("The words. Null for any.", of="search")
    only_country: CountryCode | None = column("The country. Null for any.", of="country")
    only_pin_code: str | None = column(
        "The postal code that offers serve. Null for any.", of="pin_code"
    )
    discount_at_least: int | None = column("The least discount in percent. Null for any.")
    notices: SearchNotices = column("When the user is notified.")
    created_at: datetime = column("The time at which the search was saved.")
    only_vendor: LazyVendor | None = related(
        vendor_by_id, by="vendor_id", description="The vendor. Null for any."
    )
    only_category: LazyCategory | None = related(
        category_by_id,
        by="category_id",
        description="The category, with its descendants. Null for any.",
    )
    only_city: City | None = related(
        visible_city, by="city_id", description="The city. Null for any."
    )
    new_hits: int = related(
        new_hits,
        by="id",
        description="The number of live offers that match and are not marked as seen.",
    )

    @field("The kinds of discounts. Null for any.", needs=("discount_kinds",), size=4)
    def discount_kinds(root: Root) -> list[DiscountKind] | None:
        return None if root.discount_kinds is None else [*map(Kind, root.discount_kinds)]

    @field("The circle. Null for any place.", needs=("latitude", "longitude", "within_km"))
    def near(root: Root) -> SearchCircle | None:
        if root.latitude is None or root.longitude is None or root.within_km is None:
            return None
        return SearchCircle(
            latitude=root.latitude, longitude=root.longitude, within_km=root.within_km
        )

    @connection(
        Connection[SavedSearchHit],
        "The live offers that were published since and match, the latest match first.",
        needs=("id",),
    )
    def hits(root: Root) -> Listing[Any]:
        return list_hits(root.id)
