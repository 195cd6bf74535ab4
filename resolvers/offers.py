"""Offers: found by anybody, made by vendors, liked and claimed by users."""

from typing import Annotated

import strawberry

from core.keyset import Window
from dataloaders.offers import visible_offer
from engine.arguments import After, Before, First, Last, NodeId, Search
from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id, field
from schema.offers.enums import OfferOrder
from schema.offers.inputs import (
    ClaimOfferInput,
    ClaimOfferPayload,
    CreateOfferInput,
    CreateOfferPayload,
    UpdateOfferInput,
    UpdateOfferPayload,
    given,
)
from schema.offers.steps import (
    ArchiveOfferInput,
    ArchiveOfferPayload,
    LikeOfferInput,
    LikeOfferPayload,
    PauseOfferInput,
    PauseOfferPayload,
    PublishOfferInput,
    PublishOfferPayload,
    UnlikeOfferInput,
    UnlikeOfferPayload,
)
from schema.offers.types import NearInput, Offer, OfferConnection, OfferWhere, offer_filter
from schema.redemptions.types import Voucher
from schema.vendors.types import Category, Vendor
from services.offers import offers
from services.offers.search import search_offers


@strawberry.type
class OfferQuery:
    """Live offers for everybody, all of their own for a vendor's members."""

    @field("Offers: those most like a searched text, else the nearest to a place, else the newest.")
    async def offers(
        self,
        info: Info,
        where: Annotated[
            OfferWhere | None, strawberry.argument(description="What to narrow the list to.")
        ] = None,
        search: Search = None,
        near: Annotated[
            NearInput | None, strawberry.argument(description="Only around this place.")
        ] = None,
        order_by: Annotated[
            OfferOrder | None,
            strawberry.argument(
                description="Absent: RELEVANCE with `search`, NEAREST with `near`, else NEWEST."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> OfferConnection:
        wanted = offer_filter(where, near, search)
        rows, ordering = search_offers(info.context.viewer, wanted, order_by)
        window = Window(first, after, last, before)
        page = await OfferConnection.fetch(info, rows, ordering, window)
        page.by_distance = ordering.name.startswith("nearest")
        return page

    @field("An offer; null if there is none by this id that the viewer may see.")
    async def offer(self, info: Info, id: NodeId) -> Offer | None:
        return Offer.maybe(await info.context.loaders[visible_offer].load(decode_id(id, Offer)))


@strawberry.type
class OfferMutation:
    """A vendor's managers write, users like and claim."""

    @mutation("Draft an offer. For the vendor's managers and owners.")
    async def create_offer(self, info: Info, input: CreateOfferInput) -> CreateOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.create_offer(
                session,
                info.context.viewer,
                vendor_id=decode_id(input.vendor_id, Vendor),
                category_id=decode_id(input.category_id, Category) if input.category_id else None,
                given=given(input),
            )
        return CreateOfferPayload(offer=Offer.of(offer))

    @mutation("Change an offer. Vouchers already claimed keep their window.")
    async def update_offer(self, info: Info, input: UpdateOfferInput) -> UpdateOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.update_offer(
                session,
                info.context.viewer,
                offer_id=decode_id(input.offer_id, Offer),
                category_id=decode_id(input.category_id, Category) if input.category_id else None,
                given=given(input),
            )
        return UpdateOfferPayload(offer=Offer.of(offer))

    @mutation("Let everybody find and claim an offer, from its start to its end.")
    async def publish_offer(self, info: Info, input: PublishOfferInput) -> PublishOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.publish_offer(
                session, info.context.viewer, offer_id=decode_id(input.offer_id, Offer)
            )
        return PublishOfferPayload(offer=Offer.of(offer))

    @mutation("Stop claims for now. Vouchers already claimed stay good.")
    async def pause_offer(self, info: Info, input: PauseOfferInput) -> PauseOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.pause_offer(
                session, info.context.viewer, offer_id=decode_id(input.offer_id, Offer)
            )
        return PauseOfferPayload(offer=Offer.of(offer))

    @mutation("Put an offer away for good. Vouchers already claimed stay good.")
    async def archive_offer(self, info: Info, input: ArchiveOfferInput) -> ArchiveOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.archive_offer(
                session, info.context.viewer, offer_id=decode_id(input.offer_id, Offer)
            )
        return ArchiveOfferPayload(offer=Offer.of(offer))

    @mutation("Like an offer. Liking twice is liking once.")
    async def like_offer(self, info: Info, input: LikeOfferInput) -> LikeOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.like_offer(
                session, info.context.viewer, offer_id=decode_id(input.offer_id, Offer)
            )
        return LikeOfferPayload(offer=Offer.of(offer))

    @mutation("Take a like back.")
    async def unlike_offer(self, info: Info, input: UnlikeOfferInput) -> UnlikeOfferPayload:
        async with info.context.transaction() as session:
            offer = await offers.unlike_offer(
                session, info.context.viewer, offer_id=decode_id(input.offer_id, Offer)
            )
        return UnlikeOfferPayload(offer=Offer.of(offer))

    @mutation("Claim an offer: a voucher with a code and a QR code.")
    async def claim_offer(self, info: Info, input: ClaimOfferInput) -> ClaimOfferPayload:
        offer_id = decode_id(input.offer_id, Offer)
        async with info.context.transaction(hot_row=offer_id) as session:
            voucher = await offers.claim_offer(
                session,
                info.context.viewer,
                info.context.app.keys,
                offer_id=offer_id,
                idempotency_key=input.idempotency_key,
            )
        return ClaimOfferPayload(voucher=Voucher.of(voucher))
