"""Days on which a vendor takes no bookings, and proposals of them from public holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.countries.public_holidays import PublicHoliday
from core.keyset import Listing, Ordering
from core.wall import wall
from models.bookings.setting_up.schedule_drafts import MAX_DAYS_AHEAD, ClosureDraft
from models.bookings.setting_up.schedules import MAX_CLOSURES, Closure, ClosureLimitReached
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.vendors import Vendor
from services import idempotency
from services.bookings.access import access_managed_closure, visible_closures
from services.bookings.setting_up.entries import ClosureChanged, announce
from services.bookings.waiting.freeing import serve_waits_at
from services.vendors.access import access_vendor, visible_vendors, works_at
from services.vendors.hours import list_holidays
from services.viewer import Viewer

CLOSURES = Ordering("from_day", Closure.from_day, Closure.id, date.fromisoformat)
PAST_DAYS = 1  # around today, which differs between zones


@dataclass(frozen=True)
class HolidayProposal:
    """A public holiday where a vendor is, and whether it is closed then."""

    holiday: PublicHoliday
    closure: Closure | None


def list_closures(viewer: Viewer, vendor_id: UUID, from_day: date | None) -> Listing[Closure]:
    """List the closures of a vendor that are not over on a day, by default today's."""
    since = from_day or now().date() - timedelta(days=PAST_DAYS)
    rows = visible_closures(viewer).where(
        Closure.vendor_id == vendor_id, col(Closure.until_day) >= since
    )
    return Listing(rows, CLOSURES)


async def close_days(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    draft: ClosureDraft,
    idempotency_key: str,
) -> Closure:
    """Take no bookings on some days, once per idempotency key. Bookings on them stay."""
    claimed = await idempotency.claim(
        session,
        viewer,
        "closeDays",
        idempotency_key,
        vendor_id=vendor_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return await access_managed_closure(session, viewer, claimed.replayed)
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_SERVICES, change=True)
    today = local_today(vendor)
    ensure_near(today, draft.until_day, "untilDay")
    counted = select(func.count()).where(
        Closure.vendor_id == vendor_id, col(Closure.until_day) >= today
    )
    if (await session.exec(counted)).one() >= MAX_CLOSURES:
        raise ClosureLimitReached(most=MAX_CLOSURES)
    closure = Closure(vendor_id=vendor_id, **draft.model_dump())
    session.add(closure)
    announce(session, vendor_id, ClosureChanged(closure.id))
    await idempotency.record_result(session, claimed, closure.id)
    return closure


async def reopen_days(session: AsyncSession, viewer: Viewer, *, closure_id: UUID) -> None:
    """Remove a closure. Raises `NotFound`, also when it is removed already."""
    closure = await access_managed_closure(session, viewer, closure_id)
    await session.delete(closure)
    await serve_waits_at(session, closure.vendor_id)
    announce(session, closure.vendor_id, ClosureChanged(closure.id))


async def propose_holidays(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, language: str
) -> Sequence[HolidayProposal]:
    """Return the public holidays of the next year where one of the viewer's vendors is.

    Raises `NotFound` for another vendor. Admins can ask for all.
    """
    viewer.require_user()
    rows = visible_vendors(viewer).where(Vendor.id == vendor_id)
    if not viewer.admin:
        rows = rows.where(works_at(viewer.staff, col(Vendor.id), Permission.SEE_BOOKINGS))
    vendor = (await session.exec(rows)).first()
    if vendor is None:
        raise NotFound
    days = await list_holidays(vendor, language)
    closed = select(Closure).where(
        Closure.vendor_id == vendor_id, col(Closure.until_day) >= local_today(vendor)
    )
    closures = (await session.exec(closed.order_by(col(Closure.from_day)))).all()
    return [HolidayProposal(one, _closure_on(closures, one.day)) for one in days]


def _closure_on(closures: Sequence[Closure], day: date) -> Closure | None:
    return next((one for one in closures if one.from_day <= day <= one.until_day), None)


def local_today(vendor: Vendor) -> date:
    return wall(now(), vendor.time_zone).date()


def ensure_near(today: date, day: date, field: str) -> None:
    """Raise `InvalidInput` for a day that is over, or too far ahead to be meant."""
    if not timedelta(0) <= day - today <= timedelta(days=MAX_DAYS_AHEAD):
        raise InvalidInput(
            "Choose a day within the next {most} days.", most=MAX_DAYS_AHEAD, field=[field]
        )
