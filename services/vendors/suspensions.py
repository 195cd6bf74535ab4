"""Suspensions of vendors by admins."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor, VendorStatus
from models.vendors.suspensions import VendorSuspension
from services import jobs
from services.audit import entries as audit
from services.members.conflicts import ensure_other_vendor
from services.members.membership import lock_vendor
from services.members.owners import ensure_owner_stays
from services.vendors.owner_notices import notify_owners
from services.vendors.status import set_status
from services.viewer import Viewer


async def suspend_vendor(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, reason: str
) -> Vendor:
    """Suspend an approved vendor: its offers are not listed, and its vouchers are refused.

    The vendor is locked. Claims and redemptions share that lock: this waits for those that have
    begun, and later ones find the vendor suspended. Raises `OwnVendor` and `InvalidVendorStatus`.
    """
    admin_id = viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    await ensure_other_vendor(session, vendor_id, admin_id)
    vendor.ensure_status(VendorStatus.APPROVED)
    of_vendor = VendorSuspension.vendor_id == vendor_id
    counted = select(func.coalesce(func.max(VendorSuspension.number), 0)).where(of_vendor)
    number = (await session.exec(counted)).one() + 1
    session.add(
        VendorSuspension(vendor_id=vendor_id, number=number, reason=reason, admin_id=admin_id)
    )
    audit.append(session, viewer, AuditAct.SUSPEND_VENDOR, subject_id=vendor_id)
    await _set_status(session, vendor, VendorStatus.SUSPENDED)
    await notify_owners(session, vendor_id, NotificationKind.VENDOR_SUSPENDED, number)
    return vendor


async def restore_vendor(session: AsyncSession, viewer: Viewer, *, vendor_id: UUID) -> Vendor:
    """End the suspension of a vendor. Vouchers that have not expired are valid again.

    Raises `OwnVendor`, `InvalidVendorStatus`, and `LastOwner` if its owners are suspended, or
    leave.
    """
    admin_id = viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    await ensure_other_vendor(session, vendor_id, admin_id)
    vendor.ensure_status(VendorStatus.SUSPENDED)
    await ensure_owner_stays(session, vendor_id)
    suspension = await _find_open(session, vendor_id)
    if suspension is not None:  # older releases stored none
        suspension.ended_at, suspension.restorer_id = now(), admin_id
    number = suspension.number if suspension else 0
    audit.append(session, viewer, AuditAct.RESTORE_VENDOR, subject_id=vendor_id)
    await _set_status(session, vendor, VendorStatus.APPROVED)
    await notify_owners(session, vendor_id, NotificationKind.VENDOR_RESTORED, number)
    return vendor


async def find_suspension(
    session: AsyncSession, vendor_id: UUID, number: int
) -> VendorSuspension | None:
    rows = select(VendorSuspension).where(
        VendorSuspension.vendor_id == vendor_id, VendorSuspension.number == number
    )
    return (await session.exec(rows)).first()


async def _find_open(session: AsyncSession, vendor_id: UUID) -> VendorSuspension | None:
    rows = select(VendorSuspension).where(
        VendorSuspension.vendor_id == vendor_id, col(VendorSuspension.ended_at).is_(None)
    )
    return (await session.exec(for_change(rows))).first()


async def _set_status(session: AsyncSession, vendor: Vendor, status: VendorStatus) -> None:
    """Set the status. A job publishes it to the holders of vouchers, who may be many."""
    await set_status(session, vendor, status)
    await jobs.defer(session, "announce_vendor_status", vendor_id=vendor.id)
