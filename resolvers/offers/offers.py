"""Offers: searched by everyone, written by vendors, liked and claimed by users."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.offers import visible_offer
from engine.arguments import (
    FACET_COST,
    NEAR_COST,
    NEAR_ORDER_COST,
    PUBLIC_COUNT_COST,
    SEARCH_COST,
    SUGGEST_COST,
    IdempotencyKey,
)
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.scalars import CountryCode
from engine.types import field
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.offers import offers as rows
from models.offers.terms import RuleFailed, TooManyTerms
from models.packs.grants import QuotaUsedUp
from models.quotas import DailyLimitReached
from models.redemptions import Voucher as VoucherRow
from models.vendors import VendorNotApproved, VendorSuspended
from schema.offers.cities import City
from schema.offers.enums import OfferFacet, OfferOrder
from schema.offers.facets import OfferFacets
from schema.offers.inputs import (
    CreateOfferInput,
    NearInput,
    OfferId,
    OfferWhere,
    UpdateOfferInput,
    offer_patch,
    offer_pictures,
)
from schema.offers.rules import OfferRulesInput
from schema.offers.suggestions import Suggestion
from schema.offers.types import Offer, OfferConnection
from schema.redemptions.inputs import ClaimLocation, parse_location
from schema.redemptions.types import Voucher
from services.near import Near
from services.offers import claims, copies, offers, schedules, suggestions
from services.offers.cities import list_cities
from services.offers.facets import count_facets
from services.offers.filters import OfferFilter, ends_before
from services.offers.rules import set_offer_rules
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
OfferRulesArgument = Annotated[
    OfferRulesInput, strawberry.argument(description="All rules of the offer.")
]
OptionalKey = Annotated[
    str | None,
    strawberry.argument(
        description="A unique key of at most 100 characters. A retry with the same key and input"
        " returns the first request's offer. Without a key, a retry creates another draft."
    ),
]
PublishAt = Annotated[
    datetime,
    strawberry.argument(
        description="The time of the publication: in the future, and before the offer ends."
    ),
]
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
        wanted = _filter(where or OfferWhere(), near, search)
        return search_offers(info.context.viewer, wanted, order_by)

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
        async with info.context.read_session() as session:
            found = await suggestions.suggest(session, text, _circle(near), first)
        return [Suggestion.of(one) for one in found]

    @field("Returns an offer. Null if it doesn't exist or the viewer can't see it.", public=True)
    async def offer(self, info: Info, id: OfferNodeId) -> Offer | None:
        return Offer.wrap_optional(await info.context.loaders[visible_offer].load(id))


@strawberry.type
class OfferMutation:
    @mutation(
        offer=Offer,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            DailyLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def create_offer(self, info: Info, input: CreateOfferInput) -> rows.Offer:
        """Create a draft of an offer. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await offers.create_offer(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                idempotency_key=input.idempotency_key,
                patch=offer_patch(input),
                pictures=offer_pictures(input) or [],
            )

    @mutation(
        offer=Offer,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.InvalidOfferState,
            rows.CapacityBelowClaimed,
            TooManyTerms,
        ),
        repeatable="sets values",
    )
    async def update_offer(self, info: Info, input: UpdateOfferInput) -> rows.Offer:
        """Change an offer. Claimed vouchers keep their times."""
        async with info.context.transaction() as session:
            return await offers.update_offer(
                session,
                info.context.viewer,
                offer_id=input.offer_id,
                patch=offer_patch(input),
                pictures=offer_pictures(input),
            )

    @mutation(
        offer=Offer,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.InvalidOfferState, TooManyTerms),
        repeatable="sets values",
    )
    async def set_offer_rules(
        self, info: Info, offer_id: OfferId, rules: OfferRulesArgument
    ) -> rows.Offer:
        """Replace the rules of an offer, as a new version of its terms. Claimed vouchers keep
        theirs. Requires the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            return await set_offer_rules(
                session,
                info.context.viewer,
                offer_id=offer_id,
                rules=rules.parsed(),
                currencies=rules.currencies(),
            )

    @mutation(
        offer=Offer,
        raises=(
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.InvalidOfferState,
            rows.OfferEnded,
            QuotaUsedUp,
        ),
        repeatable="sets a state",
    )
    async def publish_offer(self, info: Info, offer_id: OfferId) -> rows.Offer:
        """Publish an offer, so that users can claim it between its start and end. Where packs are
        required, the first time takes a unit of the vendor's packs, which pausing and archiving do
        not give back.
        """
        async with info.context.transaction() as session:
            return await offers.publish_offer(
                session,
                info.context.viewer,
                offer_id=offer_id,
                packs_required=info.context.app.settings.packs_required,
            )

    @mutation(
        offer=Offer,
        while_impersonating=True,
        raises=(NotFound, DailyLimitReached, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def duplicate_offer(
        self, info: Info, offer_id: OfferId, idempotency_key: OptionalKey = None
    ) -> rows.Offer:
        """Copy an offer as a DRAFT: its texts, discount, limits, times and pictures. Requires the
        vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            return await copies.duplicate_offer(
                session,
                info.context.viewer,
                offer_id=offer_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        offer=Offer,
        raises=(
            InvalidInput,
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.InvalidOfferState,
        ),
        repeatable="sets a time",
    )
    async def schedule_offer(
        self, info: Info, offer_id: OfferId, publish_at: PublishAt
    ) -> rows.Offer:
        """Have a DRAFT published at a time, as by `publishOffer`. Replaces the time chosen before.
        If it cannot be published then, it stays a DRAFT with a `publishFailure`, and the members
        who manage offers get the notification `OFFER_NOT_PUBLISHED`.
        """
        async with info.context.transaction() as session:
            return await schedules.schedule_offer(
                session, info.context.viewer, offer_id=offer_id, publish_at=publish_at
            )

    @mutation(
        offer=Offer, while_impersonating=True, raises=(NotFound,), repeatable="removes a time"
    )
    async def unschedule_offer(self, info: Info, offer_id: OfferId) -> rows.Offer:
        """Remove the time at which a DRAFT is published. Has no effect without one."""
        async with info.context.transaction() as session:
            return await schedules.unschedule_offer(session, info.context.viewer, offer_id=offer_id)

    @mutation(
        offer=Offer,
        while_impersonating=True,
        raises=(NotFound, rows.InvalidOfferState),
        repeatable="sets a state",
    )
    async def pause_offer(self, info: Info, offer_id: OfferId) -> rows.Offer:
        """Pause an offer: no more claims until it is published again. Vouchers stay valid."""
        async with info.context.transaction() as session:
            return await offers.pause_offer(session, info.context.viewer, offer_id=offer_id)

    @mutation(offer=Offer, raises=(NotFound, rows.InvalidOfferState), repeatable="sets a state")
    async def archive_offer(self, info: Info, offer_id: OfferId) -> rows.Offer:
        """Archive an offer for good. Vouchers stay valid."""
        async with info.context.transaction() as session:
            return await offers.archive_offer(session, info.context.viewer, offer_id=offer_id)

    @mutation(offer=Offer, raises=(NotFound,), repeatable="sets a state")
    async def like_offer(self, info: Info, offer_id: OfferId) -> rows.Offer:
        """Like an offer. Has no effect if the viewer likes it already."""
        async with info.context.transaction() as session:
            return await offers.like_offer(session, info.context.viewer, offer_id=offer_id)

    @mutation(offer=Offer, raises=(NotFound,), repeatable="sets a state")
    async def unlike_offer(self, info: Info, offer_id: OfferId) -> rows.Offer:
        """Remove a like."""
        async with info.context.transaction() as session:
            return await offers.unlike_offer(session, info.context.viewer, offer_id=offer_id)

    @mutation(
        voucher=Voucher,
        raises=(
            InvalidInput,
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.OfferNotClaimable,
            rows.OfferNotStarted,
            rows.OfferEnded,
            rows.OfferSoldOut,
            rows.ClaimLimitReached,
            RuleFailed,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def claim_offer(
        self,
        info: Info,
        offer_id: OfferId,
        idempotency_key: IdempotencyKey,
        location: ClaimLocation = None,
    ) -> VoucherRow:
        """Claim an offer. Returns a voucher with a code and a QR code."""
        claimed_at = parse_location(location)
        async with info.context.transaction_on_demand(offer_id) as unit:
            return await claims.claim_offer(
                unit,
                info.context.viewer,
                info.context.app.keys,
                offer_id=offer_id,
                idempotency_key=idempotency_key,
                location=claimed_at,
            )


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
