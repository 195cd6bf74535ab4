"""Changes of what a vendor has of packs."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.packs import quotas_of_vendor
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.packs.changes import PackBalanceChange
from schema.packs.types import QuotaBalance
from services.journal.queries import JournalRecord
from services.packs.entries import PackBalanceChanged
from subscriptions.vendor_source import VendorSource


@strawberry.type
class PacksSubscription:
    @subscription(
        "Changes of what a vendor has of packs and of its subscriptions. For its owners and"
        " managers. Resume with the last `cursor`."
    )
    async def pack_balance_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[PackBalanceChange, None]:
        return await subscribe_to_journal(info, PackSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[PackBalanceChanged], cursor: str
) -> PackBalanceChange:
    quotas = await loaders[quotas_of_vendor].load(record.entry.vendor_id)
    return PackBalanceChange(cursor=cursor, quotas=[QuotaBalance.wrap(one) for one in quotas])


@dataclass(frozen=True)
class PackSource(VendorSource[PackBalanceChange]):
    """The packs of a vendor, the same for all who manage them."""

    permission: ClassVar = Permission.MANAGE_PACKS
    changes: ClassVar = {PackBalanceChanged: _changed}

    def checkpoint(self, cursor: str) -> PackBalanceChange:
        return PackBalanceChange(cursor=cursor)
