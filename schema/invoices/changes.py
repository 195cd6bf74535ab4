"""Changes that subscriptions to invoices send."""

import strawberry

from engine.types import column
from schema.invoices.types import Invoice


@strawberry.type(description="A change of an invoice, a credit note or a receipt.")
class InvoiceChange:
    cursor: str = column("The cursor to resume after this change.")
    invoice: Invoice | None = strawberry.field(
        default=None,
        description="The document as it is now. Null if nothing has changed, and there is only a"
        " newer cursor to resume from.",
    )
