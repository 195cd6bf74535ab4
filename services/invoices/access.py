"""Access to invoices: buyers see theirs, and vendors those that they issued or were issued."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, false, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, by_time
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.members import Permission
from services.journal.topics import user_topic, vendor_topic
from services.vendors.access import works_at
from services.viewer import Viewer

VENDOR_ID: Any = Invoice.vendor_id  # null for users' purchases from the platform


@dataclass(frozen=True)
class InvoiceFilter:
    """Conditions of a list of invoices, None for all. `number` is as it was typed."""

    vendor_id: UUID | None = None
    kind: InvoiceKind | None = None
    issued_from: datetime | None = None
    issued_before: datetime | None = None
    number: str | None = None


def visible_invoices(viewer: Viewer) -> SelectOfScalar[Invoice]:
    """Select the invoices to the viewer, and of vendors where they may see them. Admins see all."""
    if viewer.admin:
        return select(Invoice)
    if viewer.user_id is None:  # invoices to vendors have no buyer either
        return select(Invoice).where(false())
    own = works_at(viewer.staff, VENDOR_ID, Permission.SEE_INVOICES)
    return select(Invoice).where(or_(col(Invoice.buyer_id) == viewer.user_id, own))


def list_invoices(
    viewer: Viewer, wanted: InvoiceFilter, *, newest: bool = True
) -> Listing[Invoice]:
    """List the invoices to the viewer or, with a vendor, its invoices. Admins see all."""
    user_id = viewer.require_user()
    rows = select(Invoice)
    if wanted.vendor_id is not None:
        rows = rows.where(Invoice.vendor_id == wanted.vendor_id)
        if not viewer.admin:
            permission = Permission.SEE_INVOICES
            rows = rows.where(works_at(viewer.staff, VENDOR_ID, permission))
    elif not viewer.admin:
        rows = rows.where(Invoice.buyer_id == user_id)
    topic = vendor_topic(wanted.vendor_id) if wanted.vendor_id else user_topic(user_id)
    return Listing(_filter(rows, wanted), by_time(Invoice, newest=newest), topics=[topic])


def _filter(rows: SelectOfScalar[Invoice], wanted: InvoiceFilter) -> SelectOfScalar[Invoice]:
    if wanted.kind is not None:
        rows = rows.where(Invoice.kind == wanted.kind)
    if wanted.issued_from is not None:
        rows = rows.where(col(Invoice.created_at) >= wanted.issued_from)
    if wanted.issued_before is not None:
        rows = rows.where(col(Invoice.created_at) < wanted.issued_before)
    if wanted.number is not None:
        rows = rows.where(Invoice.number == wanted.number.strip().upper())
    return rows
