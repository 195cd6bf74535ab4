"""Watching vouchers being redeemed."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry import relay

from dataloaders.redemptions import redemption_by_id, voucher_by_id
from engine.arguments import Resume
from engine.context import Context, Info
from engine.live.sources import JournalSource, follow
from engine.types import decode_id, subscription
from models.errors import NotFound
from schema.redemptions.changes import (
    RedemptionChange,
    RedemptionChangeKind,
    VoucherChange,
    VoucherChangeKind,
)
from schema.redemptions.types import Redemption, Voucher
from schema.vendors.types import Vendor
from services.journal import append as journal
from services.journal.queries import Entry
from services.redemptions import find_own_voucher
from services.subscription_access import strangers
from services.viewer import Viewer

KINDS = {
    "voucher.cancelled": VoucherChangeKind.CANCELLED,
    "voucher.expired": VoucherChangeKind.EXPIRED,
    "voucher.redemption": VoucherChangeKind.PRESENTED,
}


@strawberry.type
class RedemptionSubscription:
    """For a voucher's owner, and for a vendor's members."""

    @subscription("What becomes of one voucher, for its owner. Resume with the last `cursor`.")
    async def redemption_status(
        self,
        info: Info,
        voucher_id: Annotated[
            relay.GlobalID, strawberry.argument(description="One of the viewer's own vouchers.")
        ],
        after: Resume = None,
    ) -> AsyncGenerator[VoucherChange, None]:
        async with info.context.read_session() as session:
            voucher = await find_own_voucher(
                session, info.context.viewer, decode_id(voucher_id, Voucher)
            )
        if voucher is None:
            raise NotFound
        return await follow(info, VoucherSource(voucher.id, voucher.user_id), after)

    @subscription(
        "Every attempt at a vendor's till, for its members. Resume with the last `cursor`."
    )
    async def vendor_redemptions(
        self,
        info: Info,
        vendor_id: Annotated[
            relay.GlobalID, strawberry.argument(description="A vendor that the viewer works at.")
        ],
        after: Resume = None,
    ) -> AsyncGenerator[RedemptionChange, None]:
        return await follow(info, VendorRedemptionsSource(decode_id(vendor_id, Vendor)), after)


@dataclass(frozen=True)
class VendorRedemptionsSource(JournalSource[RedemptionChange]):
    """The attempts at a vendor's, the same for all who work there."""

    vendor_id: UUID

    @property
    def topics(self) -> Sequence[str]:
        return [journal.vendor_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "members"

    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await strangers(session, self.vendor_id, user_ids)

    def includes(self, entry: Entry) -> bool:
        return entry.kind == "redemption"

    async def change(self, context: Context, entry: Entry, cursor: str) -> RedemptionChange:
        return RedemptionChange(
            kind=RedemptionChangeKind.PRESENTED,
            cursor=cursor,
            redemption=await _redemption(context, entry.facts["redemption_id"]),
        )

    def checkpoint(self, cursor: str) -> RedemptionChange:
        return RedemptionChange(kind=RedemptionChangeKind.CHECKPOINT, cursor=cursor)


@dataclass(frozen=True)
class VoucherSource(JournalSource[VoucherChange]):
    """One voucher, the same on all devices of its owner."""

    voucher_id: UUID
    owner_id: UUID

    @property
    def topics(self) -> Sequence[str]:
        return [journal.user_topic(self.owner_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "owner"

    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """A voucher stays its owner's, and theirs alone."""
        return [id for id in user_ids if id != self.owner_id]

    def includes(self, entry: Entry) -> bool:
        return entry.kind in KINDS and entry.facts["voucher_id"] == str(self.voucher_id)

    async def change(self, context: Context, entry: Entry, cursor: str) -> VoucherChange:
        voucher = await context.loaders[voucher_by_id].load(self.voucher_id)
        attempt = entry.facts.get("redemption_id")
        return VoucherChange(
            kind=KINDS[entry.kind],
            cursor=cursor,
            voucher=Voucher.maybe(voucher),
            redemption=await _redemption(context, attempt) if attempt else None,
        )

    def checkpoint(self, cursor: str) -> VoucherChange:
        return VoucherChange(kind=VoucherChangeKind.CHECKPOINT, cursor=cursor)


async def _redemption(context: Context, id: str) -> Redemption | None:
    return Redemption.maybe(await context.loaders[redemption_by_id].load(UUID(id)))
