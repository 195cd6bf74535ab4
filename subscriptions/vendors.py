"""Changes of a vendor's status."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.vendors import vendor_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.vendors.changes import VendorStatusChange
from schema.vendors.types import Vendor
from services.journal.queries import JournalRecord
from services.vendors.entries import VendorStatusChanged
from subscriptions.vendor_source import VendorSource


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
class VendorStatusSource(VendorSource[VendorStatusChange]):
    """The status of a vendor, the same for all members."""

    permission: ClassVar = Permission.SEE_VENDOR
    changes: ClassVar = {VendorStatusChanged: _changed}

    def checkpoint(self, cursor: str) -> VendorStatusChange:
        return VendorStatusChange(cursor=cursor)
