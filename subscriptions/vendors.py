"""Changes of a vendor's status."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.vendors import vendor_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.vendors.changes import VendorStatusChange
from schema.vendors.types import Vendor
from services.journal.queries import JournalRecord
from services.journal.topics import vendor_topic
from services.subscription_access import non_members
from services.vendors.entries import VendorStatusChanged
from services.viewer import Viewer


@strawberry.type
class VendorSubscription:
    @subscription(
        "Changes of a vendor's status: approved, rejected, suspended or restored. For its members."
        " Resume with the last `cursor`."
    )
    async def vendor_status_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[VendorStatusChange, None]:
        return await subscribe_to_journal(info, VendorStatusSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[VendorStatusChanged], cursor: str
) -> VendorStatusChange:
    vendor = await loaders[vendor_by_id].load(record.entry.vendor_id)
    return VendorStatusChange(cursor=cursor, vendor=Vendor.wrap_optional(vendor))


@dataclass(frozen=True)
class VendorStatusSource(JournalSource[VendorStatusChange]):
    """The status of a vendor, the same for all members."""

    vendor_id: UUID
    changes: ClassVar = {VendorStatusChanged: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [vendor_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "members"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_members(reads, self.vendor_id, Permission.SEE_VENDOR, user_ids)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.acts_at(self.vendor_id)

    def checkpoint(self, cursor: str) -> VendorStatusChange:
        return VendorStatusChange(cursor=cursor)
