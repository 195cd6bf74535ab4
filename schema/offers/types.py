"""Offers and their discounts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.categories import category_by_id
from dataloaders.offers import (
    eligibility_of_viewer,
    like_count,
    liked_by_viewer,
    terms_by_id,
    visible_offer,
)
from dataloaders.pictures import pictures_of_offer
from dataloaders.redemptions import newest_voucher_of_viewer
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, Edge
from engine.context import Info
from engine.scalars import BigInt, CountryCode, CurrencyCode
from engine.types import Rows, column, field, loaded, localized_text, related
from models.base import localized
from models.offers import offers as rows
from models.pictures import MAX_OFFER_PICTURES
from schema.lazy import LazyCategory, LazyVendor, LazyVoucher
from schema.money import Money
from schema.offers.enums import OfferState, PublishFailure
from schema.offers.reasons import OfferReason
from schema.offers.rules import FailedRule, OfferEligibility, OfferTerms
from schema.pictures.types import Picture
from schema.texts import LocalizedText
from services.i18n import translate
from services.near import Near
from services.offers.eligibility import Eligibility
from services.offers.for_you.pages import reasons_of
from services.offers.for_you.scoring import MAX_REASONS
from services.offers.search import OfferListing
from services.offers.understanding import Sought

DISCOUNT_COLUMNS = (
    "percent", "amount_minor", "currency", "buy", "get", "free_item", "locale"
)  # fmt: skip


@strawberry.type(description="A discount of a percentage.")
class PercentDiscount:
    percent: int = column("The percentage, from 1 to 100.")


@strawberry.type(description="A discount of an amount.")
class AmountDiscount:
    amount: Money = column("The amount, in the vendor's currency.")


@strawberry.type(description="A discount on several items: pay for some, get more.")
class BuyGetDiscount:
    buy: int = column("The number of items to pay for.")
    get: int = column("The number of additional, free items.")


@strawberry.type(description="A free item with a purchase.")
class FreeItemDiscount:
    item: str = column("The item, in the caller's language if there is a text in it.")


Discount = Annotated[
    PercentDiscount | AmountDiscount | BuyGetDiscount | FreeItemDiscount,
    strawberry.union("Discount", description="The discount that an offer's voucher gives."),
]


@strawberry.type(
    description="A discount that a vendor publishes. Public while it is live: PUBLISHED, before"
    " `endsAt`, and of an APPROVED vendor. A live offer can be claimed from `startsAt`, which may"
    " be in the future. Otherwise visible to the vendor's members and admins."
)
class Offer(Rows[rows.Offer], relay.Node, access=visible_offer):
    id: relay.NodeID[UUID]
    title: str = localized_text("title", "The title.")
    description: str = localized_text("description", "The description. May be empty.")
    terms: str = localized_text("terms", "The terms and conditions. May be empty.")
    state: OfferState = column("The state of the offer.")
    capacity: int | None = column("The number of vouchers that can be claimed. Null is unlimited.")
    claimed: int = column("The number of claimed vouchers.", volatile=True)
    remaining: int | None = column(
        "The number of vouchers that can still be claimed. Null is unlimited.",
        needs=("capacity", "claimed"),
        volatile=True,
    )
    per_user_limit: int = column("The number of vouchers that one user can claim.")
    starts_at: datetime = column("The time from which it can be claimed and redeemed.")
    ends_at: datetime = column("The time at which the offer ends.")
    country: CountryCode = column("The country.")
    pin_codes: list[str] = column(
        "The postal codes that the offer serves, at most 100, in upper case without spaces and"
        " hyphens."
    )
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")
    vendor_offer_id: str | None = column(
        "The vendor's own id of the offer. Null unless it was imported.", of="external_id"
    )
    created_at: datetime = column("The time at which the draft was created.")
    published_at: datetime | None = column("The time of the first publication.")
    publish_at: datetime | None = column(
        "The time at which the draft is published. Null unless it is scheduled."
    )
    publish_failure: PublishFailure | None = column(
        "The reason why the draft was not published at its time. Null unless that happened."
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )
    category: LazyCategory = related(
        category_by_id, by="category_id", description="The category.", public=True
    )
    pictures: list[Picture] = related(
        pictures_of_offer,
        by="id",
        description=f"The pictures in their order, at most {MAX_OFFER_PICTURES}.",
        size=MAX_OFFER_PICTURES,
        public=True,
    )
    like_count: int = related(
        like_count, by="id", description="The number of likes.", public=True, volatile=True
    )

    @field("The title in all its languages.", needs=("title",), size=2, public=True)
    def titles(root: strawberry.Parent[rows.Offer]) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=words) for tag, words in sorted(root.title.items())]

    @field("The discount that a voucher gives.", needs=DISCOUNT_COLUMNS, public=True)
    def discount(root: strawberry.Parent[rows.Offer], info: Info) -> Discount:
        if root.percent is not None:
            return PercentDiscount(percent=root.percent)
        if root.amount_minor is not None:
            amount = Money(
                amount_minor=BigInt(root.amount_minor), currency=CurrencyCode(root.currency)
            )
            return AmountDiscount(amount=amount)
        if root.buy is not None and root.get is not None:
            return BuyGetDiscount(buy=root.buy, get=root.get)
        return FreeItemDiscount(
            item=localized(root.free_item or {}, info.context.locales, root.locale)
        )

    liked_by_me: bool = related(
        liked_by_viewer, by="id", description="Whether the viewer likes the offer."
    )
    current_terms: OfferTerms | None = related(
        terms_by_id,
        by="terms_id",
        description="The terms of vouchers that are claimed from now on, with their rules. Null if"
        " the offer never had rules: see `terms`.",
    )

    @loaded(
        eligibility_of_viewer,
        by="id",
        description="Whether the viewer can claim the offer now, and the rules that forbid it. Null"
        " for anonymous callers.",
    )
    def eligibility(
        root: strawberry.Parent[rows.Offer], found: Eligibility | None, info: Info
    ) -> OfferEligibility | None:
        if found is None:
            return None
        refusal = found.refusal
        return OfferEligibility(
            can_claim=found.can_claim,
            refusal=refusal.code if refusal else None,
            message=translate(refusal, info.context.locales) if refusal else None,
            failing=[FailedRule(**one.data()) for one in found.failing],
        )

    viewer_voucher: LazyVoucher | None = related(
        newest_voucher_of_viewer,
        by="id",
        description="The viewer's newest voucher of the offer, in any state. Null without one.",
    )


@strawberry.type(description="An offer in a list, with its cursor.")
class OfferEdge(Edge[Offer]):
    distance_meters: float | None = strawberry.field(
        default=None,
        description="The straight-line distance in meters from `near`. Null without `near`.",
    )
    reasons: list[OfferReason] = strawberry.field(
        default_factory=list,
        description=f"Why the offer is here, in the order FOR_YOU: at most {MAX_REASONS}, those"
        " with the most points first. Empty in other orders, and for an offer without points.",
        metadata={"size": MAX_REASONS},
    )


@strawberry.type(description="A page of offers.")
class OfferConnection(Connection[Offer]):
    @field("The offers with their cursors.", needs=("latitude", "longitude"), public=True)
    def edges(self) -> list[OfferEdge]:
        near = self.listing.near if isinstance(self.listing, OfferListing) else None
        return [self._edge(place, near) for place in range(len(self.page.rows))]

    @field(
        "The search with the likeliest spelling of each word that no offer has, to be offered as"
        " “did you mean”. Null if there is none, and without `search`.",
        needs=(),
    )
    async def did_you_mean(self, info: Info) -> str | None:
        sought = await self._understand(info)
        return None if sought is None else sought.did_you_mean

    @field(
        "Whether offers that have other spellings of a rare word follow those with the words as"
        " written. Always false without `search`.",
        needs=(),
    )
    async def corrected(self, info: Info) -> bool:
        sought = await self._understand(info)
        return sought is not None and sought.corrected

    async def _understand(self, info: Info) -> Sought | None:
        if not isinstance(self.listing, OfferListing) or self.listing.text is None:
            return None
        return await self.listing.text.understand(info.context)

    def _edge(self, place: int, near: Near | None) -> OfferEdge:
        edge = OfferEdge.at(self.page, place)
        if near is not None:
            edge.distance_meters = round(near.distance(self.page.rows[place]), 1)
        edge.reasons = [
            OfferReason(kind=one.kind, points=one.points)
            for one in reasons_of(self.listing, self.page, place)
        ]
        return edge
