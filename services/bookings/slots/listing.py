"""Lists of the slots of a service, and of the days that have some."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.clock import now
from core.minutes import members
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import Service, ServiceState
from services.bookings.slots.engine import Candidate
from services.bookings.slots.hours import MinuteWindow, day_set, window_of_days
from services.bookings.slots.offering import price_of_meeting
from services.bookings.slots.reading import Reading, SlotQuestion, read_slots
from services.bookings.slots.zones import minute_of, moment_of

MAX_SLOT_DAYS = 7
MAX_AVAILABLE_DAYS = 62
MAX_PETS = 4
MAX_STAFF = 50  # that a caller can choose of
SHOWN_STAFF = 5
MEETINGS = Statement(
    text(
        """
        SELECT id, staff_id, starts_at, ends_at, seats - taken AS left
        FROM class_meeting
        WHERE service_id = :service_id AND starts_at >= :starts_from AND starts_at < :starts_before
            AND state = 'SCHEDULED' AND seats - taken >= :visits
        ORDER BY starts_at, taken DESC, id
        """
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSlots:
    """The staff that a caller chooses, None for any, and the visits in a row, such as for pets.

    Without `named`, the staff of slots are left out.
    """

    staff_ids: Collection[UUID] | None = None
    visits: int = 1
    named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A start that is offered: by free staff, or in a meeting of a class that has seats left.

    `ends_at` is the end with the slowest of the staff, and `price` that of the cheapest, for one
    visit. `left` are the visits that can start then, or the seats.
    """

    service: Service
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    staff_ids: Sequence[UUID]
    left: int
    price: int
    meeting_id: UUID | None = None

    @property
    def local_start(self) -> str:
        """Return the start as clocks show it, with their offset from UTC."""
        return self.starts_at.astimezone(ZoneInfo(self.time_zone)).isoformat()

    @property
    def has_meeting(self) -> bool:
        return self.meeting_id is not None

    @property
    def shown_staff(self) -> tuple[UUID, ...]:
        """Return the ids of the staff that lists show."""
        return tuple(self.staff_ids[:SHOWN_STAFF])

    @property
    def due_online(self) -> int:
        return self.service.due_online_of(self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySlots:
    """The slots of a local day. It is open if there were some without any booking."""

    day: date
    is_open: bool
    count: int
    first_starts_at: datetime | None


async def list_slots(
    unit: UnitOfWork, service: Service, first: datetime, end: datetime, wanted: WantedSlots
) -> list[Slot]:
    """List the slots from a time until another, which is excluded, the earliest first."""
    if service.state is not ServiceState.ACTIVE:
        return []
    reading = await _read(unit, service, minute_of(first), minute_of(end), wanted)
    meetings = await _read_meetings(unit, reading, wanted.staff_ids)
    free = _free_by_start(reading, wanted.staff_ids)
    slots = [
        _slot_of_meeting(reading, meetings[minute])
        if minute in meetings
        else _slot(reading, minute, free[minute])
        for minute in sorted(free.keys() | meetings.keys())
    ]
    return slots if wanted.named else [replace(slot, staff_ids=()) for slot in slots]


async def find_starts(
    unit: UnitOfWork, service: Service, first: datetime, end: datetime, wanted: WantedSlots
) -> tuple[str, list[datetime]]:
    """Return the starts of the slots from a time until another, and the vendor's time zone."""
    reading = await _read(unit, service, minute_of(first), minute_of(end), wanted)
    if service.state is not ServiceState.ACTIVE:
        return reading.limits.zone, []
    minutes = {reading.origin + place for place in members(reading.starts(wanted.staff_ids))}
    minutes |= (await _read_meetings(unit, reading, wanted.staff_ids)).keys()
    return reading.limits.zone, [moment_of(minute) for minute in sorted(minutes)]


async def count_slots(
    unit: UnitOfWork,
    service: Service,
    from_day: date,
    until_day: date,
    zone: str,
    wanted: WantedSlots,
) -> list[DaySlots]:
    """Count the slots of the days of a zone, the last one included.

    A day that clocks skip is none of them.
    """
    days = window_of_days(zone, from_day, until_day)
    starts = without_claims = 0
    origin = days.first
    if service.state is ServiceState.ACTIVE:
        reading = await _read(unit, service, days.first, days.end, wanted)
        origin, bookable = reading.origin, reading.bookable()
        starts = reading.slots.starts(wanted.staff_ids) & bookable
        without_claims = reading.slots.starts(wanted.staff_ids, claims=False) & bookable
        for minute in await _read_meetings(unit, reading, wanted.staff_ids):
            starts |= 1 << minute - origin
    window = MinuteWindow(origin, days.end)
    return [
        _day(window, day, starts, without_claims, day_set(zone, window, day))
        for day in days.days(zone)
        if from_day <= day <= until_day
    ]


async def _read(
    unit: UnitOfWork, service: Service, first: int, end: int, wanted: WantedSlots
) -> Reading:
    return await read_slots(unit, SlotQuestion(service, first, end, now(), visits=wanted.visits))


def _day(
    window: MinuteWindow, day: date, starts: int, without_claims: int, minutes: int
) -> DaySlots:
    found = starts & minutes
    first = next(members(found), None)
    return DaySlots(
        day=day,
        is_open=bool((starts | without_claims) & minutes),
        count=found.bit_count(),
        first_starts_at=None if first is None else moment_of(window.first + first),
    )


def _free_by_start(
    reading: Reading, staff_ids: Collection[UUID] | None
) -> Mapping[int, Sequence[Candidate]]:
    """Return those who are free at each start that is offered."""
    bookable, slots = reading.bookable(), reading.slots
    leads = {lead.id: lead for lead in slots.leads(staff_ids)}
    found: dict[int, list[Candidate]] = defaultdict(list)
    for id, starts in slots.starts_of_each(staff_ids).items():
        for place in members(starts & bookable):
            found[reading.origin + place].append(leads[id])
    return found


def _slot(reading: Reading, minute: int, leads: Sequence[Candidate]) -> Slot:
    service, slots = reading.question.service, reading.slots
    longest = max(slots.length(lead) for lead in leads)
    prices = [service.price if lead.price is None else lead.price for lead in leads]
    ids = [lead.id for lead in leads]
    left = slots.left_of(minute - reading.origin, ids)
    return Slot(
        service=service,
        starts_at=moment_of(minute),
        ends_at=moment_of(minute + longest),
        time_zone=reading.limits.zone,
        staff_ids=ids if slots.rules.leading is ResourceKind.STAFF else (),
        left=service.seats if service.is_class else left,
        price=min(prices),
    )


def _slot_of_meeting(reading: Reading, meeting: Any) -> Slot:
    service = reading.question.service
    return Slot(
        service=service,
        starts_at=meeting["starts_at"],
        ends_at=meeting["ends_at"],
        time_zone=reading.limits.zone,
        staff_ids=[meeting["staff_id"]] if meeting["staff_id"] else (),
        left=meeting["left"],
        price=price_of_meeting(reading, meeting["staff_id"]),
        meeting_id=meeting["id"],
    )


async def _read_meetings(
    unit: UnitOfWork, reading: Reading, staff_ids: Collection[UUID] | None
) -> dict[int, Any]:
    """Return the meeting of each start that has seats left: the fullest, which is filled first."""
    question = reading.question
    found: dict[int, Any] = {}
    if not question.service.is_class:
        return {}
    rows = await MEETINGS.fetch(
        await connection_of(unit),
        service_id=question.service.id,
        starts_from=moment_of(question.first),
        starts_before=moment_of(question.end),
        visits=question.visits,
    )
    for row in rows:
        minute = minute_of(row["starts_at"])
        mine = staff_ids is None or row["staff_id"] in staff_ids
        if mine and reading.closing_seats(minute) is None:
            found.setdefault(minute, row)
    return found
