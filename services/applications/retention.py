"""Retention of the documents of applications that were rejected, or not submitted again."""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.applications import ApplicationState, VendorApplication, VendorDocument
from models.audit import AuditAct
from models.notifications.inbox import NotificationKind
from services.applications.access import lock_application, publish
from services.applications.applying import withdraw
from services.applications.documents import set_documents
from services.audit import entries as audit
from services.notifications import inbox
from services.viewer import ANONYMOUS

BATCH_SIZE = 20  # applications, each with at most 10 documents


async def close_returned_application(session: AsyncSession, before: datetime) -> bool:
    """Withdraw an application that was returned before a time, and not submitted again.

    Its documents are deleted. Returns true if there may be more: one at a time, so that the rows of
    several vendors and users are not locked together.
    """
    rows = select(VendorApplication.id).where(
        VendorApplication.state == ApplicationState.CHANGES_REQUESTED,
        col(VendorApplication.decided_at) < before,
    )
    found = (await session.exec(rows.order_by(col(VendorApplication.id)).limit(1))).first()
    if found is None:
        return False
    application, vendor = await lock_application(session, found)
    if application.state is not ApplicationState.CHANGES_REQUESTED:
        return True  # its applicant was faster
    await withdraw(session, application, vendor)
    audit.append(session, ANONYMOUS, AuditAct.WITHDRAW_APPLICATION, subject_id=application.id)
    await inbox.notify(
        session,
        application.user_id,
        NotificationKind.APPLICATION_CLOSED,
        application.id,
        up_to_sequence=application.revision,
        deliver_after=timedelta(),  # its mail is sent whether or not it is read
    )
    return True


async def delete_rejected_documents(session: AsyncSession, before: datetime) -> bool:
    """Delete the documents of applications that were rejected before a time.

    They are licences and identity papers, of no use once the applicant had time to object. Returns
    true if there may be more.
    """
    has_documents = exists_in(
        VendorDocument, col(VendorDocument.application_id) == VendorApplication.id
    )
    rows = (
        select(VendorApplication)
        .where(
            VendorApplication.state == ApplicationState.REJECTED,
            col(VendorApplication.decided_at) < before,
            has_documents,
        )
        .order_by(col(VendorApplication.id))
        .limit(BATCH_SIZE)
    )
    applications = (await session.exec(for_change(rows))).all()
    # Another job may have deleted them while this one waited for the lock.
    ids = select(VendorDocument.application_id).where(
        col(VendorDocument.application_id).in_([one.id for one in applications])
    )
    left = set((await session.exec(ids)).all())
    for application in applications:
        if application.id in left:
            await set_documents(session, application, [])
            publish(session, application)
    return len(applications) == BATCH_SIZE
