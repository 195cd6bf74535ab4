"""Places in the meetings of classes: taken and given back.

A meeting is made for the first who books it, and cancelled when the last one leaves.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text
from sqlmodel import col, update

from core.ids import new_id
from core.statements.inserts import insert_new
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking
from models.bookings.claims import SlotTaken
from models.bookings.classes import ClassMeeting, MeetingState
from models.bookings.setting_up.services import Service
from services.bookings.holding.claims import Span, free_claims_of_meetings, take_claims
from services.bookings.slots.offering import FreeLane

_TAKEN = col(ClassMeeting.taken)
JOIN = Statement(
    update(ClassMeeting)
    .where(
        col(ClassMeeting.id) == bindparam("meeting_id"),
        col(ClassMeeting.state) == MeetingState.SCHEDULED,
        col(ClassMeeting.seats) > _TAKEN,
    )
    .values(taken=_TAKEN + 1)
    .returning(*columns_of(ClassMeeting)),
    ClassMeeting,
)
LEAVE = Statement(
    text(
        """
        UPDATE class_meeting SET taken = taken - :seats,
            state = CASE WHEN taken = :seats THEN 'CANCELLED' ELSE state END
        WHERE id = :meeting_id RETURNING state
        """
    ).bindparams(bindparam("meeting_id", type_=Uuid()), bindparam("seats", type_=Integer()))
)


async def join_meeting(unit: UnitOfWork, meeting_id: UUID) -> ClassMeeting | None:
    """Take a seat of a meeting. None if it is full, or was cancelled a moment ago."""
    return await JOIN.fetch_one(await connection_of(unit), meeting_id=meeting_id)


async def open_meeting(
    unit: UnitOfWork,
    service: Service,
    span: Span,
    places: Sequence[FreeLane],
    *,
    staff_id: UUID | None,
    room_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
) -> ClassMeeting:
    """Make a meeting with one seat taken. It keeps its staff and room. Raises `SlotTaken`."""
    connection = await connection_of(unit)
    meeting = await insert_new(
        connection,
        ClassMeeting,
        id=new_id(),
        service_id=service.id,
        vendor_id=service.vendor_id,
        staff_id=staff_id,
        room_id=room_id,
        starts_at=starts_at,
        ends_at=ends_at,
        seats=service.seats,
        taken=1,
    )
    if await take_claims(unit, span, places, meeting_id=meeting.id):
        raise SlotTaken
    return meeting


async def leave_meetings(unit: UnitOfWork, bookings: Iterable[Booking]) -> None:
    """Give back the seats of bookings. A meeting without any is cancelled, and frees its time."""
    connection = await connection_of(unit)
    seats = Counter(one.meeting_id for one in bookings if one.meeting_id is not None)
    cancelled = []
    for meeting_id in sorted(seats):
        (left,) = await LEAVE.fetch(connection, meeting_id=meeting_id, seats=seats[meeting_id])
        if left["state"] == MeetingState.CANCELLED:
            cancelled.append(meeting_id)
    await free_claims_of_meetings(unit, cancelled)


def meeting_order(booking: Booking) -> tuple[bool, UUID]:
    """Return the key by which bookings end one after another: the rows of meetings are locked."""
    return booking.meeting_id is not None, booking.meeting_id or booking.id
