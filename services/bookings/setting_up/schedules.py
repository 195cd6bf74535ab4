"""The times at which resources work: weekly schedules, and other times of single days."""

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.keyset import Listing, Ordering
from core.wall import wall
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.schedule_drafts import OverrideDraft, ScheduleDraft
from models.bookings.setting_up.schedules import (
    MAX_OVERRIDES,
    MAX_SCHEDULES,
    DayOverride,
    DayOverrideLimitReached,
    Schedule,
    ScheduleLimitReached,
)
from models.errors import NotFound
from services import idempotency
from services.bookings.access import (
    access_managed_resource,
    access_managed_schedule,
    visible_overrides,
)
from services.bookings.setting_up.closures import PAST_DAYS, ensure_near
from services.bookings.setting_up.entries import ResourceChanged, announce
from services.bookings.waiting.freeing import serve_waits_at
from services.viewer import Viewer

OVERRIDES = Ordering("day", DayOverride.day, DayOverride.id, date.fromisoformat)


def list_overrides(
    viewer: Viewer, resource_id: UUID, from_day: date | None, until_day: date | None
) -> Listing[DayOverride]:
    """List the other days of a resource from a day on, by default from today."""
    since = from_day or now().date() - timedelta(days=PAST_DAYS)
    rows = visible_overrides(viewer).where(
        DayOverride.resource_id == resource_id, col(DayOverride.day) >= since
    )
    if until_day is not None:
        rows = rows.where(col(DayOverride.day) <= until_day)
    return Listing(rows, OVERRIDES)


async def save_schedule(
    session: AsyncSession,
    viewer: Viewer,
    *,
    resource_id: UUID,
    schedule_id: UUID | None,
    draft: ScheduleDraft,
    idempotency_key: str,
) -> Schedule:
    """Add a schedule, or replace one, once per idempotency key.

    Bookings outside of it stay. Raises `ScheduleOverlaps` and `ScheduleLimitReached`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "saveSchedule",
        idempotency_key,
        resource_id=resource_id,
        schedule_id=schedule_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_schedule(session, viewer, claimed.replayed))[2]
    _, resource = await access_managed_resource(session, viewer, resource_id)
    if schedule_id is None:
        schedule = await _add(session, resource, draft)
    else:
        schedule = await _find(session, resource, schedule_id)
        schedule.from_day, schedule.until_day = draft.from_day, draft.until_day
        schedule.spans = draft.triples
    announce(session, resource.vendor_id, ResourceChanged(resource.id))
    await serve_waits_at(session, resource.vendor_id)
    await idempotency.record_result(session, claimed, schedule.id)
    return schedule


async def _add(session: AsyncSession, resource: Resource, draft: ScheduleDraft) -> Schedule:
    counted = select(func.count()).where(Schedule.resource_id == resource.id)
    if (await session.exec(counted)).one() >= MAX_SCHEDULES:
        raise ScheduleLimitReached(most=MAX_SCHEDULES)
    schedule = Schedule(
        resource_id=resource.id,
        from_day=draft.from_day,
        until_day=draft.until_day,
        spans=draft.triples,
    )
    session.add(schedule)
    return schedule


async def _find(session: AsyncSession, resource: Resource, schedule_id: UUID) -> Schedule:
    rows = select(Schedule).where(Schedule.id == schedule_id, Schedule.resource_id == resource.id)
    schedule = (await session.exec(rows)).first()
    if schedule is None:
        raise NotFound(field=["scheduleId"])
    return schedule


async def remove_schedule(session: AsyncSession, viewer: Viewer, *, schedule_id: UUID) -> None:
    """Remove a schedule. Raises `NotFound`, also when it is removed already."""
    _, resource, schedule = await access_managed_schedule(session, viewer, schedule_id)
    await session.delete(schedule)
    announce(session, resource.vendor_id, ResourceChanged(resource.id))


async def set_day_override(
    session: AsyncSession, viewer: Viewer, *, resource_id: UUID, draft: OverrideDraft
) -> Resource:
    """Set other times of one day, in place of the schedule's. Without any, it is closed."""
    vendor, resource = await access_managed_resource(session, viewer, resource_id)
    today = wall(now(), resource.time_zone).date()
    ensure_near(today, draft.day, "day")
    row = await _override(session, resource, draft.day)
    if row is None:
        counted = select(func.count()).where(
            DayOverride.resource_id == resource.id, col(DayOverride.day) >= today
        )
        if (await session.exec(counted)).one() >= MAX_OVERRIDES:
            raise DayOverrideLimitReached(most=MAX_OVERRIDES)
        row = DayOverride(resource_id=resource.id, day=draft.day)
    row.spans = draft.pairs
    session.add(row)
    announce(session, vendor.id, ResourceChanged(resource.id))
    await serve_waits_at(session, vendor.id)
    return resource


async def reset_day(
    session: AsyncSession, viewer: Viewer, *, resource_id: UUID, day: date
) -> Resource:
    """Return to the schedule on a day."""
    vendor, resource = await access_managed_resource(session, viewer, resource_id)
    if await _override(session, resource, day) is not None:
        await session.exec(
            delete(DayOverride).where(
                col(DayOverride.resource_id) == resource.id, col(DayOverride.day) == day
            )
        )
        announce(session, vendor.id, ResourceChanged(resource.id))
        await serve_waits_at(session, vendor.id)
    return resource


async def _override(session: AsyncSession, resource: Resource, day: date) -> DayOverride | None:
    rows = select(DayOverride).where(DayOverride.resource_id == resource.id, DayOverride.day == day)
    return (await session.exec(rows)).first()
