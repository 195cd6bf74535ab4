"""Changes of an offer."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.offers import offer_by_id, shown_offer, visible_offer
from engine.arguments import Resume
from engine.context import Info
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.errors import NotFound
from schema.offers.changes import OfferChange
from schema.offers.inputs import OfferId
from schema.offers.types import Offer
from services.journal.queries import JournalRecord
from services.journal.topics import vendor_topic
from services.offers.entries import OfferEdited, OfferStateChanged
from services.redemptions.entries import VoucherCancelled, VoucherClaimed
from services.subscription_access import non_viewers_of_offer
from services.vendors.entries import VendorStatusChanged
from services.viewer import Viewer


@strawberry.type
class OfferSubscription:
    @subscription(
        "Changes of an offer: its values and state, and the vouchers that are left, at most one a"
        " second. For everyone signed in who can see it, also while it is paused. Resume with the"
        " last `cursor`."
    )
    async def offer_changes(
        self, info: Info, offer_id: OfferId, after: Resume = None
    ) -> AsyncGenerator[OfferChange, None]:
        info.context.viewer.require_user()
        loaders = info.context.loaders
        offer = await loaders[shown_offer].load(offer_id)
        offer = offer or await loaders[visible_offer].load(offer_id)
        if offer is None:
            raise NotFound
        return await subscribe_to_journal(info, OfferSource(offer.vendor_id, offer.id), after)


@dataclass(frozen=True)
class OfferSource(JournalSource[OfferChange]):
    """One offer, the same for all. When a rush claims, followers need one change for all claims."""

    vendor_id: UUID
    offer_id: UUID
    joins_for: ClassVar = 1.0
    changes: ClassVar[Any] = dict.fromkeys(
        (OfferEdited, OfferStateChanged, VoucherClaimed, VoucherCancelled, VendorStatusChanged)
    )

    @property
    def topics(self) -> Sequence[str]:
        return [vendor_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "all"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_viewers_of_offer(reads, self.offer_id, user_ids)

    def includes(self, record: JournalRecord[Any]) -> bool:
        """Include entries of this offer, and those of its vendor's status, which can hide it."""
        entry: Any = record.entry
        of_vendor = isinstance(entry, VendorStatusChanged)
        return super().includes(record) and (of_vendor or entry.offer_id == self.offer_id)

    async def change(
        self, loaders: Loaders, record: JournalRecord[Any], cursor: str
    ) -> OfferChange:
        row = await loaders[offer_by_id].load(self.offer_id)
        return OfferChange(cursor=cursor, offer=Offer.wrap_optional(row))

    def join(self, changes: Sequence[OfferChange]) -> OfferChange:
        return changes[-1]

    def checkpoint(self, cursor: str) -> OfferChange:
        return OfferChange(cursor=cursor)
