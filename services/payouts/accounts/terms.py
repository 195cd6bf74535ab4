"""Terms of payouts: the reserve, which admins set, and the schedule, which owners choose."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.settings import Settings
from models.audit import AuditAct
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.payouts.terms import PayoutSchedule, PayoutTerms, Reserve
from models.vendors import Vendor
from services.audit import entries as audit
from services.members.membership import lock_vendor
from services.payouts.access import ensure_of_others
from services.payouts.changes import publish_change
from services.vendors.access import access_vendor
from services.vendors.owner_notices import notify_owners
from services.viewer import Viewer


@dataclass(frozen=True)
class PayoutPolicy:
    """The terms in the settings: the schedule, and the reserve of vendors that are new."""

    schedule: PayoutSchedule
    reserve: Reserve
    new_days: int

    @classmethod
    def of(cls, settings: Settings) -> "PayoutPolicy":
        return cls(
            PayoutSchedule(settings.payout_schedule),
            Reserve(bps=settings.reserve_bps, days=settings.reserve_days),
            settings.reserve_new_days,
        )

    def reserve_of(self, vendor: Vendor, terms: PayoutTerms | None) -> Reserve:
        """Return the reserve of a vendor: what an admin has set, else that of new vendors."""
        if terms and terms.reserve_bps is not None and terms.reserve_days is not None:
            return Reserve(bps=terms.reserve_bps, days=terms.reserve_days)
        if vendor.created_at > now() - timedelta(days=self.new_days):
            return self.reserve
        return Reserve(bps=0, days=0)

    def schedule_of(self, terms: PayoutTerms | None) -> PayoutSchedule:
        return (terms.schedule if terms else None) or self.schedule


async def set_reserve(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, reserve: Reserve | None
) -> Vendor:
    """Set the reserve of a vendor from its next release on, and notify its owners.

    Without a reserve, that of the settings holds again. For admins. The vendor is locked. Raises
    `OwnPayout`.
    """
    admin_id = viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    await ensure_of_others(session, admin_id, [vendor_id])
    terms = await _find_or_add(session, vendor_id)
    values = (reserve.bps, reserve.days) if reserve else (None, None)
    if (terms.reserve_bps, terms.reserve_days) == values:
        return vendor
    terms.reserve_bps, terms.reserve_days = values
    terms.admin_id, terms.number = admin_id, terms.number + 1
    audit.append(session, viewer, AuditAct.SET_RESERVE, subject_id=vendor_id)
    await session.flush()
    await notify_owners(session, vendor_id, NotificationKind.RESERVE_SET, terms.number)
    publish_change(session, vendor_id)
    return vendor


async def set_payout_schedule(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, schedule: PayoutSchedule
) -> Vendor:
    """Choose when a vendor is paid out. For its owners."""
    vendor = await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PAYOUTS, change=True)
    terms = await _find_or_add(session, vendor_id)
    if terms.schedule is not schedule:
        terms.schedule = schedule
        publish_change(session, vendor_id)
    return vendor


async def _find_or_add(session: AsyncSession, vendor_id: UUID) -> PayoutTerms:
    """Return the terms of a vendor that is locked."""
    terms = await session.get(PayoutTerms, vendor_id, populate_existing=True)
    if terms is None:
        terms = PayoutTerms(vendor_id=vendor_id)
        session.add(terms)
    return terms
