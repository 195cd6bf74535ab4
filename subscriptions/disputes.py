"""Changes of the disputes of a vendor."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.disputes import dispute_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.disputes.changes import DisputeChange
from schema.disputes.types import Dispute
from services.disputes.changes import DisputeChanged
from services.journal.queries import JournalRecord
from subscriptions.vendor_source import VendorSource


@strawberry.type
class DisputeSubscription:
    @subscription(
        "Changes of the disputes in which a vendor has a share. For its members with the STAFF role"
        " or higher. Resume with the last `cursor`."
    )
    async def dispute_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[DisputeChange, None]:
        return await subscribe_to_journal(info, VendorDisputesSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[DisputeChanged], cursor: str
) -> DisputeChange:
    dispute = await loaders[dispute_by_id].load(record.entry.dispute_id)
    return DisputeChange(cursor=cursor, dispute=Dispute.wrap_optional(dispute))


@dataclass(frozen=True)
class VendorDisputesSource(VendorSource[DisputeChange]):
    """The disputes of a vendor, the same for all members."""

    permission: ClassVar = Permission.SEE_ORDERS
    changes: ClassVar = {DisputeChanged: _changed}

    def checkpoint(self, cursor: str) -> DisputeChange:
        return DisputeChange(cursor=cursor)
