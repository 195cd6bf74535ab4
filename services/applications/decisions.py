"""Decisions of admins on applications. Of two at once, the first one is valid."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.applications import ApplicationState, VendorApplication
from models.audit import AuditAct
from models.notifications.inbox import NotificationKind
from models.vendors import VendorStatus
from services.applications.access import lock_application, publish
from services.audit import entries as audit
from services.members.conflicts import ensure_other_vendor
from services.members.owners import ensure_owner_stays
from services.notifications import inbox
from services.vendors.status import set_status
from services.viewer import Viewer


@dataclass(frozen=True)
class _Decision:
    """The effects of a decision. The vendor keeps its status if there is none for it."""

    state: ApplicationState
    vendor_status: VendorStatus | None
    act: AuditAct
    notification: NotificationKind


_APPROVAL = _Decision(
    ApplicationState.APPROVED,
    VendorStatus.APPROVED,
    AuditAct.APPROVE_VENDOR,
    NotificationKind.VENDOR_APPROVED,
)
_REJECTION = _Decision(
    ApplicationState.REJECTED,
    VendorStatus.REJECTED,
    AuditAct.REJECT_VENDOR,
    NotificationKind.VENDOR_REJECTED,
)
_RETURN = _Decision(
    ApplicationState.CHANGES_REQUESTED,
    None,
    AuditAct.REQUEST_VENDOR_CHANGES,
    NotificationKind.CHANGES_REQUESTED,
)


async def approve_vendor(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID, revision: int
) -> VendorApplication:
    """Approve an application. Its vendor can sell at once. Raises as `_decide`, and `LastOwner`."""
    application = await _decide(session, viewer, _APPROVAL, application_id, revision)
    await ensure_owner_stays(session, application.vendor_id)
    return application


async def reject_vendor(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID, revision: int, reason: str
) -> VendorApplication:
    """Reject an application for good. Raises as `_decide`."""
    return await _decide(session, viewer, _REJECTION, application_id, revision, reason)


async def request_vendor_changes(
    session: AsyncSession, viewer: Viewer, *, application_id: UUID, revision: int, reason: str
) -> VendorApplication:
    """Return an application to its applicant, who can submit it again. Raises as `_decide`."""
    return await _decide(session, viewer, _RETURN, application_id, revision, reason)


async def _decide(
    session: AsyncSession,
    viewer: Viewer,
    decision: _Decision,
    application_id: UUID,
    revision: int,
    reason: str | None = None,
) -> VendorApplication:
    """Decide on a submitted application in the revision that the admin read.

    Raises `NotFound`, `OwnVendor`, `InvalidApplicationState` and `ApplicationChanged`.
    """
    admin_id = viewer.require_admin()
    application, vendor = await lock_application(session, application_id)
    await ensure_other_vendor(session, vendor.id, admin_id)
    application.ensure_in(ApplicationState.SUBMITTED)
    application.ensure_revision(revision)
    application.state, application.reason = decision.state, reason
    application.decided_at, application.decider_id = now(), admin_id
    if decision.vendor_status is not None:
        await set_status(session, vendor, decision.vendor_status)
    audit.append(session, viewer, decision.act, subject_id=application.id)
    publish(session, application)
    await inbox.notify(
        session,
        application.user_id,
        decision.notification,
        application.id,
        up_to_sequence=application.revision,
        deliver_after=timedelta(),  # its mail is sent whether or not it is read
    )
    return application
