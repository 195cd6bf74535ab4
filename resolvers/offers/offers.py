"""Offers: searched by everyone, written by vendors, liked and claimed by users."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.offers import visible_offer
from engine.arguments import (
    NEAR_COST,
    NEAR_ORDER_COST,
    PUBLIC_COUNT_COST,
    SEARCH_COST,
    IdempotencyKey,
    Search,
)
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.scalars import CountryCode
from engine.types import field
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.offers import offers as rows
from models.packs.grants import QuotaUsedUp
from models.quotas import DailyLimitReached
from models.redemptions import Voucher as VoucherRow
from models.vendors import VendorNotApproved, VendorSuspended
from schema.offers.cities import City
from schema.offers.enums import OfferOrder
from schema.offers.inputs import (
    CreateOfferInput,
    NearInput,
    OfferId,
    OfferWhere,
    UpdateOfferInput,
    offer_patch,
    offer_pictures,
)
from schema.offers.types import Offer, OfferConnection
from schema.redemptions.types import Voucher
from services.near import Near
from services.offers import claims, copies, offers, schedules
from services.offers.cities import list_cities
from services.offers.filters import OfferFilter, ends_before
from services.offers.search import search_offers

Where = Annotated[OfferWhere | None, strawberry.argument(description="Filters the list.")]
NearPlace = Annotated[
    NearInput | None,
    strawberry.argument(
        description="Returns offers within this circle. In another order than NEAREST and without"
        " `search`, the nearest 1,000."
    ),
]
OrderBy = Annotated[
    OfferOrder | None,
    strawberry.argument(
        description="The order. Defaults to RELEVANCE with `search`, else to NEAREST with `near`,"
        " else to NEWEST."
    ),
]


CityCountry = Annotated[CountryCode, strawberry.argument(description="In this country.")]
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
        raises=(InvalidInput, NotFound, rows.InvalidOfferState, rows.CapacityBelowClaimed),
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
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def claim_offer(
        self, info: Info, offer_id: OfferId, idempotency_key: IdempotencyKey
    ) -> VoucherRow:
        """Claim an offer. Returns a voucher with a code and a QR code."""
        async with info.context.transaction_on_demand(offer_id) as unit:
            return await claims.claim_offer(
                unit,
                info.context.viewer,
                info.context.app.keys,
                offer_id=offer_id,
                idempotency_key=idempotency_key,
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
        near=Near(near.latitude, near.longitude, near.within_km) if near else None,
        search=search,
    )
