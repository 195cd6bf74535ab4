"""Changes of a voucher, and redemptions at a vendor."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.redemptions import redemption_by_id, voucher_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import ChangeFactory, JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.errors import NotFound
from models.members import Permission
from schema.redemptions.changes import (
    RedemptionChange,
    RedemptionChangeKind,
    VoucherChange,
    VoucherChangeKind,
)
from schema.redemptions.types import Redemption, Voucher
from services.journal.queries import JournalRecord
from services.journal.topics import user_topic
from services.redemptions import entries
from services.subscription_access import non_owners
from services.viewer import Viewer
from subscriptions.vendor_source import VendorSource


@strawberry.type
class RedemptionSubscription:
    @subscription(
        "Changes of a voucher: presented, checked, cancelled, expired, given or with new codes, its"
        " redemption reversed, and its vendor suspended or restored. For its owner. Resume with the"
        " last `cursor`."
    )
    async def redemption_status(
        self,
        info: Info,
        voucher_id: Annotated[UUID, id_of("Voucher", "One of the viewer's own vouchers.")],
        after: Resume = None,
    ) -> AsyncGenerator[VoucherChange, None]:
        user_id = info.context.viewer.require_user()
        if await non_owners(info.context.app.database.shared, voucher_id, [user_id]):
            raise NotFound
        source = VoucherSource(voucher_id, user_id)
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Attempts to redeem a voucher at a vendor, accepted or not, and redemptions that are"
        " reversed. For its members. Resume with the last `cursor`."
    )
    async def vendor_redemptions(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[RedemptionChange, None]:
        source = VendorRedemptionsSource(vendor_id)
        return await subscribe_to_journal(info, source, after)


def _attempt(kind: RedemptionChangeKind) -> ChangeFactory:
    async def build(loaders: Loaders, record: JournalRecord[Any], cursor: str) -> RedemptionChange:
        redemption = await loaders[redemption_by_id].load(record.entry.redemption_id)
        shown = Redemption.wrap_optional(redemption)
        return RedemptionChange(kind=kind, cursor=cursor, redemption=shown)

    return build


def _redemption_of_voucher(kind: VoucherChangeKind) -> ChangeFactory:
    async def build(loaders: Loaders, record: JournalRecord[Any], cursor: str) -> VoucherChange:
        voucher = await loaders[voucher_by_id].load(record.entry.voucher_id)
        redemption = await loaders[redemption_by_id].load(record.entry.redemption_id)
        return VoucherChange(
            kind=kind,
            cursor=cursor,
            voucher=Voucher.wrap_optional(voucher),
            redemption=Redemption.wrap_optional(redemption),
        )

    return build


def _voucher_change(kind: VoucherChangeKind) -> ChangeFactory:
    async def build(loaders: Loaders, record: JournalRecord[Any], cursor: str) -> VoucherChange:
        voucher = await loaders[voucher_by_id].load(record.entry.voucher_id)
        return VoucherChange(kind=kind, cursor=cursor, voucher=Voucher.wrap_optional(voucher))

    return build


@dataclass(frozen=True)
class VendorRedemptionsSource(VendorSource[RedemptionChange]):
    """Attempts to redeem at a vendor, the same for all members."""

    permission: ClassVar = Permission.REDEEM
    changes: ClassVar = {
        entries.RedemptionCreated: _attempt(RedemptionChangeKind.PRESENTED),
        entries.RedemptionReversed: _attempt(RedemptionChangeKind.REVERSED),
        entries.RedemptionDecided: _attempt(RedemptionChangeKind.DECIDED),
        entries.RedemptionChecked: _attempt(RedemptionChangeKind.CHECKED),
    }

    def checkpoint(self, cursor: str) -> RedemptionChange:
        return RedemptionChange(kind=RedemptionChangeKind.CHECKPOINT, cursor=cursor)


@dataclass(frozen=True)
class VoucherSource(JournalSource[VoucherChange]):
    """One voucher, the same on all devices of its owner."""

    voucher_id: UUID
    owner_id: UUID
    changes: ClassVar = {
        entries.VoucherPresented: _redemption_of_voucher(VoucherChangeKind.PRESENTED),
        entries.RedemptionReversed: _redemption_of_voucher(VoucherChangeKind.REVERSED),
        entries.VoucherReissued: _voucher_change(VoucherChangeKind.REISSUED),
        entries.VoucherGiven: _voucher_change(VoucherChangeKind.GIVEN),
        entries.VoucherChecked: _redemption_of_voucher(VoucherChangeKind.CHECKED),
        entries.VoucherCancelled: _voucher_change(VoucherChangeKind.CANCELLED),
        entries.VoucherExpired: _voucher_change(VoucherChangeKind.EXPIRED),
        entries.VoucherVendorChanged: _voucher_change(VoucherChangeKind.VENDOR_CHANGED),
    }

    @property
    def topics(self) -> Sequence[str]:
        return [user_topic(self.owner_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "owner"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return all but the owner: the voucher may have been given to another user."""
        return await non_owners(reads, self.voucher_id, user_ids)

    def includes(self, record: JournalRecord[Any]) -> bool:
        return super().includes(record) and record.entry.voucher_id == self.voucher_id

    def checkpoint(self, cursor: str) -> VoucherChange:
        return VoucherChange(kind=VoucherChangeKind.CHECKPOINT, cursor=cursor)
