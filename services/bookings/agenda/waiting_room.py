"""The view of a screen in a waiting room: codes and initials, and no names.

Services are left out as well, because in a clinic they disclose a customer's health.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.bookings.bookings import Booking
from models.bookings.moves import BookingResource
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.visits.arrivals import ArrivalState, arrival_of, visit_code
from models.identity.accounts import User
from models.vendors import Vendor
from services.bookings.agenda.arrivals import read_arrivals
from services.bookings.guests import open_guest

SOON = timedelta(hours=2)  # before the start, from which a visit is shown
MAX_VISITORS = 60


@dataclass(frozen=True, kw_only=True)
class VisitorShown:
    code: str
    initial: str | None
    arrival: ArrivalState
    starts_at: datetime
    local_start: datetime
    room: str | None


@dataclass(frozen=True, kw_only=True)
class WaitingRoomOf:
    vendor_name: str
    read_at: datetime
    visitors: Sequence[VisitorShown]


async def read_waiting_room(session: AsyncSession, sealer: Sealer, vendor: Vendor) -> WaitingRoomOf:
    """Return who waits, is late or is expected soon: those who wait first, at most 60."""
    found = await read_arrivals(session, vendor)
    shown = [
        (booking, arrival)
        for booking in found.bookings
        if (arrival := arrival_of(booking, found.read_at)) is not None
        and _is_shown(booking, arrival, found.read_at)
    ]
    shown.sort(key=lambda one: (one[1] is not ArrivalState.WAITING, one[0].starts_at))
    shown = shown[:MAX_VISITORS]
    initials = await _initials(session, sealer, [booking for booking, _ in shown])
    rooms = await _rooms(session, [booking.id for booking, _ in shown])
    return WaitingRoomOf(
        vendor_name=vendor.name,
        read_at=found.read_at,
        visitors=[
            VisitorShown(
                code=visit_code(booking.id),
                initial=initials.get(booking.id),
                arrival=arrival,
                starts_at=booking.starts_at,
                local_start=booking.local_start,
                room=rooms.get(booking.id),
            )
            for booking, arrival in shown
        ],
    )


def _is_shown(booking: Booking, arrival: ArrivalState, moment: datetime) -> bool:
    if arrival is ArrivalState.EXPECTED:
        return booking.starts_at <= moment + SOON
    return arrival is ArrivalState.WAITING or (
        arrival is ArrivalState.LATE and moment < booking.ends_at
    )


async def _initials(
    session: AsyncSession, sealer: Sealer, bookings: Sequence[Booking]
) -> Mapping[UUID, str]:
    """Return the first letter of each customer's name."""
    ids = {one.user_id for one in bookings if one.user_id is not None}
    rows = select(User.id, User.name).where(col(User.id).in_(ids), col(User.is_erased).is_(False))
    names = dict((await session.exec(rows)).all()) if ids else {}
    found = {
        one.id: names.get(one.user_id) if one.user_id else open_guest(sealer, one, "guest_name")
        for one in bookings
    }
    return {id: name[0].upper() for id, name in found.items() if name}


async def _rooms(session: AsyncSession, booking_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the name of a room of each booking that has one."""
    rows = (
        select(BookingResource.booking_id, Resource.name)
        .join(Resource, col(Resource.id) == col(BookingResource.resource_id))
        .where(col(BookingResource.booking_id).in_(booking_ids), Resource.kind == ResourceKind.ROOM)
        .order_by(col(Resource.position).desc(), col(Resource.id).desc())
    )
    return dict((await session.exec(rows)).all()) if booking_ids else {}
