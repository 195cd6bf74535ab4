"""Loaders of applications and their documents."""

from typing import Any

from sqlalchemy import any_, func, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of, select_columns
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, visible
from models.applications import VendorApplication, VendorDocument
from models.uploads import Upload
from models.vendors import Vendor
from services.applications.access import visible_applications
from services.viewer import Viewer

MAX_LOOK_ALIKES = 20


def _of_vendors(viewer: Viewer, selected: Selected | None) -> AnySelect:
    columns = columns_of(VendorApplication, selected, "vendor_id")
    rows = visible_applications(viewer).with_only_columns(*columns)
    return rows.where(any_of(col(VendorApplication.vendor_id)))


def _documents(_: object, selected: Selected | None) -> AnySelect:
    """Select the documents in their order, for all who see the application."""
    return (
        select_columns(Upload, VendorDocument.application_id, selected=selected)
        .join(VendorDocument, col(VendorDocument.upload_id) == Upload.id)
        .where(any_of(col(VendorDocument.application_id)))
        .order_by(col(VendorDocument.position))
    )


def _look_alikes(_: object, selected: Selected | None) -> AnySelect:
    """Select other vendors with the tax number or the name, at most 20 for each application."""
    this, same_number = VendorApplication, aliased(VendorApplication)
    applying = aliased(Vendor)
    same = or_(
        col(same_number.tax_lookup) == this.tax_lookup,
        col(same_number.next_tax_lookup) == this.next_tax_lookup,
    )
    numbers = select(col(same_number.vendor_id)).where(same)
    by_name = col(Vendor.name) == applying.name
    by_number = col(Vendor.id) == any_(func.array(numbers.correlate(this).scalar_subquery()))
    found: Any = (
        select(*columns_of(Vendor, selected, "id"))
        .where(col(Vendor.id) != this.vendor_id, or_(by_name, by_number))
        .order_by(col(Vendor.id))
        .limit(MAX_LOOK_ALIKES)
        .correlate(this, applying)
        .lateral("look_alike")
    )
    return (
        select(*found.c, col(this.id).label("application_id"))
        .select_from(this)
        .join(applying, col(applying.id) == this.vendor_id)
        .join(found, true())
        .where(any_of(col(this.id)))
    )


application_by_id = by_id(VendorApplication)
visible_application = visible(VendorApplication, visible_applications)
applications_of_vendor = grouped(VendorApplication, "vendor_id", _of_vendors)
look_alikes_of_application = grouped(Vendor, "application_id", _look_alikes)
documents_of_application = grouped(Upload, "application_id", _documents)
