"""The reminders that vendors choose, for all their services or for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.setting_up.reminders import DEFAULT_REMINDERS, ReminderDraft, ReminderRule
from models.bookings.setting_up.services import Service
from models.errors import NotFound
from models.members import Permission
from models.vendors import Vendor
from services import jobs
from services.bookings.access import managed_services
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class Reminders:
    """The minutes before the start, the most first. `chosen` is whether the vendor chose them for
    exactly this: they are those of the vendor for a service, or the default, otherwise.
    """

    minutes: Sequence[int]
    chosen: bool


async def find_reminders(
    session: AsyncSession, vendor_id: UUID, service_id: UUID | None
) -> Reminders:
    """Return the reminders of a service, or those of a vendor without one."""
    rows = select(ReminderRule).where(
        ReminderRule.vendor_id == vendor_id,
        or_(col(ReminderRule.service_id).is_(None), ReminderRule.service_id == service_id),
    )
    rules = {one.service_id: one.minutes for one in (await session.exec(rows)).all()}
    minutes = rules.get(service_id, rules.get(None, DEFAULT_REMINDERS))
    return Reminders(minutes, chosen=service_id in rules)


async def find_chosen(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, service_id: UUID | None
) -> Reminders:
    """Return the reminders of a vendor for its members who see bookings. Raises `NotFound`."""
    viewer.require_user()
    seen = select(Vendor.id).where(
        Vendor.id == vendor_id, works_at(viewer.staff, col(Vendor.id), Permission.SEE_BOOKINGS)
    )
    if (await session.exec(seen)).first() is None:
        raise NotFound
    await _ensure_service(session, viewer, vendor_id, service_id)
    return await find_reminders(session, vendor_id, service_id)


async def set_booking_reminders(
    session: AsyncSession,
    viewer: Viewer,
    draft: ReminderDraft,
    *,
    vendor_id: UUID,
    service_id: UUID | None,
) -> Reminders:
    """Choose when customers are reminded, or give the choice back with None.

    A job plans the reminders of bookings to come. The vendor is locked, so that of two choices at
    once the later one stays.
    """
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_SERVICES, change=True)
    await _ensure_service(session, viewer, vendor_id, service_id)
    rows = select(ReminderRule).where(
        ReminderRule.vendor_id == vendor_id,
        col(ReminderRule.service_id).is_not_distinct_from(service_id),
    )
    rule = (await session.exec(rows)).first()
    if draft.minutes is None:
        if rule is not None:
            await session.delete(rule)
    elif rule is None:
        session.add(ReminderRule(vendor_id=vendor_id, service_id=service_id, minutes=draft.minutes))
    else:
        rule.minutes = draft.minutes
    await session.flush()
    await jobs.defer(session, "plan_reminders_again", vendor_id=vendor_id)
    return await find_reminders(session, vendor_id, service_id)


async def _ensure_service(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, service_id: UUID | None
) -> None:
    if service_id is None:
        return
    rows = managed_services(viewer).where(Service.id == service_id, Service.vendor_id == vendor_id)
    if (await session.exec(rows)).first() is None:
        raise NotFound
