"""Changes of a vendor's products."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from core.statements.shared_reads import SharedReads
from dataloaders.catalog import product_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.sources import JournalSource
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.catalog.changes import ProductChange
from schema.catalog.types import Product
from services.catalog.entries import ProductChanged
from services.journal.queries import JournalRecord
from services.journal.topics import vendor_topic
from services.subscription_access import non_members
from services.viewer import Viewer


@strawberry.type
class CatalogSubscription:
    @subscription(
        "Changes of a vendor's products, whatever their state. For its members with the STAFF role"
        " or higher. Resume with the last `cursor`."
    )
    async def products_changed(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[ProductChange, None]:
        return await subscribe_to_journal(info, ProductSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[ProductChanged], cursor: str
) -> ProductChange:
    product = await loaders[product_by_id].load(record.entry.product_id)
    return ProductChange(cursor=cursor, product=Product.wrap_optional(product))


@dataclass(frozen=True)
class ProductSource(JournalSource[ProductChange]):
    """The products of a vendor, the same for all members."""

    vendor_id: UUID
    changes: ClassVar = {ProductChanged: _changed}

    @property
    def topics(self) -> Sequence[str]:
        return [vendor_topic(self.vendor_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "members"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_members(reads, self.vendor_id, Permission.SEE_PRODUCTS, user_ids)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return not viewer.acts_at(self.vendor_id)

    def checkpoint(self, cursor: str) -> ProductChange:
        return ProductChange(cursor=cursor)
