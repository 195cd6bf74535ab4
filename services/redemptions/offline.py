"""How many vouchers the scanners of a vendor may accept without a network."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.members import Permission
from models.scanners import DEFAULT_OFFLINE_SCANS, OfflineLimit, OfflineLimitDraft
from services.audit import entries as audit
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def find_offline_limit(session: AsyncSession, vendor_id: UUID) -> int:
    rows = select(OfflineLimit.scans).where(OfflineLimit.vendor_id == vendor_id)
    found = (await session.exec(rows)).first()
    return DEFAULT_OFFLINE_SCANS if found is None else found


async def set_offline_limit(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, draft: OfflineLimitDraft
) -> OfflineLimit:
    """Set how many vouchers each scanner of a vendor may accept with one bundle.

    The vendor is locked, so that two calls at once do not both add the row. Raises `NotFound`.
    """
    permission = Permission.MANAGE_SCANNERS
    await access_vendor(session, viewer, vendor_id, permission, change=True)
    rows = select(OfflineLimit).where(OfflineLimit.vendor_id == vendor_id)
    limit = (await session.exec(rows)).first() or OfflineLimit(vendor_id=vendor_id)
    limit.scans = draft.scans
    session.add(limit)
    audit.append(session, viewer, AuditAct.SET_OFFLINE_LIMIT, subject_id=vendor_id)
    return limit
