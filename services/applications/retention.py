"""Retention of the documents of rejected applications."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.applications import ApplicationState, VendorApplication, VendorDocument
from services.applications.access import publish
from services.applications.documents import set_documents

BATCH_SIZE = 20  # applications, each with at most 10 documents


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
