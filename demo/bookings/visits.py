"""Adds bookings of practices, with the times that they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from core.wall import wall
from demo.bookings.practices import Practice
from models.bookings.bookings import OCCUPYING, Booking, BookingState
from models.bookings.claims import Claim, TimeBlock
from models.bookings.classes import ClassMeeting, MeetingState
from models.bookings.moves import BookingMove, BookingResource
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.services import Service
from models.identity.accounts import User
from models.pets.pets import Pet
from models.pricing.amounts import BPS

BOOKED = timedelta(days=3)  # before the start, at most until an hour ago
LATEST = timedelta(hours=1)
CAME = {BookingState.CONFIRMED, BookingState.COMPLETED, BookingState.NO_SHOW}


@dataclass(frozen=True)
class VisitPlan:
    """The staff of a visit, what else it takes, and its start on a day there."""

    staff: str
    day: date
    clock: str
    others: Sequence[str] = ()

    @property
    def names(self) -> Sequence[str]:
        return [self.staff, *self.others]


def book(
    practice: Practice,
    name: str,
    place: VisitPlan,
    user: User | None,
    state: BookingState = BookingState.CONFIRMED,
    pet: Pet | None = None,
    **values: Any,
) -> Booking:
    """Add a booking of a service, with claims for as long as it is to come."""
    service = practice.services[name]
    starts_at = practice.at(place.staff, place.day, place.clock)
    booking = _make(practice, service, place, user, state, starts_at, **values)
    booking.pet_id = pet.id if pet else None
    practice.bookings.append(booking)
    used = [practice.resources[one].id for one in place.names]
    practice.dataset.booking_rows += [
        booking,
        *(BookingResource(booking_id=booking.id, resource_id=id) for id in used),
    ]
    if state in OCCUPYING and booking.meeting_id is None:
        _claim(practice, service, booking, used, booking_id=booking.id)
    return booking


def meet(
    practice: Practice, name: str, place: VisitPlan, users: Sequence[User], **values: Any
) -> ClassMeeting:
    """Add a meeting of a class, with a booking of each user."""
    service = practice.services[name]
    starts_at = practice.at(place.staff, place.day, place.clock)
    created, over = _booked_at(practice, starts_at), starts_at < practice.dataset.now
    meeting = ClassMeeting(
        id=practice.rng.uuid7_at(created),
        created_at=created,
        service_id=service.id,
        vendor_id=service.vendor_id,
        staff_id=practice.resources[place.staff].id,
        room_id=practice.resources[place.others[0]].id if place.others else None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=service.duration),
        seats=service.seats,
        taken=len(users),
        state=MeetingState.ENDED if over else MeetingState.SCHEDULED,
    )
    practice.dataset.booking_rows.append(meeting)
    used = [practice.resources[one].id for one in place.names]
    if not over:
        _claim(practice, service, meeting, used, meeting_id=meeting.id)
    state = BookingState.COMPLETED if over else BookingState.CONFIRMED
    for user in users:
        book(practice, name, place, user, state, meeting_id=meeting.id, **values)
    return meeting


def move(practice: Practice, booking: Booking, by: User, former: datetime) -> None:
    """Note that a booking had another start before."""
    moved = booking.created_at + timedelta(minutes=20)
    booking.revision, booking.moves_left = 1, booking.moves_left - 1
    practice.dataset.booking_rows.append(
        BookingMove(
            id=practice.rng.uuid7_at(moved),
            created_at=moved,
            booking_id=booking.id,
            revision=1,
            moved_by_id=by.id,
            from_starts_at=former,
            from_staff_id=booking.staff_id,
            starts_at=booking.starts_at,
            staff_id=booking.staff_id,
        )
    )


def block(practice: Practice, place: VisitPlan, minutes: int, reason: str) -> None:
    """Block a time of a resource, which nothing else takes."""
    resource = practice.resources[place.staff]
    starts_at = practice.at(place.staff, place.day, place.clock)
    created = practice.dataset.now - BOOKED
    row = TimeBlock(
        id=practice.rng.uuid7_at(created),
        created_at=created,
        resource_id=resource.id,
        created_by_id=practice.vendor.member_ids[0],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        reason=reason,
    )
    claim = Claim(
        id=practice.rng.uuid7_at(created),
        created_at=created,
        resource_id=resource.id,
        block_id=row.id,
        blocked_from=row.starts_at,
        blocked_until=row.ends_at,
    )
    practice.dataset.booking_rows += [row, claim]


def _make(
    practice: Practice,
    service: Service,
    place: VisitPlan,
    user: User | None,
    state: BookingState,
    starts_at: datetime,
    **values: Any,
) -> Booking:
    created, staff = _booked_at(practice, starts_at), practice.resources[place.staff]
    name = next(one for one, row in practice.services.items() if row is service)
    price = practice.prices.get((name, place.staff), service.price)
    local, ends_at = wall(starts_at, staff.time_zone), starts_at + _length(service)
    given: dict[str, Any] = {
        "created_at": created,
        "confirmed_at": created if state in CAME else None,
        "ended_at": None if state in OCCUPYING else min(ends_at, practice.dataset.now - LATEST),
        "due_online": service.due_online_of(price),
        **_terms(practice, service),
    }
    given |= values
    return Booking(
        id=practice.rng.uuid7_at(given["created_at"]),
        user_id=user.id if user else None,
        vendor_id=service.vendor_id,
        service_id=service.id,
        staff_id=staff.id,
        starts_at=starts_at,
        ends_at=ends_at,
        local_start=local.replace(fold=0),
        fold=local.fold,
        time_zone=staff.time_zone,
        state=state,
        currency=service.currency,
        price=price,
        **given,
    )


def _terms(practice: Practice, service: Service) -> dict[str, Any]:
    policy = next(
        (one for one in practice.policies.values() if one.id == service.policy_id), None
    ) or CancellationPolicy(name="", tiers=[[0, BPS]], no_show_bps=0)
    return {
        "refund_tiers": policy.tiers,
        "no_show_bps": policy.no_show_bps,
        "moves_left": policy.reschedules,
        "move_minutes": policy.reschedule_minutes,
    }


def _booked_at(practice: Practice, starts_at: datetime) -> datetime:
    return min(starts_at - BOOKED, practice.dataset.now - LATEST)


def _length(service: Service) -> timedelta:
    return timedelta(minutes=service.duration)


def _claim(
    practice: Practice,
    service: Service,
    of: Booking | ClassMeeting,
    resource_ids: Sequence[UUID],
    booking_id: UUID | None = None,
    meeting_id: UUID | None = None,
) -> None:
    expires_at = of.expires_at if isinstance(of, Booking) else None
    practice.dataset.booking_rows += [
        Claim(
            id=practice.rng.uuid7_at(of.created_at),
            created_at=of.created_at,
            resource_id=id,
            blocked_from=of.starts_at - timedelta(minutes=service.buffer_before),
            blocked_until=of.ends_at + timedelta(minutes=service.buffer_after),
            expires_at=expires_at,
            booking_id=booking_id,
            meeting_id=meeting_id,
        )
        for id in resource_ids
    ]
