"""The agenda of a vendor: lanes of resources with their hours, bookings, meetings and blocks.

The number of statements is the same for any number of resources and days.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from models.bookings.bookings import OCCUPYING, Booking, BookingState
from models.bookings.claims import TimeBlock
from models.bookings.classes import ClassMeeting, MeetingState
from models.bookings.moves import BookingResource
from models.bookings.setting_up.resources import Resource
from models.vendors import Vendor
from services.bookings.agenda.hours import OpenTime, moments_of, read_hours
from services.bookings.slots.hours import MinuteWindow, window_of_days

MAX_AGENDA_ROWS = 2_000  # of bookings, of meetings and of blocks each
LONGEST = timedelta(hours=24)  # of bookings and meetings
SHOWN = (*sorted(OCCUPYING), BookingState.COMPLETED, BookingState.NO_SHOW)


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A resource, with what it does in the time of an agenda."""

    resource: Resource
    open_times: Sequence[OpenTime]
    bookings: Sequence[Booking]
    meetings: Sequence[ClassMeeting]
    blocks: Sequence[TimeBlock]


@dataclass(frozen=True, kw_only=True)
class AgendaOf:
    """The agenda of a vendor. `others` are bookings that use no resource.

    It is not complete if a limit left something out.
    """

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    lanes: Sequence[Lane]
    others: Sequence[Booking]
    is_complete: bool


async def read_agenda(
    session: AsyncSession, vendor: Vendor, resources: Sequence[Resource], first: date, days: int
) -> AgendaOf:
    """Return the agenda of resources on local days of their vendor."""
    window = window_of_days(vendor.time_zone, first, first + timedelta(days=days - 1))
    ids = [one.id for one in resources]
    hours = await read_hours(session, vendor, resources, window)
    bookings = await _read_bookings(session, vendor.id, ids, window)
    meetings = await _read_meetings(session, vendor.id, ids, window)
    blocks = await _read_blocks(session, ids, window)
    used = _by_resource(bookings)
    met = _meetings_by_resource(meetings)
    blocked = _blocks_by_resource(blocks)
    starts_at, ends_at = moments_of(window)
    return AgendaOf(
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=vendor.time_zone,
        lanes=[
            Lane(
                resource=one,
                open_times=hours[one.id],
                bookings=used[one.id],
                meetings=met[one.id],
                blocks=blocked[one.id],
            )
            for one in resources
        ],
        others=used[None],
        is_complete=all(len(found) < MAX_AGENDA_ROWS for found in (bookings, meetings, blocks)),
    )


async def _read_bookings(
    session: AsyncSession, vendor_id: UUID, resource_ids: Collection[UUID], window: MinuteWindow
) -> Sequence[tuple[Booking, UUID | None]]:
    """Return bookings with each of the resources that they use. Those in meetings are left out."""
    starts_at, ends_at = moments_of(window)
    of_booking = col(BookingResource.booking_id) == col(Booking.id)
    used = exists_in(BookingResource, of_booking)
    rows = (
        select(Booking, BookingResource.resource_id)
        .outerjoin(
            BookingResource, and_(of_booking, col(BookingResource.resource_id).in_(resource_ids))
        )
        .where(
            Booking.vendor_id == vendor_id,
            col(Booking.meeting_id).is_(None),
            col(Booking.starts_at) < ends_at,
            col(Booking.starts_at) > starts_at - LONGEST,
            col(Booking.ends_at) > starts_at,
            *is_shown(now()),
            or_(col(BookingResource.resource_id).is_not(None), ~used),
        )
        .order_by(col(Booking.starts_at), col(Booking.id))
        .limit(MAX_AGENDA_ROWS)
    )
    return (await session.exec(rows)).all()


def is_shown(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Match bookings that take a time, or took it. Holds that have expired do not."""
    alive = or_(
        col(Booking.state).not_in((BookingState.HELD, BookingState.REQUESTED)),
        col(Booking.expires_at) > moment,
    )
    return col(Booking.state).in_(SHOWN), alive


async def _read_meetings(
    session: AsyncSession, vendor_id: UUID, resource_ids: Collection[UUID], window: MinuteWindow
) -> Sequence[ClassMeeting]:
    starts_at, ends_at = moments_of(window)
    rows = (
        select(ClassMeeting)
        .where(
            ClassMeeting.vendor_id == vendor_id,
            ClassMeeting.state != MeetingState.CANCELLED,
            col(ClassMeeting.starts_at) < ends_at,
            col(ClassMeeting.starts_at) > starts_at - LONGEST,
            col(ClassMeeting.ends_at) > starts_at,
            or_(
                col(ClassMeeting.staff_id).in_(resource_ids),
                col(ClassMeeting.room_id).in_(resource_ids),
            ),
        )
        .order_by(col(ClassMeeting.starts_at), col(ClassMeeting.id))
        .limit(MAX_AGENDA_ROWS)
    )
    return (await session.exec(rows)).all()


async def _read_blocks(
    session: AsyncSession, resource_ids: Collection[UUID], window: MinuteWindow
) -> Sequence[TimeBlock]:
    starts_at, ends_at = moments_of(window)
    rows = (
        select(TimeBlock)
        .where(
            col(TimeBlock.resource_id).in_(resource_ids),
            col(TimeBlock.starts_at) < ends_at,
            col(TimeBlock.ends_at) > starts_at,
        )
        .order_by(col(TimeBlock.starts_at), col(TimeBlock.id))
        .limit(MAX_AGENDA_ROWS)
    )
    return (await session.exec(rows)).all()


def _by_resource(
    bookings: Sequence[tuple[Booking, UUID | None]],
) -> Mapping[UUID | None, list[Booking]]:
    found: dict[UUID | None, list[Booking]] = defaultdict(list)
    for booking, resource_id in bookings:
        found[resource_id].append(booking)
    return found


def _meetings_by_resource(meetings: Sequence[ClassMeeting]) -> Mapping[UUID, list[ClassMeeting]]:
    found: dict[UUID, list[ClassMeeting]] = defaultdict(list)
    for meeting in meetings:
        for resource_id in {meeting.staff_id, meeting.room_id}:
            if resource_id is not None:
                found[resource_id].append(meeting)
    return found


def _blocks_by_resource(blocks: Sequence[TimeBlock]) -> Mapping[UUID, list[TimeBlock]]:
    found: dict[UUID, list[TimeBlock]] = defaultdict(list)
    for block in blocks:
        found[block.resource_id].append(block)
    return found
