"""Root fields of invoices."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.arguments import IdempotencyKey
from engine.connections import connection
from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, NotFound
from models.identity.accounts import EmailNeeded
from models.invoices import invoices as rows
from schema.invoices.inputs import InvoiceId, InvoiceWhere, invoice_filter
from schema.invoices.types import Invoice, InvoiceConnection
from schema.sorting import OrderBy, TimeOrder
from services.invoices import access, sending

Where = Annotated[InvoiceWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class InvoiceQuery:
    @connection(
        InvoiceConnection,
        "Invoices, credit notes and receipts, newest first: those to the viewer or, with"
        " `vendorId`, those of a vendor where the viewer is an owner or manager. Admins see all."
        " Subscriptions: `invoiceChanges`, `vendorInvoiceChanges`.",
    )
    def invoices(
        self, info: Info, where: Where = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return access.list_invoices(info.context.viewer, invoice_filter(where), newest=newest)


@strawberry.type
class InvoiceMutation:
    @mutation(
        invoice=Invoice,
        personal=True,
        raises=(
            NotFound,
            EmailNeeded,
            rows.InvoiceNotReady,
            rows.InvoiceCopiesUsedUp,
            *KEYED,
        ),
    )
    async def send_invoice(
        self, info: Info, invoice_id: InvoiceId, idempotency_key: IdempotencyKey
    ) -> rows.Invoice:
        """Mail an invoice that the viewer can see to the viewer's own address, as PDF. At most
        10 times.
        """
        async with info.context.transaction() as session:
            return await sending.send_invoice(
                session,
                info.context.viewer,
                invoice_id=invoice_id,
                idempotency_key=idempotency_key,
            )
