"""Changes of purchases: of a user, and for a vendor."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.purchases import purchase_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.purchases.changes import PurchaseChange
from schema.purchases.types import Purchase
from services.journal.queries import JournalRecord
from services.purchases.entries import PurchaseChanged
from subscriptions.own_source import OwnSource
from subscriptions.vendor_source import VendorSource


@strawberry.type
class PurchaseSubscription:
    @subscription(
        "Changes of the purchases that the viewer has made, also for vendors. Resume with the last"
        " `cursor`."
    )
    async def purchase_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[PurchaseChange, None]:
        source = OwnPurchasesSource(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Changes of the purchases for a vendor, by whomever they were made. For its owners and"
        " managers. Resume with the last `cursor`."
    )
    async def vendor_purchase_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[PurchaseChange, None]:
        return await subscribe_to_journal(info, VendorPurchasesSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[PurchaseChanged], cursor: str
) -> PurchaseChange:
    purchase = await loaders[purchase_by_id].load(record.entry.purchase_id)
    return PurchaseChange(cursor=cursor, purchase=Purchase.wrap_optional(purchase))


@dataclass(frozen=True)
class OwnPurchasesSource(OwnSource[PurchaseChange]):
    """The purchases of one user, the same on all devices."""

    changes: ClassVar = {PurchaseChanged: _changed}

    def checkpoint(self, cursor: str) -> PurchaseChange:
        return PurchaseChange(cursor=cursor)


@dataclass(frozen=True)
class VendorPurchasesSource(VendorSource[PurchaseChange]):
    """The purchases for a vendor, the same for all who may see them."""

    permission: ClassVar = Permission.MANAGE_PACKS
    changes: ClassVar = {PurchaseChanged: _changed}

    def checkpoint(self, cursor: str) -> PurchaseChange:
        return PurchaseChange(cursor=cursor)
