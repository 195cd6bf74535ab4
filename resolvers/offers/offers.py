"""Offers, written by vendors, liked and claimed by users."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine.arguments import (
    IdempotencyKey,
)
from engine.context import Info
from engine.mutation import mutation
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.offers import offers as rows
from models.offers.terms import RuleFailed, TooManyTerms
from models.packs.grants import QuotaUsedUp
from models.quotas import DailyLimitReached
from models.redemptions import Voucher as VoucherRow
from models.vendors import VendorNotApproved, VendorSuspended
from schema.offers.inputs import (
    CreateOfferInput,
    OfferId,
    UpdateOfferInput,
    offer_patch,
    offer_pictures,
)
from schema.offers.rules import OfferRulesInput
from schema.offers.types import Offer
from schema.redemptions.inputs import ClaimLocation, parse_location
from schema.redemptions.types import Voucher
from services.offers import claims, copies, offers, schedules
from services.offers.rules import set_offer_rules

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
