"""Taking the time of a booking again that was given up: the same one, or none."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import col, select

from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingState
from models.bookings.moves import BookingResource
from models.bookings.setting_up.services import Service
from services.bookings.holding.claims import Span, find_places, free_claims, take_claims
from services.bookings.holding.ending import end_in_the_way
from services.bookings.holding.meetings import join_meeting
from services.bookings.holding.times import span_of

SERVICE = Statement(
    select(*columns_of(Service)).where(col(Service.id) == bindparam("service_id", type_=Uuid())),
    Service,
)
RESOURCES = Statement(
    select(col(BookingResource.resource_id)).where(
        col(BookingResource.booking_id) == bindparam("booking_id", type_=Uuid())
    )
)
ATTEMPTS = 3  # others can take the lane that was free


async def retake_time(unit: UnitOfWork, booking: Booking) -> bool:
    """Take the time, the staff, the rooms and the seat of a booking that is locked, all or none.

    Returns whether all were free. No resource is locked: a lane that another takes meanwhile is
    refused by the constraint, and another one is tried.
    """
    if booking.meeting_id is not None:
        if booking.state is BookingState.NO_SHOW:  # it has kept its seat
            return True
        return await _rejoin(unit, booking, booking.meeting_id)
    connection = await connection_of(unit)
    (service,) = await SERVICE.fetch(connection, service_id=booking.service_id)
    span = span_of(service, booking.starts_at, booking.ends_at)
    resource_ids = await resources_of(unit, booking.id)
    for _ in range(ATTEMPTS):
        if await _take(unit, booking, span, resource_ids):
            return True
        await end_in_the_way(unit, span, resource_ids)
    return False


async def resources_of(unit: UnitOfWork, booking_id: UUID) -> list[UUID]:
    rows = await RESOURCES.fetch(await connection_of(unit), booking_id=booking_id)
    return [row["resource_id"] for row in rows]


async def _rejoin(unit: UnitOfWork, booking: Booking, meeting_id: UUID) -> bool:
    """Take a seat of a meeting again, also that of a booking that has expired."""
    if await join_meeting(unit, meeting_id):
        return True
    span = Span(booking.starts_at, booking.ends_at)
    ended = await end_in_the_way(unit, span, await resources_of(unit, booking.id))
    return bool(ended) and await join_meeting(unit, meeting_id) is not None


async def _take(unit: UnitOfWork, booking: Booking, span: Span, resource_ids: list[UUID]) -> bool:
    places = await find_places(unit, span, resource_ids)
    if places is None:
        return False
    if await take_claims(unit, span, places, booking_id=booking.id):
        await free_claims(unit, [booking.id])
        return False
    return True
