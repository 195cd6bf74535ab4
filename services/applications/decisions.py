"""Decisions of admins on applications. Of two at once, the first one is valid."""

from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.applications import ApplicationState, VendorApplication
from models.audit import AuditAct
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor, VendorStatus
from services.applications.access import lock_application, publish
from services.audit import entries as audit
from services.notifications import inbox
from services.vendors.status import set_status
from services.viewer import Viewer


async def approve_vendor(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID, revision: int
) -> VendorApplication:
    """Approve an application. Its vendor can sell at once. Raises as `_begin`."""
    application, vendor = await _begin(session, viewer, application_id, revision)
    _decide(application, viewer, ApplicationState.APPROVED, None)
    set_status(session, vendor, VendorStatus.APPROVED)
    audit.append(session, viewer, AuditAct.APPROVE_VENDOR, subject_id=application.id)
    await _announce(session, application, NotificationKind.VENDOR_APPROVED)
    return application


async def reject_vendor(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID, revision: int, reason: str
) -> VendorApplication:
    """Reject an application for good. Raises as `_begin`."""
    application, vendor = await _begin(session, viewer, application_id, revision)
    _decide(application, viewer, ApplicationState.REJECTED, reason)
    set_status(session, vendor, VendorStatus.REJECTED)
    audit.append(session, viewer, AuditAct.REJECT_VENDOR, subject_id=application.id)
    await _announce(session, application, NotificationKind.VENDOR_REJECTED)
    return application


async def request_vendor_changes(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID, revision: int, reason: str
) -> VendorApplication:
    """Return an application to its applicant, who can submit it again. Raises as `_begin`."""
    application, _ = await _begin(session, viewer, application_id, revision)
    _decide(application, viewer, ApplicationState.CHANGES_REQUESTED, reason)
    audit.append(session, viewer, AuditAct.REQUEST_VENDOR_CHANGES, subject_id=application.id)
    await _announce(session, application, NotificationKind.CHANGES_REQUESTED)
    return application


async def _begin(
    session: AsyncSession, viewer: Viewer, application_id: UUID, revision: int
) -> tuple[VendorApplication, Vendor]:
    """Return a submitted application and its vendor, locked, in the revision that the admin read.

    Raises `NotFound`, `InvalidApplicationState` and `ApplicationChanged`.
    """
    viewer.require_admin()
    application, vendor = await lock_application(session, application_id)
    application.ensure_in(ApplicationState.SUBMITTED)
    application.ensure_revision(revision)
    return application, vendor


def _decide(
    application: VendorApplication, viewer: Viewer, state: ApplicationState, reason: str | None
) -> None:
    application.state, application.reason = state, reason
    application.decided_at, application.decider_id = now(), viewer.require_admin()


async def _announce(
    session: AsyncSession, application: VendorApplication, kind: NotificationKind
) -> None:
    publish(session, application)
    await inbox.notify(
        session,
        application.user_id,
        kind,
        application.id,
        up_to_sequence=application.revision,
        deliver_after=timedelta(),  # its mail is sent whether or not it is read
    )
