"""Rows and times of bookings with which the tabs of GraphiQL begin."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import global_id
from core.wall import instant, wall
from models.bookings.bookings import ARRIVAL_HOURS, UNDO_DAYS, Booking, BookingState
from models.bookings.classes import ClassMeeting
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.schedules import Closure
from models.bookings.setting_up.services import Service
from models.pets.pets import Pet
from models.vendors import Vendor

# The variables of the tabs, and the types of their ids.
IDS: Mapping[str, str] = {
    "clinic": "Vendor",
    "visitService": "Service",
    "treatmentService": "Service",
    "classService": "Service",
    "vet": "Resource",
    "visitPolicy": "CancellationPolicy",
    "pet": "Pet",
    "comingBooking": "Booking",
    "paidBooking": "Booking",
    "requestedBooking": "Booking",
    "approvedBooking": "Booking",
    "deskBooking": "Booking",
    "missedBooking": "Booking",
}
FREE_IN = 12  # days, after those of the bookings
# Times of that day at the clinic, and of the next one.
CLOCKS: Mapping[str, tuple[int, int]] = {
    "slotsFrom": (0, 0),
    "slotStart": (0, 9),
    "slotLater": (0, 10),
    "slotTreatment": (0, 11),
    "slotLast": (0, 15),
    "slotsUntil": (1, 0),
    "blockFrom": (1, 9),
    "blockUntil": (1, 13),
}
# A day of the clinic on which nothing is booked, and that of a class which is full.
FREE_DAY, FULL_DAY = DAYS = ("freeDay", "fullDay")
NAMES = (*IDS, *CLOCKS, *DAYS)


async def find_bookings(
    session: AsyncSession, clinic_id: UUID | None, customer_id: UUID | None
) -> Mapping[str, str]:
    """Return global ids and times by the names of the variables, empty for what is missing."""
    rows = {**_set_up(clinic_id, customer_id), **_booked(clinic_id, customer_id)}
    found = {name: (await session.exec(one.limit(1))).first() for name, one in rows.items()}
    found["clinic"] = clinic_id
    ids = {
        name: global_id(type_name, row_id) if (row_id := found[name]) else ""
        for name, type_name in IDS.items()
    }
    full = {FULL_DAY: await _find_full_day(session)}
    return {**ids, **full, **await _find_times(session, clinic_id)}


def _set_up(clinic_id: UUID | None, customer_id: UUID | None) -> dict[str, Any]:
    services = (
        select(Service.id).where(Service.vendor_id == clinic_id).order_by(col(Service.position))
    )
    staff = Resource.vendor_id == clinic_id, Resource.kind == ResourceKind.STAFF
    classes = select(Service.id).where(Service.seats > 1, Service.vendor_id != clinic_id)
    paid_before = Service.deposit > 0, ~col(Service.needs_approval)
    return {
        "visitService": services.where(Service.pay_at_desk),
        "treatmentService": services.where(*paid_before),
        "classService": classes.order_by(col(Service.position), col(Service.id)),
        "vet": select(Resource.id).where(*staff).order_by(col(Resource.position)),
        "visitPolicy": select(CancellationPolicy.id)
        .where(CancellationPolicy.vendor_id == clinic_id)
        .order_by(col(CancellationPolicy.name).desc()),
        "pet": select(Pet.id)
        .where(Pet.user_id == customer_id, Pet.species == "dog")
        .where(col(Pet.archived_at).is_(None))
        .order_by(col(Pet.created_at), col(Pet.id)),
    }


def _booked(clinic_id: UUID | None, customer_id: UUID | None) -> dict[str, Any]:
    """Return bookings of the customer to come, and what the desk does today."""
    moment = now()
    at_clinic = select(Booking.id).where(Booking.vendor_id == clinic_id)
    own = at_clinic.where(Booking.user_id == customer_id).order_by(col(Booking.starts_at))
    others = at_clinic.where(Booking.user_id != customer_id)
    confirmed = Booking.state == BookingState.CONFIRMED, Booking.starts_at > moment
    soon = Booking.starts_at < moment + timedelta(hours=ARRIVAL_HOURS)
    recent = col(Booking.ended_at) > moment - timedelta(days=UNDO_DAYS)
    return {
        "comingBooking": own.where(*confirmed, Booking.paid_online == 0),
        "paidBooking": own.where(*confirmed, Booking.paid_online > 0),
        "requestedBooking": own.where(Booking.state == BookingState.REQUESTED),
        "approvedBooking": own.where(
            Booking.state == BookingState.HELD, col(Booking.approved_at).is_not(None)
        ),
        "deskBooking": others.where(Booking.state == BookingState.CONFIRMED, soon).order_by(
            col(Booking.starts_at)
        ),
        "missedBooking": others.where(Booking.state == BookingState.COMPLETED, recent).order_by(
            col(Booking.starts_at).desc()
        ),
    }


async def _find_full_day(session: AsyncSession) -> str:
    """Return the local day of the next class whose seats are all taken."""
    found = (
        await session.exec(
            select(ClassMeeting.starts_at, Vendor.time_zone)
            .join(Vendor, col(Vendor.id) == ClassMeeting.vendor_id)
            .where(ClassMeeting.taken == ClassMeeting.seats, ClassMeeting.starts_at > now())
            .order_by(col(ClassMeeting.starts_at))
            .limit(1)
        )
    ).first()
    return wall(*found).date().isoformat() if found else ""


async def _find_times(session: AsyncSession, clinic_id: UUID | None) -> dict[str, str]:
    """Return times of a day on which the clinic is open, and nothing is booked."""
    clinic = await session.get(Vendor, clinic_id) if clinic_id else None
    if clinic is None:
        return dict.fromkeys((*CLOCKS, FREE_DAY), "")
    rows = select(Closure).where(Closure.vendor_id == clinic_id)
    closed = [(one.from_day, one.until_day) for one in await session.exec(rows)]
    day = wall(now(), clinic.time_zone).date() + timedelta(days=FREE_IN)
    while any(
        first <= day + timedelta(days=one) <= last for first, last in closed for one in (0, 1)
    ):
        day += timedelta(days=1)
    times = {
        name: instant(datetime.combine(day + timedelta(days=days), time(hour)), clinic.time_zone)
        for name, (days, hour) in CLOCKS.items()
    }
    shown = {name: at.isoformat() if at else "" for name, at in times.items()}
    return {**shown, FREE_DAY: (day + timedelta(days=2)).isoformat()}
