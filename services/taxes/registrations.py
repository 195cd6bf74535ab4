"""Registrations of vendors for taxes, set by their managers."""

from uuid import UUID

from sqlmodel import col, false, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.ids import new_id
from core.security.sealed import Sealer
from models.applications import TAX_ID_COLUMN, ApplicationState, VendorApplication
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.pricing.tax_rules import SellerKind
from models.taxes.drafts import TaxRegistrationDraft
from models.taxes.registrations import MAX_REGISTRATIONS, TaxRegistration
from models.vendors import Vendor
from services.audit import entries as audit
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def visible_tax_registrations(viewer: Viewer) -> SelectOfScalar[TaxRegistration]:
    """Select the registrations of vendors whose taxes the viewer manages. Admins see all.

    Programs see none: the number of a sole trader can be that of the person.
    """
    rows = select(TaxRegistration)
    if viewer.user_id is None or viewer.uses_api_token:
        return rows.where(false())
    if viewer.admin:
        return rows
    return rows.where(
        works_at(viewer.staff, col(TaxRegistration.vendor_id), Permission.MANAGE_TAXES)
    )


async def set_tax_registration(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    vendor_id: UUID,
    draft: TaxRegistrationDraft,
) -> Vendor:
    """Set the registration of a vendor in a country, or in a state of it.

    Without a number it is the one that the registration has, else that of the vendor's application.
    The vendor is locked, so that two requests at once cannot exceed the limit. Raises
    `InvalidInput` and `TaxIdInvalid`.
    """
    permission = Permission.MANAGE_TAXES
    vendor = await access_vendor(session, viewer, vendor_id, permission, change=True)
    number = draft.number
    if number is None and draft.kind is not SellerKind.NONE:
        number = await _find_number(session, sealer, vendor, draft)
    columns, number = draft.columns(number)
    row = await _find(session, vendor_id, columns["country"], columns["region"])
    if row is None:
        await _ensure_below_limit(session, vendor_id)
        row = TaxRegistration(id=new_id(), vendor_id=vendor_id, **columns)
        session.add(row)
    row.sqlmodel_update(columns)
    row.seal_number(sealer, number)
    audit.append(session, viewer, AuditAct.SET_TAX_REGISTRATION, subject_id=vendor_id)
    return vendor


async def remove_tax_registration(
    session: AsyncSession, viewer: Viewer, *, tax_registration_id: UUID
) -> Vendor:
    """Remove a registration. Orders keep the taxes with which they were placed."""
    viewer.require_user()
    rows = select(TaxRegistration).where(TaxRegistration.id == tax_registration_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    permission = Permission.MANAGE_TAXES
    vendor = await access_vendor(session, viewer, found.vendor_id, permission, change=True)
    row = (await session.exec(rows.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound
    await session.delete(row)
    audit.append(session, viewer, AuditAct.REMOVE_TAX_REGISTRATION, subject_id=vendor.id)
    return vendor


async def _find(
    session: AsyncSession, vendor_id: UUID, country: str, region: str | None
) -> TaxRegistration | None:
    rows = select(TaxRegistration).where(
        TaxRegistration.vendor_id == vendor_id,
        TaxRegistration.country == country,
        col(TaxRegistration.region).is_not_distinct_from(region),
    )
    return (await session.exec(rows)).first()


async def _find_number(
    session: AsyncSession, sealer: Sealer, vendor: Vendor, draft: TaxRegistrationDraft
) -> str:
    """Return the number that is known. Raises `InvalidInput` if none is."""
    known = await _find(session, vendor.id, draft.place.country, draft.place.subdivision)
    number = known.open_number(sealer) if known else None
    if number is None and draft.country == vendor.country:
        number = await _number_of_application(session, sealer, vendor.id)
    if number is None:
        raise InvalidInput("Enter the number of the registration.", field=["number"])
    return number


async def _number_of_application(
    session: AsyncSession, sealer: Sealer, vendor_id: UUID
) -> str | None:
    rows = select(VendorApplication).where(
        VendorApplication.vendor_id == vendor_id,
        VendorApplication.state == ApplicationState.APPROVED,
    )
    found = (await session.exec(rows)).first()
    return sealer.open(TAX_ID_COLUMN, found.id, found.tax_id).decode() if found else None


async def _ensure_below_limit(session: AsyncSession, vendor_id: UUID) -> None:
    counted = select(func.count()).where(TaxRegistration.vendor_id == vendor_id)
    if (await session.exec(counted)).one() >= MAX_REGISTRATIONS:
        raise InvalidInput(
            "At most {most} registrations can be set. Remove one first.", most=MAX_REGISTRATIONS
        )
