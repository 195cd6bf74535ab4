"""A time of a service that is chosen under the locks, and taken for a booking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from core.statements.units import UnitOfWork
from models.bookings.claims import SlotTaken
from models.bookings.classes import ClassMeeting, MeetingFull
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.services import MAX_DURATION, MAX_HORIZON, Service
from models.bookings.slots import SlotNotOffered, SlotReason
from services.bookings.holding.claims import Span, take_claims
from services.bookings.holding.ending import end_in_the_way
from services.bookings.holding.fairness import order_staff
from services.bookings.holding.meetings import join_meeting, open_meeting
from services.bookings.holding.opening import OpenService
from services.bookings.slots.offering import FreeLane, SlotOffer, StaffOffer, offered


@dataclass(frozen=True)
class WantedTime:
    """A start of a service, with the staff if they are chosen.

    `booking_id` is who wants it. If it moves, `former_staff_id` did it before, and does it again if
    they are free. With `anytime`, which is for the vendor's desk, nothing but a claim closes it.
    """

    booking_id: UUID
    starts_at: datetime
    staff_id: UUID | None = None
    former_staff_id: UUID | None = None
    moves: bool = False
    anytime: bool = False


@dataclass(frozen=True)
class ChosenTime:
    """A time that is free under the locks, or a seat of a meeting, which is taken already.

    `places` are those of the staff, who come first, and of what else is needed.
    """

    starts_at: datetime
    ends_at: datetime
    price: int
    zone: str
    staff_id: UUID | None
    places: Sequence[FreeLane]
    meeting_id: UUID | None = None

    @property
    def resource_ids(self) -> list[UUID]:
        return [one.resource_id for one in self.places]


async def choose_time(
    unit: UnitOfWork,
    opened: OpenService,
    resources: Mapping[UUID, Resource],
    wanted: WantedTime,
) -> ChosenTime:
    """Choose who does a visit and where, of the resources that are locked.

    Raises `SlotNotOffered`, `SlotTaken` and `MeetingFull`.
    """
    _ensure_near(opened, wanted.starts_at)
    for _ in range(2):
        offer = await _look(unit, opened.service, resources, wanted)
        staff = await _order(unit, opened, resources, wanted, offer)
        if offer.meeting is None:
            chosen = _choose(opened, resources, offer, staff)
            if opened.service.is_class:
                return await _open(unit, opened.service, resources, chosen)
            return chosen
        if meeting := await join_meeting(unit, offer.meeting.id):
            return _seat(opened, resources, meeting, staff)
    raise MeetingFull


async def take_time(
    unit: UnitOfWork,
    service: Service,
    booking_id: UUID,
    chosen: ChosenTime,
    expires_at: datetime | None,
) -> None:
    """Take a time that was chosen, for a booking that is inserted. Raises `SlotTaken`."""
    if chosen.meeting_id is not None:
        return
    span, left = span_of(service, chosen.starts_at, chosen.ends_at), chosen.places
    for _ in range(2):
        left = await take_claims(unit, span, left, booking_id=booking_id, expires_at=expires_at)
        if not left:
            return
        if not await end_in_the_way(unit, span, [one.resource_id for one in left]):
            break
    raise SlotTaken


def span_of(service: Service, starts_at: datetime, ends_at: datetime) -> Span:
    """Return the time for which a visit keeps its resources, buffers included."""
    before, after = timedelta(minutes=service.buffer_before), service.buffer_after
    return Span(starts_at - before, ends_at + timedelta(minutes=after))


def _ensure_near(opened: OpenService, starts_at: datetime) -> None:
    """Raise `SlotNotOffered` for times that no service offers, however long its horizon is."""
    if starts_at > opened.moment + timedelta(days=MAX_HORIZON + 2):
        raise SlotNotOffered(SlotReason.HORIZON)
    if starts_at < opened.moment - timedelta(days=1):
        raise SlotNotOffered(SlotReason.NOTICE)


async def _look(
    unit: UnitOfWork,
    service: Service,
    resources: Mapping[UUID, Resource],
    wanted: WantedTime,
) -> SlotOffer:
    """Ask the engine for a start, and once more if bookings in its way have expired."""
    try:
        return await _ask(unit, service, wanted)
    except (SlotTaken, MeetingFull):
        longest = wanted.starts_at + timedelta(minutes=MAX_DURATION)
        if not await end_in_the_way(unit, span_of(service, wanted.starts_at, longest), resources):
            raise
        return await _ask(unit, service, wanted)


async def _ask(unit: UnitOfWork, service: Service, wanted: WantedTime) -> SlotOffer:
    return await offered(
        unit,
        service,
        wanted.starts_at,
        staff_id=wanted.staff_id,
        without_booking=wanted.booking_id if wanted.moves else None,
        allow_outside_hours=wanted.anytime,
    )


async def _order(
    unit: UnitOfWork,
    opened: OpenService,
    resources: Mapping[UUID, Resource],
    wanted: WantedTime,
    offer: SlotOffer,
) -> list[StaffOffer]:
    """Return the staff of an offer, the one who does the visit first."""
    by_id = {one.resource_id: one for one in offer.staff}
    if wanted.staff_id is not None or offer.meeting is not None:
        return list(offer.staff)
    pool = [one for one in resources.values() if one.active and one.kind is ResourceKind.STAFF]
    free = by_id.keys() & {one.id for one in pool}
    if not free:  # a service without staff: rooms, by their order
        return list(offer.staff)
    ids = await order_staff(unit, pool, free, wanted.booking_id, opened.moment)
    if wanted.former_staff_id in free:
        ids.sort(key=lambda id: id != wanted.former_staff_id)
    return [by_id[id] for id in ids]


def _choose(
    opened: OpenService,
    resources: Mapping[UUID, Resource],
    offer: SlotOffer,
    staff: Sequence[StaffOffer],
) -> ChosenTime:
    """Choose the first staff, and the first of what else is needed."""
    lead = staff[0]
    is_staff = resources[lead.resource_id].kind is ResourceKind.STAFF
    places = [FreeLane(one.resource_id, one.lane) for one in staff[: offer.staff_count]]
    for need in offer.needs.values():
        places += [FreeLane(*free) for free in need.free[: need.count]]
    return ChosenTime(
        starts_at=offer.starts_at,
        ends_at=offer.starts_at + timedelta(minutes=lead.duration),
        price=lead.price,
        zone=resources[lead.resource_id].time_zone if is_staff else opened.vendor_zone,
        staff_id=lead.resource_id if is_staff else None,
        places=places,
    )


async def _open(
    unit: UnitOfWork,
    service: Service,
    resources: Mapping[UUID, Resource],
    chosen: ChosenTime,
) -> ChosenTime:
    """Make the meeting of a class at a time that was chosen, with a seat taken."""
    span = span_of(service, chosen.starts_at, chosen.ends_at)
    await end_in_the_way(unit, span, chosen.resource_ids)
    rooms = (id for id in chosen.resource_ids if resources[id].kind is ResourceKind.ROOM)
    meeting = await open_meeting(
        unit,
        service,
        span,
        chosen.places,
        staff_id=chosen.staff_id,
        room_id=next(rooms, None),
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
    )
    return replace(chosen, meeting_id=meeting.id)


def _seat(
    opened: OpenService,
    resources: Mapping[UUID, Resource],
    meeting: ClassMeeting,
    staff: Sequence[StaffOffer],
) -> ChosenTime:
    """Return the time of a meeting in which a seat was taken."""
    ids = [id for id in (meeting.staff_id, meeting.room_id) if id is not None]
    lead = resources.get(meeting.staff_id) if meeting.staff_id else None
    return ChosenTime(
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        price=staff[0].price if staff else opened.service.price,
        zone=lead.time_zone if lead else opened.vendor_zone,
        staff_id=meeting.staff_id,
        places=[FreeLane(id, 0) for id in ids],
        meeting_id=meeting.id,
    )
