"""Changes of a vendor's stock."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.stock import stock_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.stock.changes import StockChange
from schema.stock.types import StockLevel
from services.journal.queries import JournalRecord
from services.journal.topics import vendor_topic
from services.stock.entries import StockChanged
from services.subscription_access import non_members
from services.viewer import Viewer


@strawberry.type
class StockSubscription:
    @subscription(
        "Changes of a vendor's stock. For its members with the STAFF role or"
        " higher. Resume with the last `cursor`."
    )
    async def stock_changed(
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
class StockSource(JournalSource[StockChange]):
    """The stock of a vendor, the same for all members."""

    vendor_id: UUID
    changes: ClassVar = {StockChanged: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [vendor_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "members"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_members(reads, self.vendor_id, Permission.SEE_STOCK, user_ids)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.acts_at(self.vendor_id)

    def checkpoint(self, cursor: str) -> StockChange:
        return StockChange(cursor=cursor)
