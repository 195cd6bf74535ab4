"""Whether a start is offered, and which resources are free for it.

Holds, moves and lists of slots ask the same engine: what is offered is what is accepted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, bindparam
from sqlmodel import col, select

from core.clock import now
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.claims import SlotTaken
from models.bookings.classes import ClassMeeting, MeetingFull, MeetingState
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import Service
from models.bookings.slots import SlotNotOffered, SlotReason
from services.bookings.slots.engine import Candidate
from services.bookings.slots.limits import is_minute
from services.bookings.slots.reading import Reading, SlotQuestion, read_slots
from services.bookings.slots.zones import MINUTE, minute_of, moment_of

MEETINGS = Statement(
    select(*columns_of(ClassMeeting))
    .where(
        col(ClassMeeting.service_id) == bindparam("service_id"),
        col(ClassMeeting.starts_at) == bindparam("starts_at", type_=DateTime(timezone=True)),
        col(ClassMeeting.state) == MeetingState.SCHEDULED,
    )
    .order_by(col(ClassMeeting.taken).desc(), col(ClassMeeting.id)),
    ClassMeeting,
)


class StaffOffer(NamedTuple):
    """A member of staff who is free, with the visit's minutes and price, and the lane to claim.

    A service that needs no staff offers its rooms so, or its equipment.
    """

    resource_id: UUID
    duration: int  # minutes, of all pets
    price: int  # of one pet
    lane: int


class FreeLane(NamedTuple):
    resource_id: UUID
    lane: int


@dataclass(frozen=True, slots=True)
class NeedOffer:
    """Resources of a kind that are free for the visit, of which it takes `count`."""

    count: int
    free: Sequence[FreeLane]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOffer:
    """A start that is offered.

    Of `staff`, the visit takes `staff_count`, and of each kind in `needs` its `count`. `ends_at`
    is the end with the slowest of them: the visit ends `duration` after the start. In a meeting
    that takes place already, it takes a seat of that and claims nothing.
    """

    starts_at: datetime
    ends_at: datetime
    staff: Sequence[StaffOffer]
    staff_count: int = 1
    needs: Mapping[ResourceKind, NeedOffer] = field(default_factory=dict)
    meeting: ClassMeeting | None = None


async def offered(
    unit: UnitOfWork,
    service: Service,
    starts_at: datetime,
    *,
    staff_id: UUID | None = None,
    without_booking: UUID | None = None,
    pets: int = 1,
    allow_outside_hours: bool = False,
) -> SlotOffer:
    """Return what a visit at a start can take. Raises `SlotNotOffered`, `SlotTaken`, `MeetingFull`.

    Several pets come one after another to the same staff, with the buffers before the first and
    after the last, or take a seat of a class each. The claims of `without_booking` are not
    counted. With `allow_outside_hours`, for the vendor's desk, nothing but a claim closes a time.
    The caller holds the locks that keep the answer true.
    """
    if not is_minute(starts_at):
        raise SlotNotOffered(SlotReason.OFF_GRID)
    minute = minute_of(starts_at)
    question = SlotQuestion(
        service,
        minute,
        minute + 1,
        now(),
        visits=pets,
        without_booking=without_booking,
        anytime=allow_outside_hours,
        staff_id=staff_id,
    )
    reading = await read_slots(unit, question)
    wanted = None if staff_id is None else {staff_id}
    if service.is_class:
        meetings = await _find_meetings(unit, service, starts_at, wanted)
        if meetings:
            return _in_a_meeting(reading, meetings, minute, wanted)
    if reason := closing_rule(reading, minute, wanted):
        raise SlotNotOffered(reason=reason)
    if not reading.slots.starts(wanted) >> (minute - reading.origin) & 1:
        raise SlotTaken
    return _offer(reading, minute, wanted)


def closing_rule(
    reading: Reading, minute: int, wanted: Collection[UUID] | None
) -> SlotReason | None:
    """Return the first rule that closes a start, whatever is taken."""
    slots, place = reading.slots, minute - reading.origin
    limit = None if slots.anytime else reading.limits.reason(minute)
    if limit in {SlotReason.NOTICE, SlotReason.HORIZON}:
        return limit
    if slots.lacks(wanted):
        return SlotReason.STAFF
    if not slots.starts(wanted, grid=False, claims=False) >> place & 1:
        return SlotReason.CLOSED
    if not slots.starts(wanted, claims=False) >> place & 1:
        return SlotReason.OFF_GRID
    return limit


def _offer(reading: Reading, minute: int, wanted: Collection[UUID] | None) -> SlotOffer:
    """Return the free resources. Those of other kinds are free for the longest visit."""
    slots = reading.slots
    place, needs, leading = minute - reading.origin, slots.rules.needs, slots.rules.leading
    free = {id for id, starts in slots.starts_of_each(wanted).items() if starts >> place & 1}
    longest = max(slots.length(lead) for lead in slots.leads(free))
    crew = needs[leading] if leading else 1
    if leading and crew > 1:
        free |= {id for id, _ in slots.free(leading, place, longest)}
    leads = slots.leads(free)
    if wanted is not None:  # of a crew, those who were asked for come first
        leads.sort(key=lambda lead: lead.id not in wanted)
    return SlotOffer(
        starts_at=moment_of(minute),
        ends_at=moment_of(minute + longest),
        staff=[_staff_offer(reading, lead, place) for lead in leads],
        staff_count=crew,
        needs={
            kind: NeedOffer(count, [FreeLane(*one) for one in slots.free(kind, place, longest)])
            for kind, count in needs.items()
            if kind is not leading
        },
    )


def _staff_offer(reading: Reading, lead: Candidate, place: int) -> StaffOffer:
    slots, service = reading.slots, reading.question.service
    length = slots.length(lead)
    price = service.price if lead.price is None else lead.price
    return StaffOffer(lead.id, length, price, slots.fit(lead, length).lanes_at(place)[0])


async def _find_meetings(
    unit: UnitOfWork,
    service: Service,
    starts_at: datetime,
    wanted: Collection[UUID] | None,
) -> Sequence[ClassMeeting]:
    """Return the meetings that start then. Those with the fewest seats left come first."""
    rows = await MEETINGS.fetch(
        await connection_of(unit), service_id=service.id, starts_at=starts_at
    )
    return [one for one in rows if wanted is None or one.staff_id in wanted]


def _in_a_meeting(
    reading: Reading,
    meetings: Sequence[ClassMeeting],
    minute: int,
    wanted: Collection[UUID] | None,
) -> SlotOffer:
    """Return seats of a meeting, else a new meeting of others at the same time."""
    if not reading.slots.anytime and (limit := reading.closing_seats(minute)):
        raise SlotNotOffered(reason=limit)
    for meeting in meetings:
        if meeting.left >= reading.question.visits:
            return _meeting_offer(reading, meeting)
    if not reading.slots.starts(wanted) >> (minute - reading.origin) & 1:
        raise MeetingFull
    return _offer(reading, minute, wanted)


def _meeting_offer(reading: Reading, meeting: ClassMeeting) -> SlotOffer:
    staff = []
    if meeting.staff_id is not None:
        minutes = (meeting.ends_at - meeting.starts_at) // MINUTE
        price = price_of_meeting(reading, meeting.staff_id)
        staff = [StaffOffer(meeting.staff_id, minutes, price, 0)]
    return SlotOffer(
        starts_at=meeting.starts_at, ends_at=meeting.ends_at, staff=staff, meeting=meeting
    )


def price_of_meeting(reading: Reading, staff_id: UUID | None) -> int:
    """Return the price of a seat with a member of staff, or of the service."""
    own = (lead.price for lead in reading.slots.leads() if lead.id == staff_id)
    price = next(own, None)
    return reading.question.service.price if price is None else price
