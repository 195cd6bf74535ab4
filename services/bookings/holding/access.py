"""Access to bookings: customers see their own, and members those of their vendor."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingState
from models.bookings.classes import ClassMeeting
from models.errors import NotFound
from models.members import Permission
from services.journal.topics import user_topic
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

OWN = Statement(
    for_change(
        select(*columns_of(Booking)).where(
            col(Booking.id) == bindparam("id"), col(Booking.user_id) == bindparam("user_id")
        )
    ),
    Booking,
)


@dataclass(frozen=True)
class BookingFilter:
    """Conditions of a list of bookings, None for all. They start from one time until another."""

    states: Collection[BookingState] | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None

    def narrow(self, rows: SelectOfScalar[Booking]) -> SelectOfScalar[Booking]:
        """Narrow bookings to those that meet the conditions."""
        if self.states is not None:
            rows = rows.where(col(Booking.state).in_(self.states))
        if self.starts_from is not None:
            rows = rows.where(Booking.starts_at >= self.starts_from)
        if self.starts_before is not None:
            rows = rows.where(Booking.starts_at < self.starts_before)
        return rows


def visible_bookings(viewer: Viewer) -> SelectOfScalar[Booking]:
    """Select the viewer's bookings, and those of the viewer's vendors. Admins see all.

    Anonymous callers see none: the bookings of guests have no user either.
    """
    if viewer.admin:
        return select(Booking)
    if viewer.user_id is None:
        return select(Booking).where(false())
    own = Booking.user_id == viewer.user_id
    at_vendor = works_at(viewer.staff, col(Booking.vendor_id), Permission.SEE_BOOKINGS)
    return select(Booking).where(or_(own, at_vendor))


def visible_meetings(viewer: Viewer) -> SelectOfScalar[ClassMeeting]:
    """Select the meetings of classes that the viewer booked, and of the viewer's vendors."""
    if viewer.admin:
        return select(ClassMeeting)
    if viewer.user_id is None:
        return select(ClassMeeting).where(false())
    own = select(Booking.meeting_id).where(Booking.user_id == viewer.user_id)
    at_vendor = works_at(viewer.staff, col(ClassMeeting.vendor_id), Permission.SEE_BOOKINGS)
    return select(ClassMeeting).where(or_(col(ClassMeeting.id).in_(own), at_vendor))


def list_own_bookings(viewer: Viewer, wanted: BookingFilter) -> Listing[Booking]:
    """List the viewer's own bookings, the latest start first."""
    user_id = viewer.require_user()
    rows = wanted.narrow(select(Booking).where(Booking.user_id == user_id))
    by_start = newest_first(Booking, col(Booking.starts_at))
    return Listing(rows, by_start, topics=[user_topic(user_id)])


async def find_booking(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> Booking:
    """Return a booking that the viewer sees. Raises `NotFound`."""
    rows = visible_bookings(viewer).where(Booking.id == booking_id)
    booking = (await session.exec(rows)).first()
    if booking is None:
        raise NotFound
    return booking


async def lock_own_booking(unit: UnitOfWork, viewer: Viewer, booking_id: UUID) -> Booking:
    """Return a booking of the viewer, locked. Raises `NotFound`."""
    connection = await connection_of(unit)
    booking = await OWN.fetch_one(connection, id=booking_id, user_id=viewer.require_user())
    if booking is None:
        raise NotFound
    return booking


async def access_own_booking(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> Booking:
    """Return a booking of the viewer, locked, to change it in the session. Raises `NotFound`."""
    own = Booking.user_id == viewer.require_user()
    rows = for_change(select(Booking).where(Booking.id == booking_id, own))
    booking = (await session.exec(rows)).first()
    if booking is None:
        raise NotFound
    return booking


async def lock_booking(session: AsyncSession, booking_id: UUID) -> Booking:
    """Return a booking as it is now, locked."""
    rows = select(Booking).where(Booking.id == booking_id)
    return (await session.exec(for_change(rows))).one()


@dataclass(frozen=True)
class Party:
    """The party that acts on a booking: its customer, or a member of its vendor."""

    booking: Booking
    is_vendor: bool


async def access_booking(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> Party:
    """Return a booking of the viewer, or of a vendor whose bookings the viewer edits.

    It is not locked yet: what its change needs is locked before it. The vendor of a member is.
    """
    user_id = viewer.require_user()
    booking = await session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    if booking.user_id == user_id:
        return Party(booking, is_vendor=False)
    await access_vendor(session, viewer, booking.vendor_id, Permission.EDIT_BOOKINGS)
    return Party(booking, is_vendor=True)


async def lock_customers_booking(
    session: AsyncSession, viewer: Viewer, booking_id: UUID
) -> Booking:
    """Return a booking of a vendor whose bookings the viewer edits, locked."""
    viewer.require_user()
    rows = select(Booking.vendor_id).where(Booking.id == booking_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_BOOKINGS)
    return await lock_booking(session, booking_id)


async def find_parties(session: AsyncSession, booking_id: UUID) -> tuple[UUID | None, UUID | None]:
    """Return the ids of the customer and of the vendor of a booking, which never change."""
    rows = select(Booking.user_id, Booking.vendor_id).where(Booking.id == booking_id)
    return (await session.exec(rows)).first() or (None, None)
