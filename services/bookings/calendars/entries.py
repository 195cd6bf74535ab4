"""The entries of feeds: bookings and meetings, without notes and phone numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_five  # SQLModel's has types for four
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.writing import CalendarEntry, EntryStatus
from core.errors import UserMessage
from core.security.sealed import Sealer
from core.web.web_addresses import contains_web_address
from models.base import localized
from models.bookings.bookings import Booking, BookingState
from models.bookings.classes import ClassMeeting, MeetingState
from models.bookings.feeds import (
    CANCELLED_DAYS,
    MAX_FEED_ENTRIES,
    PAST_DAYS,
    CalendarFeed,
    FeedScope,
)
from models.bookings.moves import BookingResource
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import Service, StaffChoice
from models.identity.accounts import User
from models.vendors import Vendor
from services.bookings.guests import open_guest
from services.i18n import translate

TENTATIVE = {BookingState.REQUESTED, BookingState.PENDING_PAYMENT}
SHOWN = {BookingState.CONFIRMED, BookingState.COMPLETED, BookingState.NO_SHOW, *TENTATIVE}


class FeedContent(NamedTuple):
    """A feed's entries, with the locales of its user and the time zone of the calendar."""

    entries: Sequence[CalendarEntry]
    locales: list[str]
    time_zone: str


async def read_entries(
    session: AsyncSession, sealer: Sealer, feed: CalendarFeed, moment: datetime
) -> FeedContent:
    """Return the entries from 30 days ago on, the earliest first, at most 1,000."""
    user = await session.get_one(User, feed.user_id)
    locales = [user.locale]
    found = await _read_bookings(session, sealer, feed, moment, locales)
    zone = user.time_zone
    if feed.vendor_id is not None:
        found += await _read_meetings(session, feed, moment, locales)
        found.sort(key=lambda entry: (entry.starts_at, entry.uid))
        zone = (await session.get_one(Vendor, feed.vendor_id)).time_zone
    entries = found[:MAX_FEED_ENTRIES]
    return FeedContent(entries, locales, zone or (entries[0].time_zone if entries else "UTC"))


async def _read_bookings(
    session: AsyncSession,
    sealer: Sealer,
    feed: CalendarFeed,
    moment: datetime,
    locales: list[str],
) -> list[CalendarEntry]:
    is_own = feed.scope is FeedScope.MINE
    rows = (
        select_five(Booking, Service, Vendor, User, Resource)
        .join(Service, col(Service.id) == col(Booking.service_id))
        .join(Vendor, col(Vendor.id) == col(Booking.vendor_id))
        .outerjoin(User, col(User.id) == col(Booking.user_id))
        .outerjoin(Resource, col(Resource.id) == col(Booking.staff_id))
        .where(
            *_of_feed(feed),
            col(Booking.starts_at) > moment - timedelta(days=PAST_DAYS),
            or_(
                col(Booking.state).in_(SHOWN),
                and_(
                    Booking.state == BookingState.CANCELLED,
                    col(Booking.confirmed_at).is_not(None),
                    col(Booking.ended_at) > moment - timedelta(days=CANCELLED_DAYS),
                ),
            ),
        )
        .order_by(col(Booking.starts_at), col(Booking.id))
        .limit(MAX_FEED_ENTRIES)
    )
    return [
        _booking_entry(
            booking,
            service=_name(service, locales),
            vendor=vendor,
            customer=None if is_own else _customer(sealer, booking, user),
            staff=None if is_own and service.staff_choice is StaffChoice.HIDDEN else staff,
            locales=locales,
        )
        for booking, service, vendor, user, staff in await session.execute(rows)
    ]


def _of_feed(feed: CalendarFeed) -> list[ColumnElement[bool]]:
    """Return the conditions on bookings. Those of a class are shown as its meeting to a vendor."""
    if feed.scope is FeedScope.MINE:
        return [col(Booking.user_id) == feed.user_id]
    of_vendor = [col(Booking.vendor_id) == feed.vendor_id, col(Booking.meeting_id).is_(None)]
    if feed.scope is FeedScope.VENDOR:
        return of_vendor
    used = select(BookingResource.booking_id).where(BookingResource.resource_id == feed.resource_id)
    return [*of_vendor, col(Booking.id).in_(used)]


