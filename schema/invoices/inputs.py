"""Inputs of invoices."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field, id_of
from engine.types import optional
from schema.invoices.enums import InvoiceKind
from services.invoices.access import InvoiceFilter
from services.invoices.links import LINK_SECONDS, MAX_SECONDS, MIN_SECONDS

InvoiceId = Annotated[UUID, id_of("Invoice", "The invoice's id.")]
ExpiresIn = Annotated[
    int,
    strawberry.argument(
        description=f"The seconds for which the link works: {MIN_SECONDS} to {MAX_SECONDS}, else"
        f" the nearest of them. Defaults to {LINK_SECONDS}."
    ),
]
FirstDay = Annotated[date, strawberry.argument(description="The first day of issue.")]
LastDay = Annotated[
    date, strawberry.argument(description="The last day of issue, at most 366 days later.")
]


@strawberry.input(description="Conditions of a list of invoices. All must hold.")
class InvoiceWhere:
    vendor_id: UUID | None = id_field(
        "Vendor", "Of this vendor, or for it: invoices for commission.", default=None
    )
    kind: InvoiceKind | None = optional("Of this kind.")
    issued_from: datetime | None = optional("Issued at this time or later.")
    issued_before: datetime | None = optional("Issued before this time.")
    number: str | None = optional("With this number, in any case.")


def invoice_filter(where: InvoiceWhere | None) -> InvoiceFilter:
    return InvoiceFilter(**vars(where)) if where else InvoiceFilter()
