"""Opening hours of vendors, and the times in which they are open."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.countries.public_holidays import PublicHoliday, holidays_of
from core.database import exists_in, for_reliance
from models.vendors import Vendor
from models.vendors.hours import (
    OPEN_DAYS,
    Calendar,
    HoursPatch,
    Minutes,
    VendorDay,
    VendorHours,
    VendorOpen,
)
from services.cleanup_tasks import delete_old_rows

BATCH_SIZE = 100
PAST_DAYS = 7  # that special days are kept
HOLIDAY_DAYS = 366  # that public holidays are listed ahead

Region = tuple[str, str | None]  # country and subdivision


async def replace_hours(session: AsyncSession, vendor: Vendor, patch: HoursPatch) -> None:
    """Replace the hours that the patch sets, and compute when the vendor is open.

    The vendor is locked to change it. Raises `InvalidInput` for special days that are not near.
    """
    patch.ensure_near(now().astimezone(ZoneInfo(vendor.time_zone)).date())
    if patch.closes_on_holidays is not None:
        vendor.closes_on_holidays = patch.closes_on_holidays
    if patch.hours is not None:
        await session.exec(delete(VendorHours).where(col(VendorHours.vendor_id) == vendor.id))
        for span in patch.hours:
            session.add(
                VendorHours(
                    vendor_id=vendor.id,
                    weekday=span.weekday,
                    from_minute=span.minutes.start,
                    until_minute=span.minutes.end,
                )
            )
    if patch.days is not None:
        await session.exec(delete(VendorDay).where(col(VendorDay.vendor_id) == vendor.id))
        for one in patch.days:
            spans = [list(span.minutes) for span in one.spans]
            session.add(VendorDay(vendor_id=vendor.id, day=one.day, name=one.name, spans=spans))
    await session.flush()
    await compute_open_times(session, [vendor])


async def compute_next(session: AsyncSession, after: UUID) -> UUID | None:
    """Compute when a batch of vendors is open, as two weeks from now on.

    Locks the vendors shared: their hours do not change meanwhile, and their sales go on. Returns
    the last vendor's id, or None after the last batch.
    """
    has_hours = exists_in(VendorHours, VendorHours.vendor_id == Vendor.id)
    has_days = exists_in(VendorDay, VendorDay.vendor_id == Vendor.id)
    rows = select(Vendor).where(Vendor.id > after, or_(has_hours, has_days))
    batch = rows.order_by(col(Vendor.id)).limit(BATCH_SIZE)
    vendors = (await session.exec(for_reliance(batch))).all()
    await compute_open_times(session, vendors)
    return vendors[-1].id if len(vendors) == BATCH_SIZE else None


async def compute_open_times(session: AsyncSession, vendors: Sequence[Vendor]) -> None:
    """Store when vendors are open, whose rows are locked. Times that are over are removed."""
    if not vendors:
        return
    moment, ids = now(), [vendor.id for vendor in vendors]
    calendars = await _read_calendars(session, vendors, moment)
    wanted = {
        (id, *one) for id, calendar in calendars.items() for one in calendar.open_from(moment)
    }
    columns = col(VendorOpen.vendor_id), col(VendorOpen.starts_at), col(VendorOpen.ends_at)
    rows = select(*columns).where(col(VendorOpen.vendor_id).in_(ids))
    current = {tuple(row) for row in (await session.exec(rows)).all()}
    if stale := current - wanted:
        await session.exec(delete(VendorOpen).where(tuple_(*columns).in_(stale)))
    if missing := wanted - current:
        values = [
            {"vendor_id": id, "starts_at": starts_at, "ends_at": ends_at}
            for id, starts_at, ends_at in sorted(missing)
        ]
        await session.exec(insert(VendorOpen).values(values))


async def _read_calendars(
    session: AsyncSession, vendors: Sequence[Vendor], moment: datetime
) -> Mapping[UUID, Calendar]:
    ids = [vendor.id for vendor in vendors]
    weekly: Any = defaultdict(lambda: defaultdict(list))
    for row in await session.exec(select(VendorHours).where(col(VendorHours.vendor_id).in_(ids))):
        span = Minutes(row.from_minute, row.until_minute)
        weekly[row.vendor_id][row.weekday].append(span)
    days: Any = defaultdict(dict)
    for one in await session.exec(select(VendorDay).where(col(VendorDay.vendor_id).in_(ids))):
        days[one.vendor_id][one.day] = one.minutes
    holidays = await _find_holidays(vendors, moment)
    return {
        vendor.id: Calendar(
            ZoneInfo(vendor.time_zone),
            weekly[vendor.id],
            days[vendor.id],
            holidays[_region(vendor)] if vendor.closes_on_holidays else (),
        )
        for vendor in vendors
    }


async def _find_holidays(
    vendors: Sequence[Vendor], moment: datetime
) -> Mapping[Region, Collection[date]]:
    """Return the holidays of the regions of vendors that close on them. Estimated ones are none."""
    regions = {_region(vendor) for vendor in vendors if vendor.closes_on_holidays}
    if not regions:
        return {}
    until = moment + timedelta(days=OPEN_DAYS + 2)
    years = range((moment - timedelta(days=2)).year, until.year + 1)

    def find() -> Mapping[Region, Collection[date]]:
        return {
            region: {
                one.day for year in years for one in holidays_of(*region, year) if not one.estimated
            }
            for region in regions
        }

    return await asyncio.to_thread(find)


async def list_holidays(vendor: Vendor, language: str) -> Sequence[PublicHoliday]:
    """Return the public holidays of the next year where a vendor is, also estimated ones."""
    today = now().astimezone(ZoneInfo(vendor.time_zone)).date()
    last, region = today + timedelta(days=HOLIDAY_DAYS), _region(vendor)

    def find() -> Sequence[PublicHoliday]:
        years = range(today.year, last.year + 1)
        listed = [one for year in years for one in holidays_of(*region, year, language)]
        return [one for one in listed if today <= one.day <= last]

    return await asyncio.to_thread(find)


def _region(vendor: Vendor) -> Region:
    return vendor.country, vendor.subdivision


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM vendor_day WHERE (vendor_id, day) IN (
            SELECT vendor_id, day FROM vendor_day WHERE day < CAST(:before AS date)
            ORDER BY day LIMIT :batch
        ) RETURNING day
        """,
        PAST_DAYS,
    )
]
