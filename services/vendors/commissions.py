"""Commissions of vendors, set by admins."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.errors import InvalidInput
from models.notifications.inbox import NotificationKind
from models.vendors import Vendor
from models.vendors.commissions import MAX_PLANNED, CommissionDraft, VendorCommission
from services.audit import entries as audit
from services.members.conflicts import ensure_other_vendor
from services.members.membership import lock_vendor
from services.vendors.owner_notices import notify_owners
from services.viewer import Viewer


async def set_commission(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, draft: CommissionDraft
) -> Vendor:
    """Set the rate of a vendor from a time on, and notify its owners.

    A planned rate of the same time is replaced; setting the rate that holds then changes nothing.
    The vendor is locked, so that rates are numbered one after another. Raises `OwnVendor` and
    `InvalidInput`.
    """
    admin_id = viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    await ensure_other_vendor(session, vendor_id, admin_id)
    starts_at = draft.begins(now())
    current = await _find_at(session, vendor_id, starts_at)
    if current is not None and current.bps == draft.bps:
        return vendor
    number = await _next_number(session, vendor_id)
    if current is not None and current.starts_at == starts_at:
        current.bps, current.number, current.admin_id = draft.bps, number, admin_id
    else:
        await _ensure_below_limit(session, vendor_id)
        session.add(
            VendorCommission(
                vendor_id=vendor_id,
                number=number,
                bps=draft.bps,
                starts_at=starts_at,
                admin_id=admin_id,
            )
        )
    audit.append(session, viewer, AuditAct.SET_COMMISSION, subject_id=vendor_id)
    await notify_owners(session, vendor_id, NotificationKind.COMMISSION_SET, number)
    return vendor


async def find_commission(
    session: AsyncSession, vendor_id: UUID, number: int
) -> VendorCommission | None:
    rows = select(VendorCommission).where(
        VendorCommission.vendor_id == vendor_id, VendorCommission.number == number
    )
    return (await session.exec(rows)).first()


async def _find_at(
    session: AsyncSession, vendor_id: UUID, moment: datetime
) -> VendorCommission | None:
    """Return the rate that holds at a moment, as far as rates are set."""
    rows = select(VendorCommission).where(
        VendorCommission.vendor_id == vendor_id, VendorCommission.starts_at <= moment
    )
    return (await session.exec(rows.order_by(col(VendorCommission.starts_at).desc()))).first()


async def _next_number(session: AsyncSession, vendor_id: UUID) -> int:
    highest = func.coalesce(func.max(VendorCommission.number), 0)
    counted = select(highest).where(VendorCommission.vendor_id == vendor_id)
    return (await session.exec(counted)).one() + 1


async def _ensure_below_limit(session: AsyncSession, vendor_id: UUID) -> None:
    planned = (VendorCommission.vendor_id == vendor_id, VendorCommission.starts_at > now())
    counted = select(func.count()).select_from(VendorCommission).where(*planned)
    if (await session.exec(counted)).one() >= MAX_PLANNED:
        raise InvalidInput(
            "At most {most} rates can be planned. Change one of them instead.",
            most=MAX_PLANNED,
            field=["startsAt"],
        )
