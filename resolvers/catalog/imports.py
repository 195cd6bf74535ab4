"""Imports of products from files."""

from typing import Annotated
from uuid import UUID

import strawberry

from dataloaders.catalog import visible_import
from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.catalog import imports as rows
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.quotas import DailyLimitReached
from schema.catalog.imports import DryRun, ImportId, ProductImport
from schema.uploads.inputs import UploadId
from services.catalog.imports import imports

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]


@strawberry.type
class ImportQuery:
    @field("Returns an import of products. Null if the viewer can't see it.")
    async def product_import(self, info: Info, id: ImportId) -> ProductImport | None:
        found = await info.context.loaders[visible_import].load(id)
        return ProductImport.wrap_optional(found)


@strawberry.type
class ImportMutation:
    @mutation(
        product_import=ProductImport,
        raises=(
            InvalidInput,
            NotFound,
            DailyLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def import_products(
        self,
        info: Info,
        vendor_id: VendorId,
        upload_id: UploadId,
        dry_run: DryRun,
        idempotency_key: IdempotencyKey,
    ) -> rows.ProductImport:
        """Import products from a CSV file, which was uploaded as a DOCUMENT. A job reads it.

        Requires the vendor's MANAGER or OWNER role. A row changes the variant with its SKU and the
        variant's product, or creates a draft of a product. After a dry run, the same upload can be
        imported.
        """
        async with info.context.transaction() as session:
            return await imports.import_products(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                upload_id=upload_id,
                dry_run=dry_run,
                idempotency_key=idempotency_key,
            )
