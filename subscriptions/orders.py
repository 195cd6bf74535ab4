"""Changes of a user's orders, and of a vendor's parts of orders."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from dataloaders.orders import order_by_id, suborder_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of, optional_id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.orders.changes import OrderChange, SubOrderChange
from schema.orders.types import Order, SubOrder
from services.journal.queries import JournalRecord
from services.orders.entries import OrderChanged, SubOrderChanged
from subscriptions.own_source import OwnSource
from subscriptions.vendor_source import VendorSource

OneOrder = Annotated[
    UUID | None, optional_id_of("Order", "One of the viewer's orders. Defaults to all of them.")
]


@strawberry.type
class OrderSubscription:
    @subscription(
        "Changes of the viewer's orders, or of one of them: its state, its parts, payments, refunds"
        " and returns. Resume with the last `cursor`."
    )
    async def order_changes(
        self, info: Info, order_id: OneOrder = None, after: Resume = None
    ) -> AsyncGenerator[OrderChange, None]:
        source = OwnOrdersSource(info.context.viewer.require_user(), order_id)
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Changes of a vendor's parts of orders. For its members with the STAFF role or higher."
        " Resume with the last `cursor`."
    )
    async def vendor_order_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[SubOrderChange, None]:
        return await subscribe_to_journal(info, VendorOrdersSource(vendor_id), after)


async def _order_changed(
    loaders: Loaders, record: JournalRecord[OrderChanged], cursor: str
) -> OrderChange:
    order = await loaders[order_by_id].load(record.entry.order_id)
    return OrderChange(cursor=cursor, order=Order.wrap_optional(order))


async def _part_changed(
    loaders: Loaders, record: JournalRecord[SubOrderChanged], cursor: str
) -> SubOrderChange:
    suborder = await loaders[suborder_by_id].load(record.entry.suborder_id)
    return SubOrderChange(cursor=cursor, suborder=SubOrder.wrap_optional(suborder))


@dataclass(frozen=True)
class OwnOrdersSource(OwnSource[OrderChange]):
    """The orders of a user, the same on all their devices. An order of another is never among them.

    The topic has the entries of the user's own orders alone.
    """

    order_id: UUID | None
    changes: ClassVar = {OrderChanged: _order_changed}

    def includes(self, record: JournalRecord[Any]) -> bool:
        wanted = self.order_id is None or self.order_id == getattr(record.entry, "order_id", None)
        return super().includes(record) and wanted

    def checkpoint(self, cursor: str) -> OrderChange:
        return OrderChange(cursor=cursor)


@dataclass(frozen=True)
class VendorOrdersSource(VendorSource[SubOrderChange]):
    """The parts of orders of a vendor, the same for all members."""

    permission: ClassVar = Permission.SEE_ORDERS
    changes: ClassVar = {SubOrderChanged: _part_changed}

    def checkpoint(self, cursor: str) -> SubOrderChange:
        return SubOrderChange(cursor=cursor)
