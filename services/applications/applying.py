"""Applications as their applicants change them: submitted, submitted again, withdrawn."""

from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.countries.tax_ids import TaxId
from core.database import for_change
from core.ids import new_id
from core.security.sealed import Sealer
from core.text.search_text import searchable
from models.applications import (
    MAX_OPEN_APPLICATIONS,
    OPEN_STATES,
    TAX_ID_COLUMN,
    ApplicationDraft,
    ApplicationLimitReached,
    ApplicationPatch,
    ApplicationState,
    VendorApplication,
)
from models.audit import AuditAct
from models.identity.accounts import EmailNeeded, User
from models.notifications.inbox import NotificationKind
from models.quotas import DailyAct
from models.vendors import MemberRole, Vendor, VendorDraft, VendorStatus
from services import idempotency, jobs
from services.applications.access import lock_own_application, publish, visible_applications
from services.applications.documents import set_documents
from services.audit import entries as audit
from services.categories.queries import ensure_category_can_be_chosen
from services.members.membership import join
from services.notifications import inbox
from services.quotas import ensure_within_quota
from services.vendors.hours import compute_open_times
from services.vendors.slugs import give_slug
from services.vendors.status import set_status
from services.viewer import Viewer


async def apply_as_vendor(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    vendor: VendorDraft,
    application: ApplicationDraft,
    category_id: UUID,
    idempotency_key: str,
) -> VendorApplication:
    """Create a PENDING vendor whose owner is the viewer, once per key, and submit it to the admins.

    The user is locked, so that two requests at once cannot exceed the limit. The decision is sent
    by mail, so the user needs an address. Raises `EmailNeeded`, `TaxIdInvalid`,
    `ApplicationLimitReached` and `DailyLimitReached`.
    """
    user_id = viewer.require_user()
    given = {"vendor": vendor.given(sealer), "category_id": category_id} | application.model_dump()
    given["tax_id"] = sealer.hash(TAX_ID_COLUMN, application.tax_id).hex()
    claimed = await idempotency.claim(session, viewer, "applyAsVendor", idempotency_key, **given)
    if claimed.replayed:
        rows = visible_applications(viewer).where(VendorApplication.id == claimed.replayed)
        return (await session.exec(rows)).one()
    tax_id, columns = application.read_tax_id(vendor.country), vendor.columns()
    user = await _lock_below_limit(session, user_id)
    if user.email is None:
        raise EmailNeeded
    await ensure_category_can_be_chosen(session, category_id)
    row = Vendor(
        category_id=category_id,
        status=VendorStatus.PENDING,
        search_text=searchable(vendor.name, vendor.address.city),
        **columns,
    )
    row.seal_phone(sealer, vendor.phone)
    session.add(row)
    await give_slug(session, row)
    await join(session, viewer, row.id, user, MemberRole.OWNER)
    id = new_id()
    created = VendorApplication(
        id=id, user_id=user_id, vendor_id=row.id, **tax_columns(sealer, id, row.country, tax_id)
    )
    session.add(created)
    await set_documents(session, created, application.document_upload_ids)
    await ensure_within_quota(session, user_id, DailyAct.APPLY_AS_VENDOR)
    audit.append(session, viewer, AuditAct.APPLY_AS_VENDOR, subject_id=id)
    publish(session, created)
    await inbox.notify(session, user_id, NotificationKind.APPLICATION_RECEIVED, id)
    await idempotency.record_result(session, claimed, id)
    return created


async def resubmit_application(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    application_id: UUID,
    revision: int,
    patch: ApplicationPatch,
) -> VendorApplication:
    """Change the values set in the patch, and submit the application again.

    Raises `InvalidApplicationState` unless an admin has requested changes, `ApplicationChanged` and
    `TaxIdInvalid`.
    """
    application, vendor = await lock_own_application(session, viewer, application_id)
    application.ensure_in(ApplicationState.CHANGES_REQUESTED)
    application.ensure_revision(revision)
    if patch.category_id is not None:
        await ensure_category_can_be_chosen(session, patch.category_id)
    for column, value in patch.vendor_columns(vendor.country).items():
        setattr(vendor, column, value)
    if {"name", "address", "latitude", "longitude"} & patch.model_fields_set:
        vendor.search_text = searchable(vendor.name, vendor.city)
        await jobs.defer(session, "index_offers", vendor_id=vendor.id)
        await jobs.defer(session, "index_products", vendor_id=vendor.id)
    if patch.address:
        await compute_open_times(session, [vendor])
    if tax_id := patch.read_tax_id(vendor.country):
        columns = tax_columns(sealer, application.id, vendor.country, tax_id)
        for column, value in columns.items():
            setattr(application, column, value)
    if patch.document_upload_ids is not None:
        await set_documents(session, application, patch.document_upload_ids)
    application.state, application.submitted_at = ApplicationState.SUBMITTED, now()
    application.revision += 1
    audit.append(session, viewer, AuditAct.RESUBMIT_APPLICATION, subject_id=application.id)
    publish(session, application)
    return application


async def withdraw_application(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID
) -> VendorApplication:
    """Withdraw an open application for good. Its documents are deleted, and its vendor REJECTED.

    Raises `InvalidApplicationState`.
    """
    application, vendor = await lock_own_application(session, viewer, application_id)
    application.ensure_in(*OPEN_STATES)
    await withdraw(session, application, vendor)
    audit.append(session, viewer, AuditAct.WITHDRAW_APPLICATION, subject_id=application.id)
    return application


async def withdraw(session: AsyncSession, application: VendorApplication, vendor: Vendor) -> None:
    """Withdraw an open application that is locked, with its vendor."""
    application.state = ApplicationState.WITHDRAWN
    await set_status(session, vendor, VendorStatus.REJECTED)
    await set_documents(session, application, [])
    publish(session, application)


async def _lock_below_limit(session: AsyncSession, user_id: UUID) -> User:
    """Return the user, locked. Raises `ApplicationLimitReached` with too many open applications."""
    user = (await session.exec(for_change(select(User).where(User.id == user_id)))).one()
    counted = select(func.count()).where(
        VendorApplication.user_id == user_id, col(VendorApplication.state).in_(OPEN_STATES)
    )
    if (await session.exec(counted)).one() >= MAX_OPEN_APPLICATIONS:
        raise ApplicationLimitReached(most=MAX_OPEN_APPLICATIONS)
    return user


def tax_columns(sealer: Sealer, id: UUID, country: str, tax_id: TaxId) -> dict[str, Any]:
    """Return the columns of a tax number, sealed for the application with this id."""
    lookup = sealer.lookup(f"TAX_ID:{country}:{tax_id.kind}", tax_id.number)
    return {
        "tax_kind": tax_id.kind,
        "tax_id": sealer.seal(TAX_ID_COLUMN, id, tax_id.number.encode()),
        "tax_lookup": lookup.oldest,
        "next_tax_lookup": lookup.newest,
    }