async def find_entry(session: AsyncSession, booking: Booking, locales: list[str]) -> CalendarEntry:
    """Return the entry of a booking in its customer's calendar, with no link made of a name."""
    service = await session.get_one(Service, booking.service_id)
    is_named = booking.staff_id is not None and service.staff_choice is not StaffChoice.HIDDEN
    staff = await session.get(Resource, booking.staff_id) if is_named else None
    entry = _booking_entry(
        booking,
        service=_name(service, locales),
        vendor=await session.get_one(Vendor, booking.vendor_id),
        customer=None,
        staff=staff,
        locales=locales,
    )
    return entry._replace(
        title=_without_link(entry.title, translate(UserMessage("a service"), locales)),
        place=_without_link(entry.place),
        details=_without_link(entry.details),
    )


def _without_link(shown: str, otherwise: str = "") -> str:
    """Return a text that is mailed, or another if a mail program would make a link of it."""
    return otherwise if contains_web_address(shown) else shown


def _booking_entry(
    booking: Booking,
    *,
    service: str,
    vendor: Vendor,
    customer: str | None,
    staff: Resource | None,
    locales: list[str],
) -> CalendarEntry:
    status = EntryStatus.CONFIRMED
    if booking.state in TENTATIVE:
        status = EntryStatus.TENTATIVE
    elif booking.state not in SHOWN:
        status = EntryStatus.CANCELLED
    known = (booking.created_at, booking.confirmed_at, booking.ended_at)
    return CalendarEntry(
        uid=str(booking.id),
        sequence=booking.revision + (status is EntryStatus.CANCELLED),
        status=status,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.time_zone,
        changed_at=max(one for one in known if one is not None),
        title=f"{service} · {vendor.name if customer is None else customer}",
        place=", ".join(vendor.formatted) if customer is None else "",
        details=translate(UserMessage("With {staff}", staff=staff.name), locales) if staff else "",
    )


def _customer(sealer: Sealer, booking: Booking, user: User | None) -> str:
    if user is not None:
        return user.name
    return open_guest(sealer, booking, "guest_name") or "-"


async def _read_meetings(
    session: AsyncSession, feed: CalendarFeed, moment: datetime, locales: list[str]
) -> list[CalendarEntry]:
    rows = (
        select(ClassMeeting, Service, _zone_of_meeting())
        .join(Service, col(Service.id) == col(ClassMeeting.service_id))
        .where(
            ClassMeeting.vendor_id == feed.vendor_id,
            ClassMeeting.starts_at > moment - timedelta(days=PAST_DAYS),
            or_(ClassMeeting.state != MeetingState.CANCELLED, col(ClassMeeting.starts_at) > moment),
        )
        .order_by(col(ClassMeeting.starts_at), col(ClassMeeting.id))
        .limit(MAX_FEED_ENTRIES)
    )
    if feed.resource_id is not None:
        of_resource = (
            col(ClassMeeting.staff_id) == feed.resource_id,
            col(ClassMeeting.room_id) == feed.resource_id,
        )
        rows = rows.where(or_(*of_resource))
    return [
        _meeting_entry(meeting, _name(service, locales), zone)
        for meeting, service, zone in (await session.exec(rows)).all()
    ]


def _zone_of_meeting() -> ColumnElement[str]:
    """Return the zone of a meeting's staff or room, else the vendor's."""
    used = func.coalesce(col(ClassMeeting.staff_id), col(ClassMeeting.room_id))
    of_resource = select(Resource.time_zone).where(col(Resource.id) == used).scalar_subquery()
    of_vendor = (
        select(Vendor.time_zone)
        .where(col(Vendor.id) == col(ClassMeeting.vendor_id))
        .scalar_subquery()
    )
    return func.coalesce(of_resource, of_vendor)


def _meeting_entry(meeting: ClassMeeting, service: str, zone: str) -> CalendarEntry:
    cancelled = meeting.state is MeetingState.CANCELLED
    return CalendarEntry(
        uid=str(meeting.id),
        sequence=0,
        status=EntryStatus.CANCELLED if cancelled else EntryStatus.CONFIRMED,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        time_zone=zone,
        changed_at=meeting.created_at,
        title=f"{service} · {meeting.taken}/{meeting.seats}",
    )


def _name(service: Service, locales: list[str]) -> str:
    return localized(service.name, locales, service.locale)
