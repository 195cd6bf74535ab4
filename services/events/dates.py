"""Dates of events: added as a list or a series, moved, postponed and ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change, for_reliance
from core.keyset import Listing, Ordering
from models.errors import InvalidInput, NotFound
from models.events.date_changes import DateChangeKind
from models.events.dates import (
    MAX_DATES,
    OVER,
    EventDate,
    EventDateChanged,
    EventDateLimitReached,
    EventDateState,
)
from models.events.events import Event
from models.events.seats.charts import Chart
from models.events.series import DateLength, DatesDraft, DateTimes
from models.events.venues import Venue
from models.vendors import Vendor
from services import idempotency, jobs
from services.events.access import (
    access_managed_date,
    access_managed_event,
    lock_event,
    visible_dates,
)
from services.events.announcing import announce_event
from services.events.check_in.moving import move_lists
from services.events.closing.changes import record_date_change
from services.events.listing import end_if_over, refresh
from services.events.quotas import add_quota
from services.events.seats.opening import defer_release, ensure_room_for_seats, open_seats
from services.viewer import Viewer

BATCH_SIZE = 100


def list_dates(
    viewer: Viewer, event_id: UUID, starts_from: datetime | None, until: datetime | None
) -> Listing[EventDate]:
    """List the dates of an event, the earliest first."""
    rows = visible_dates(viewer).where(EventDate.event_id == event_id)
    if starts_from is not None:
        rows = rows.where(col(EventDate.starts_at) >= starts_from)
    if until is not None:
        rows = rows.where(col(EventDate.starts_at) < until)
    earliest = Ordering("start", EventDate.starts_at, EventDate.id, datetime.fromisoformat)
    return Listing(rows, earliest)


async def add_event_dates(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_id: UUID,
    draft: DatesDraft,
    venue_id: UUID | None,
    chart_id: UUID | None,
    time_zone: str | None,
    idempotency_key: str,
) -> Sequence[EventDate]:
    """Add dates to an event, all or none, each with its quotas.

    Raises `EventDateTaken`, `EventDateLimitReached`, `SeatLimitReached` and `InvalidInput` for
    times that clocks skip or that are over.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "addEventDates",
        idempotency_key,
        event_id=event_id,
        draft=draft.model_dump(),
        venue_id=venue_id,
        chart_id=chart_id,
        time_zone=time_zone,
    )
    event = await access_managed_event(session, viewer, event_id)
    if claimed.replayed:
        return await _find_added_with(session, event, claimed.replayed)
    event.ensure_editable()
    times, moment = draft.times(), now()
    if chart_id is not None:
        await ensure_room_for_seats(session, event, chart_id, len(times))
    zone = await _choose_place(session, event, venue_id, chart_id, time_zone)
    await _ensure_room(session, event, len(times))
    dates = [
        _new_date(
            event,
            draft,
            DateTimes.of(local, zone, draft.minutes, field=["starts", str(place)]),
            time_zone=zone,
            venue_id=venue_id,
            chart_id=chart_id,
            created_at=moment,
        )
        for place, local in enumerate(times)
    ]
    session.add_all(dates)
    for date in dates:
        await defer_end(session, date)
        for quota in draft.quotas:
            await add_quota(session, event, date, quota)
    if chart_id is not None:
        await open_seats(session, dates, chart_id)
    await refresh(session, event)
    announce_event(session, event)
    await idempotency.record_result(session, claimed, dates[0].id)
    return dates


def _new_date(event: Event, draft: DatesDraft, times: DateTimes, **values: Any) -> EventDate:
    if times.ends_at <= now():
        raise InvalidInput("This time is over. Choose a later one.", field=["starts"])
    doors, ends = draft.doors_minutes, draft.sale_ends_minutes
    date = EventDate(
        event_id=event.id,
        vendor_id=event.vendor_id,
        doors_at=None if doors is None else times.starts_at - timedelta(minutes=doors),
        sale_starts_at=draft.sale_starts_at,
        sale_ends_at=None if ends is None else times.starts_at - timedelta(minutes=ends),
        **times.model_dump(),
        **values,
    )
    date.ensure_sale_times(["saleStartsAt"])
    return date


async def _find_added_with(
    session: AsyncSession, event: Event, first_id: UUID
) -> Sequence[EventDate]:
    """Return the dates that one request added, with the first one."""
    first = await session.get_one(EventDate, first_id)
    rows = select(EventDate).where(
        EventDate.event_id == event.id, EventDate.created_at == first.created_at
    )
    return (await session.exec(rows.order_by(col(EventDate.starts_at)))).all()


