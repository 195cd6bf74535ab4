"""Changes of a vendor's products, and of its imports."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.catalog import import_by_id, product_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.catalog.changes import ProductChange, ProductImportChange
from schema.catalog.imports import ProductImport
from schema.catalog.types import Product
from services.catalog.entries import ProductChanged, ProductImportChanged
from services.journal.queries import JournalRecord
from subscriptions.vendor_source import VendorSource


@strawberry.type
class CatalogSubscription:
    @subscription(
        "Changes of a vendor's products, whatever their state. For its members with the STAFF role"
        " or higher. Resume with the last `cursor`."
    )
    async def product_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[ProductChange, None]:
        return await subscribe_to_journal(info, ProductSource(vendor_id), after)

    @subscription(
        "Changes of a vendor's imports: asked for, started, ended, and after every 50 rows. For its"
        " members with the MANAGER role or higher. Resume with the last `cursor`."
    )
    async def product_import_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[ProductImportChange, None]:
        return await subscribe_to_journal(info, ImportSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[ProductChanged], cursor: str
) -> ProductChange:
    product = await loaders[product_by_id].load(record.entry.product_id)
    return ProductChange(cursor=cursor, product=Product.wrap_optional(product))


@dataclass(frozen=True)
class ProductSource(VendorSource[ProductChange]):
    """The products of a vendor, the same for all members."""

    permission: ClassVar = Permission.SEE_PRODUCTS
    changes: ClassVar = {ProductChanged: _changed}

    def checkpoint(self, cursor: str) -> ProductChange:
        return ProductChange(cursor=cursor)


async def _import_changed(
    loaders: Loaders, record: JournalRecord[ProductImportChanged], cursor: str
) -> ProductImportChange:
    imported = await loaders[import_by_id].load(record.entry.import_id)
    return ProductImportChange(cursor=cursor, product_import=ProductImport.wrap_optional(imported))


@dataclass(frozen=True)
class ImportSource(VendorSource[ProductImportChange]):
    """The imports of a vendor, the same for all members."""

    permission: ClassVar = Permission.EDIT_PRODUCTS
    changes: ClassVar = {ProductImportChanged: _import_changed}

    def checkpoint(self, cursor: str) -> ProductImportChange:
        return ProductImportChange(cursor=cursor)
