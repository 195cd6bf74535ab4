"""Changes of invoices: of a buyer, and of a vendor."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from dataloaders.invoices import invoice_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.ids import id_of
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from models.members import Permission
from schema.invoices.changes import InvoiceChange
from schema.invoices.types import Invoice
from services.invoices.changes import InvoiceChanged
from services.journal.queries import JournalRecord
from subscriptions.own_source import OwnSource
from subscriptions.vendor_source import VendorSource


@strawberry.type
class InvoiceSubscription:
    @subscription(
        "Invoices, credit notes and receipts to the viewer that were issued, or that can be"
        " downloaded now. Resume with the last `cursor`."
    )
    async def invoice_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[InvoiceChange, None]:
        source = OwnInvoicesSource(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)

    @subscription(
        "Invoices of a vendor, and those for its commission, that were issued, or that can be"
        " downloaded now. For its owners and managers. Resume with the last `cursor`."
    )
    async def vendor_invoice_changes(
        self,
        info: Info,
        vendor_id: Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")],
        after: Resume = None,
    ) -> AsyncGenerator[InvoiceChange, None]:
        return await subscribe_to_journal(info, VendorInvoicesSource(vendor_id), after)


async def _changed(
    loaders: Loaders, record: JournalRecord[InvoiceChanged], cursor: str
) -> InvoiceChange:
    invoice = await loaders[invoice_by_id].load(record.entry.invoice_id)
    return InvoiceChange(cursor=cursor, invoice=Invoice.wrap_optional(invoice))


@dataclass(frozen=True)
class OwnInvoicesSource(OwnSource[InvoiceChange]):
    """The invoices to one user, the same on all devices."""

    changes: ClassVar = {InvoiceChanged: _changed}

    def checkpoint(self, cursor: str) -> InvoiceChange:
        return InvoiceChange(cursor=cursor)


@dataclass(frozen=True)
class VendorInvoicesSource(VendorSource[InvoiceChange]):
    """The invoices of a vendor, the same for all who may see them."""

    permission: ClassVar = Permission.SEE_INVOICES
    changes: ClassVar = {InvoiceChanged: _changed}

    def checkpoint(self, cursor: str) -> InvoiceChange:
        return InvoiceChange(cursor=cursor)
