"""Changes of a user's purchases."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar

import strawberry

from dataloaders.purchases import purchase_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.purchases.changes import PurchaseChange
from schema.purchases.types import Purchase
from services.journal.queries import JournalRecord
from services.purchases.entries import PurchaseChanged
from subscriptions.own_source import OwnSource


@strawberry.type
class PurchaseSubscription:
    @subscription(
        "Changes of the purchases that the viewer has made, also for vendors. Resume with the last"
        " `cursor`."
    )
    async def purchase_changed(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[PurchaseChange, None]:
        source = OwnPurchasesSource(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)


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
