"""Booking a series: each of its wall times by itself, under one set of locks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.wall import instant
from models.bookings.bookings import (
    HOLD_MINUTES,
    MAX_HOLD_MINUTES,
    REQUEST_HOURS,
    Booking,
    BookingState,
)
from models.bookings.claims import SlotTaken
from models.bookings.classes import MeetingFull
from models.bookings.drafts import ClassBooked
from models.bookings.series import (
    BookingSeries,
    Occurrence,
    OnConflict,
    SeriesConflicts,
    SeriesDraft,
)
from models.bookings.setting_up.resources import Resource
from models.bookings.slots import SlotNotOffered
from models.notifications.inbox import NotificationKind
from services import idempotency, jobs
from services.bookings.announcing import announce
from services.bookings.holding.confirming import become_confirmed
from services.bookings.holding.holding import insert_booking
from services.bookings.holding.opening import (
    BookingTerms,
    OpenService,
    ensure_below_limit,
    find_terms,
    lock_resources,
    lock_user,
    rely_on_service,
)
from services.bookings.holding.times import WantedTime, choose_time, take_time
from services.bookings.notices import notify_members_of, notify_parties
from services.bookings.series.access import first_booking
from services.bookings.series.nearest import find_nearest
from services.pets.choosing import ensure_pet
from services.transaction import attempt
from services.viewer import Viewer

CONFLICTS = (SlotNotOffered, SlotTaken, MeetingFull, ClassBooked)


@dataclass(frozen=True)
class Visit:
    """The choices of the customer for all occurrences, None for those that are left open."""

    staff_id: UUID | None
    pet_id: UUID | None
    note: str | None

    @classmethod
    def of(cls, chosen: SeriesDraft | Booking) -> Self:
        return cls(chosen.staff_id, chosen.pet_id, chosen.note)


@dataclass(frozen=True)
class Opened:
    """The things that all occurrences of a series share. All that they can take is locked."""

    series: BookingSeries
    service: OpenService
    resources: Mapping[UUID, Resource]
    terms: BookingTerms
    visit: Visit
    unreliable: bool


async def book_series(
    session: AsyncSession, viewer: Viewer, draft: SeriesDraft, *, idempotency_key: str
) -> BookingSeries:
    """Book the times of a rule, once per idempotency key, in one transaction.

    What is paid online is held for ten minutes, to be ordered; the rest is confirmed, or asked for.
    Questions of the service can be answered afterwards.
    A series counts as one booking to come. Raises `SeriesConflicts` with REFUSE, and otherwise as
    `hold_booking` if no time at all can be booked.
    """
    user_id, series_id = viewer.require_user(), new_id()
    claimed = await idempotency.claim(
        session, viewer, "bookSeries", idempotency_key, series_id, draft=draft.model_dump()
    )
    if claimed.replayed:
        return await session.get_one(BookingSeries, claimed.replayed)
    await lock_user(session, user_id)
    opened = await _open(session, user_id, series_id, draft)
    zone = opened.service.vendor_zone
    occurrences = [
        await _book(session, opened, number, local, instant(local, zone))
        for number, local in enumerate(draft.rule.times())
    ]
    failed = [one for one in occurrences if one.problem is not None]
    if failed and (draft.on_conflict is OnConflict.REFUSE or len(failed) == len(occurrences)):
        raise SeriesConflicts([datetime.fromisoformat(one.local) for one in failed])
    if draft.on_conflict is OnConflict.NEAREST:
        occurrences = [await _propose(session, opened, one) for one in occurrences]
    opened.series.occurrences = [one.as_json() for one in occurrences]
    await session.flush()
    await _notify(session, opened)
    return opened.series


async def _open(
    session: AsyncSession, user_id: UUID, series_id: UUID, draft: SeriesDraft
) -> Opened:
    service = await rely_on_service(session, draft.service_id)
    service.service.ensure_choosable(draft.staff_id)
    blank = [Occurrence(number, "", None).as_json() for number in range(draft.rule.count)]
    series = BookingSeries(
        id=series_id,
        user_id=user_id,
        vendor_id=service.service.vendor_id,
        service_id=service.service.id,
        rule=draft.rule.model_dump(mode="json"),
        count=draft.rule.count,
        on_conflict=draft.on_conflict,
        occurrences=blank,
    )
    opened = await open_series(session, series, service, Visit.of(draft))
    session.add(series)
    await session.flush()
    return opened


async def open_series(
    session: AsyncSession, series: BookingSeries, service: OpenService, visit: Visit
) -> Opened:
    """Lock everything that the occurrences can take. The user is locked, and the vendor shared."""
    service.service.ensure_bookable()
    await ensure_pet(session, series.user_id, visit.pet_id, service.service)
    resources = await lock_resources(session, service.service, staff_id=visit.staff_id)
    unreliable = await ensure_below_limit(session, series.user_id, service, series_id=series.id)
    terms = await find_terms(session, service.service)
    return Opened(series, service, resources, terms, visit, unreliable)


async def _book(
    session: AsyncSession,
    opened: Opened,
    number: int,
    local: datetime,
    starts_at: datetime | None,
) -> Occurrence:
    """Book an occurrence, or return why it cannot be booked. Then nothing of it is left."""
    occurrence = Occurrence(number, local.isoformat(), starts_at)
    if starts_at is None:  # clocks skip it
        return replace(occurrence, problem=SlotNotOffered.code)
    try:
        async with attempt(session):
            await book_occurrence(session, opened, number, starts_at)
    except CONFLICTS as refusal:
        return replace(occurrence, problem=refusal.code)
    return occurrence


async def book_occurrence(
    session: AsyncSession, opened: Opened, number: int, starts_at: datetime
) -> Booking:
    """Book a time for an occurrence. Raises one of `CONFLICTS`."""
    service, booking_id = opened.service.service, new_id()
    wanted = WantedTime(booking_id, starts_at, opened.visit.staff_id)
    chosen = await choose_time(session, opened.service, opened.resources, wanted)
    due = service.due_online_of(chosen.price, unreliable=opened.unreliable)
    moment = opened.service.moment
    hours = min(moment + timedelta(hours=REQUEST_HOURS), chosen.starts_at)
    until = hours if service.needs_approval else moment + timedelta(minutes=HOLD_MINUTES)
    hard_until = hours if service.needs_approval else moment + timedelta(minutes=MAX_HOLD_MINUTES)
    booking = await insert_booking(
        session,
        opened.service,
        chosen,
        opened.terms,
        booking_id=booking_id,
        user_id=opened.series.user_id,
        expires_at=until,
        hard_until=hard_until,
        due_online=due,
        pet_id=opened.visit.pet_id,
        note=opened.visit.note,
        series_id=opened.series.id,
        number=number,
        state=BookingState.REQUESTED if service.needs_approval else BookingState.HELD,
    )
    await take_time(session, service, booking_id, chosen, until)
    if service.needs_approval or due:
        await jobs.defer(session, "end_booking_hold", at=until, booking_id=booking_id)
        announce(session, booking)
    else:
        await become_confirmed(session, booking)
    return booking


async def _propose(session: AsyncSession, opened: Opened, occurrence: Occurrence) -> Occurrence:
    if occurrence.problem is None:
        return occurrence
    local = datetime.fromisoformat(occurrence.local)
    service, staff_id = opened.service, opened.visit.staff_id
    nearest = await find_nearest(session, service.service, local, service.vendor_zone, staff_id)
    return replace(occurrence, nearest=nearest)


async def _notify(session: AsyncSession, opened: Opened) -> None:
    """Notify both parties of the first booking of a series: the app shows the others with it."""
    first = await first_booking(session, opened.series.id)
    if first is None or first.state is BookingState.HELD:
        return
    if first.state is BookingState.REQUESTED:
        await notify_members_of(session, first, NotificationKind.BOOKING_REQUESTED)
        return
    await notify_parties(
        session,
        first,
        customer=NotificationKind.BOOKING_CONFIRMED,
        members=NotificationKind.BOOKING_MADE,
    )
