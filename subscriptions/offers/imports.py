"""Changes of a vendor's imports of offers."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.offers import offer_import_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.offers.changes import OfferImportChange
from schema.offers.imports import OfferImport
from services.journal.queries import JournalRecord
from services.offers.entries import OfferImportChanged
from subscriptions.vendor_source import VendorSource


@strawberry.type
class OfferImportSubscription:
    @subscription(
        "Changes of a vendor's imports of offers: asked for, started, ended, and after every 100"
        " rows. For its members with the MANAGER role or higher. Resume with the last `cursor`."
    )
    async def offer_import_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[OfferImportChange, None]:
        return await subscribe_to_journal(info, OfferImportSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[OfferImportChanged], cursor: str
) -> OfferImportChange:
    imported = await loaders[offer_import_by_id].load(record.entry.import_id)
    return OfferImportChange(cursor=cursor, offer_import=OfferImport.wrap_optional(imported))


@dataclass(frozen=True)
class OfferImportSource(VendorSource[OfferImportChange]):
    """The imports of offers of a vendor, the same for all members."""

    permission: ClassVar = Permission.EDIT_OFFERS
    changes: ClassVar = {OfferImportChanged: _changed}

    def checkpoint(self, cursor: str) -> OfferImportChange:
        return OfferImportChange(cursor=cursor)