async def _choose_place(
    session: AsyncSession,
    event: Event,
    venue_id: UUID | None,
    chart_id: UUID | None,
    time_zone: str | None,
) -> str:
    """Return the time zone of a date. Raises `InvalidInput`, `VenueArchived`, `ChartNotPublished`.

    The venue is locked shared, so that it is not archived meanwhile.
    """
    if venue_id is None:
        if chart_id is not None:
            raise InvalidInput("A chart needs its venue. Choose that too.", field=["venueId"])
        return time_zone or (await session.get_one(Vendor, event.vendor_id)).time_zone
    if time_zone is not None:
        raise InvalidInput("A venue has its own time zone.", field=["timeZone"])
    rows = select(Venue).where(Venue.id == venue_id, Venue.vendor_id == event.vendor_id)
    venue = (await session.exec(for_reliance(rows))).first()
    if venue is None:
        raise NotFound(field=["venueId"])
    venue.ensure_usable()
    if chart_id is not None:
        charts = select(Chart).where(Chart.id == chart_id, Chart.venue_id == venue_id)
        chart = (await session.exec(for_reliance(charts))).first()
        if chart is None:
            raise NotFound(field=["chartId"])
        chart.ensure_published()
    return venue.time_zone


async def _ensure_room(session: AsyncSession, event: Event, more: int) -> None:
    counted = select(func.count()).where(EventDate.event_id == event.id)
    if (await session.exec(counted)).one() + more > MAX_DATES:
        raise EventDateLimitReached(most=MAX_DATES)


async def move_event_date(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_date_id: UUID,
    revision: int,
    local_start: datetime,
    length: DateLength,
) -> EventDate:
    """Move a date to another time at its place, also one that was postponed.

    Doors, the sale's end and the times of check-in lists keep their distance to the start. Holders
    of tickets are notified, and can have their money back for some time. Raises `EventDateChanged`
    unless `revision` is the current one, and `EventDateTaken`.
    """
    event, date = await access_managed_date(session, viewer, event_date_id)
    event.ensure_editable()
    if date.revision == revision + 1 and date.local_start == local_start.replace(fold=0):
        return date  # a retry
    if date.revision != revision:
        raise EventDateChanged(date.revision)
    date.ensure_changeable(now())
    minutes = length.minutes or int((date.ends_at - date.starts_at) / timedelta(minutes=1))
    times = DateTimes.of(local_start, date.time_zone, minutes, field=["localStart"])
    if times.ends_at <= now():
        raise InvalidInput("This time is over. Choose a later one.", field=["localStart"])
    shift = times.starts_at - date.starts_at
    for name in ("doors_at", "sale_ends_at"):
        moment = getattr(date, name)
        setattr(date, name, None if moment is None else moment + shift)
    date.ensure_sale_times(["localStart"])
    for name, value in times.model_dump().items():
        setattr(date, name, value)
    date.state, date.revision = EventDateState.SCHEDULED, date.revision + 1
    await move_lists(session, date, shift)
    await record_date_change(session, viewer, date, DateChangeKind.MOVED)
    await defer_end(session, date)
    if date.seated:
        await defer_release(session, date)
    await refresh(session, event)
    announce_event(session, event)
    return date


async def postpone_event_date(
    session: AsyncSession, viewer: Viewer, *, event_date_id: UUID
) -> EventDate:
    """Postpone a date without a new time yet. Its tickets stay valid, and none are sold.

    Holders of tickets are notified, and can have their money back.
    """
    event, date = await access_managed_date(session, viewer, event_date_id)
    if date.state is EventDateState.POSTPONED:
        return date
    event.ensure_editable()
    date.ensure_changeable(now())
    date.state, date.revision = EventDateState.POSTPONED, date.revision + 1
    await record_date_change(session, viewer, date, DateChangeKind.POSTPONED)
    await refresh(session, event)
    announce_event(session, event)
    return date


async def defer_end(session: AsyncSession, date: EventDate) -> None:
    await jobs.defer(session, "end_event_date", at=date.ends_at, event_date_id=date.id)


async def end_event_date(session: AsyncSession, event_date_id: UUID) -> None:
    """End a date that is over, unless it was moved, and the event with its last date.

    Compares with the database's clock, which started the job.
    """
    rows = select(EventDate.event_id).where(EventDate.id == event_date_id)
    event_id = (await session.exec(rows)).first()
    if event_id is None:
        return
    event = await lock_event(session, event_id)
    over = select(EventDate).where(
        EventDate.id == event_date_id,
        EventDate.ends_at <= func.now(),
        col(EventDate.state).not_in([*OVER, EventDateState.POSTPONED]),
    )
    date = (await session.exec(for_change(over))).first()
    if date is None:
        return
    date.state = EventDateState.ENDED
    await end_if_over(session, event)
    await refresh(session, event)
    announce_event(session, event)


async def find_overdue(session: AsyncSession) -> Sequence[UUID]:
    """Return dates that are over and whose own job was lost."""
    rows = select(EventDate.id).where(
        EventDate.state == EventDateState.SCHEDULED,
        EventDate.ends_at <= func.now() - timedelta(minutes=5),
    )
    return (await session.exec(rows.order_by(col(EventDate.ends_at)).limit(BATCH_SIZE))).all()
