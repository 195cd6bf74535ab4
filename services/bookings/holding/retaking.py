"""Taking the time of a booking again that was given up: the same one, or none."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking, BookingResource, BookingState
from models.bookings.services import Service
from services.bookings.holding.claims import Span, find_places, free_claims, take_claims
from services.bookings.holding.ending import end_in_the_way
from services.bookings.holding.meetings import join_meeting
from services.bookings.holding.times import span_of

ATTEMPTS = 3  # others can take the lane that was free


async def retake_time(session: AsyncSession, booking: Booking) -> bool:
    """Take the time, the staff, the rooms and the seat of a booking that is locked, all or none.

    Returns whether all were free. No resource is locked: a lane that another takes meanwhile is
    refused by the constraint, and another one is tried.
    """
    if booking.meeting_id is not None:
        if booking.state is BookingState.NO_SHOW:  # it has kept its seat
            return True
        return await join_meeting(session, booking.meeting_id) is not None
    service = await session.get_one(Service, booking.service_id)
    span = span_of(service, booking.starts_at, booking.ends_at)
    resource_ids = await resources_of(session, booking.id)
    for _ in range(ATTEMPTS):
        if await _take(session, booking, span, resource_ids):
            return True
        await end_in_the_way(session, span, resource_ids)
    return False


async def resources_of(session: AsyncSession, booking_id: UUID) -> list[UUID]:
    rows = select(BookingResource.resource_id).where(BookingResource.booking_id == booking_id)
    return list((await session.exec(rows)).all())


async def _take(
    session: AsyncSession, booking: Booking, span: Span, resource_ids: list[UUID]
) -> bool:
    places = await find_places(session, span, resource_ids)
    if places is None:
        return False
    if await take_claims(session, span, places, booking_id=booking.id):
        await free_claims(session, [booking.id])
        return False
    return True
