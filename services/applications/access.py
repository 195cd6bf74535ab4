"""Access to applications: their applicants and admins have it."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, false, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in, for_change
from models.applications import OPEN_STATES, VendorApplication, VendorDocument
from models.errors import NotFound
from models.members import Permission
from models.uploads import Upload
from models.vendors import Vendor, VendorStatus
from services.applications.entries import ApplicationUpdated
from services.journal import append as journal
from services.journal.topics import APPLICATIONS_TOPIC, user_topic
from services.vendors.access import access_vendor
from services.viewer import Viewer


def visible_applications(viewer: Viewer) -> SelectOfScalar[VendorApplication]:
    """Select the viewer's applications. Admins see all.

    Programs see none: their token may have leaked, and identity papers are worth more than it.
    """
    rows = select(VendorApplication)
    if viewer.uses_api_token:
        return rows.where(false())
    return rows if viewer.admin else rows.where(VendorApplication.user_id == viewer.user_id)


def is_document() -> ColumnElement[bool]:
    """Match uploads that are documents of an application."""
    return exists_in(VendorDocument, col(VendorDocument.upload_id) == Upload.id)


async def lock_application(
    session: AsyncSession, application_id: UUID
) -> tuple[VendorApplication, Vendor]:
    """Return an application and its vendor, both locked, the vendor first as in the lock order.

    Raises `NotFound`.
    """
    rows = select(VendorApplication).where(VendorApplication.id == application_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    vendors = select(Vendor).where(Vendor.id == found.vendor_id)
    vendor = (await session.exec(for_change(vendors))).one()
    return (await session.exec(for_change(rows))).one(), vendor


async def lock_own_application(
    session: AsyncSession, viewer: Viewer, application_id: UUID
) -> tuple[VendorApplication, Vendor]:
    """Do the same for the applicant, who must still be an owner or manager of the vendor."""
    user_id = viewer.require_user()
    rows = select(VendorApplication).where(
        VendorApplication.id == application_id, VendorApplication.user_id == user_id
    )
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    needed = Permission.EDIT_VENDOR
    vendor = await access_vendor(session, viewer, found.vendor_id, needed, change=True)
    return (await session.exec(for_change(rows))).one(), vendor


def publish(session: AsyncSession, application: VendorApplication) -> None:
    """Publish a change to the applicant and to admins."""
    topics = user_topic(application.user_id), APPLICATIONS_TOPIC
    journal.append(session, ApplicationUpdated(application.id), to=topics)


async def raise_revision(session: AsyncSession, vendor: Vendor) -> None:
    """Raise the revision of a vendor's open application, because the vendor has changed.

    The vendor is locked. An admin who has read it before cannot decide without reading it again.
    """
    if vendor.status is not VendorStatus.PENDING:
        return
    changed = await session.exec(
        update(VendorApplication)
        .where(
            col(VendorApplication.vendor_id) == vendor.id,
            col(VendorApplication.state).in_(OPEN_STATES),
        )
        .values(revision=VendorApplication.revision + 1)
        .returning(VendorApplication)
    )
    for application in changed.scalars():
        publish(session, application)
