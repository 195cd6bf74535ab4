"""Imports of offers from files."""

from typing import Annotated
from uuid import UUID

import strawberry

from dataloaders.offers import visible_offer_import
from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.offers import imports as rows
from models.quotas import DailyLimitReached
from schema.catalog.imports import DryRun
from schema.offers.imports import OfferImport, OfferImportId
from schema.uploads.inputs import UploadId
from services.offers.imports import imports

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]


@strawberry.type
class OfferImportQuery:
    @field("Returns an import of offers. Null if the viewer can't see it.")
    async def offer_import(self, info: Info, id: OfferImportId) -> OfferImport | None:
        found = await info.context.loaders[visible_offer_import].load(id)
        return OfferImport.wrap_optional(found)


@strawberry.type
class OfferImportMutation:
    @mutation(
        offer_import=OfferImport,
        raises=(
            InvalidInput,
            NotFound,
            rows.ImportNotChecked,
            DailyLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def import_offers(
        self,
        info: Info,
        vendor_id: VendorId,
        upload_id: UploadId,
        dry_run: DryRun,
        idempotency_key: IdempotencyKey,
    ) -> rows.OfferImport:
        """Import offers from a CSV file, which was uploaded as a DOCUMENT. A job reads it.

        Requires the vendor's MANAGER or OWNER role, and a dry run of the upload that is DONE. A row
        changes the offer with its id, or creates a draft.
        """
        async with info.context.transaction() as session:
            return await imports.import_offers(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                upload_id=upload_id,
                dry_run=dry_run,
                idempotency_key=idempotency_key,
            )
