"""Changes of a vendor's stock."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.stock import stock_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.stock.changes import StockChange
from schema.stock.types import StockLevel
from services.journal.queries import JournalRecord
from services.stock.entries import StockChanged
from subscriptions.vendor_source import VendorSource


@strawberry.type
class StockSubscription:
    @subscription(
        "Changes of a vendor's stock. For its members with the STAFF role or"
        " higher. Resume with the last `cursor`."
    )
    async def stock_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[StockChange, None]:
        return await subscribe_to_journal(info, StockSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[StockChanged], cursor: str
) -> StockChange:
    stock = await loaders[stock_by_id].load(record.entry.stock_id)
    return StockChange(cursor=cursor, stock=StockLevel.wrap_optional(stock))


@dataclass(frozen=True)
class StockSource(VendorSource[StockChange]):
    """The stock of a vendor, the same for all members."""

    permission: ClassVar = Permission.SEE_STOCK
    changes: ClassVar = {StockChanged: _changed}

    def checkpoint(self, cursor: str) -> StockChange:
        return StockChange(cursor=cursor)
