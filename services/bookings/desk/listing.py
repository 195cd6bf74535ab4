"""The bookings of a vendor, searched by the names of customers and by what is known of guests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.keyset import Listing, newest_first
from core.security.sealed import Sealer
from core.text.search_text import searchable
from models.bookings.bookings import Booking, BookingSource
from models.bookings.moves import BookingResource
from models.identity.accounts import User
from services.bookings.agenda.access import find_agenda_vendor
from services.bookings.guests import GUEST_COLUMNS, open_guest
from services.bookings.holding.access import BookingFilter
from services.journal.topics import agenda_topic
from services.search import contains_all
from services.viewer import Viewer

MAX_SEARCHED_GUESTS = 2_000  # of a vendor, the latest first: they are sealed, so each is opened


@dataclass(frozen=True)
class VendorBookingFilter:
    """Conditions of a vendor's list of bookings, None for all."""

    bookings: BookingFilter = field(default_factory=BookingFilter)
    service_id: UUID | None = None
    resource_id: UUID | None = None
    sources: Collection[BookingSource] | None = None
    search: str | None = None


async def list_vendor_bookings(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    vendor_id: UUID,
    wanted: VendorBookingFilter,
) -> Listing[Booking]:
    """List the bookings of a vendor for its members, the latest start first."""
    vendor = await find_agenda_vendor(session, viewer, vendor_id)
    rows = wanted.bookings.narrow(select(Booking).where(Booking.vendor_id == vendor.id))
    if wanted.service_id is not None:
        rows = rows.where(Booking.service_id == wanted.service_id)
    if wanted.sources is not None:
        rows = rows.where(col(Booking.source).in_(wanted.sources))
    if wanted.resource_id is not None:
        of_booking = col(BookingResource.booking_id) == col(Booking.id)
        uses = BookingResource.resource_id == wanted.resource_id
        rows = rows.where(exists_in(BookingResource, of_booking, uses))
    if wanted.search is not None:
        rows = await _search(session, sealer, rows, vendor.id, wanted.search)
    by_start = newest_first(Booking, col(Booking.starts_at))
    return Listing(rows, by_start, topics=[agenda_topic(vendor.id)])


async def _search(
    session: AsyncSession,
    sealer: Sealer,
    rows: SelectOfScalar[Booking],
    vendor_id: UUID,
    search: str,
) -> SelectOfScalar[Booking]:
    named = contains_all(col(User.search_text), search)
    is_user = exists_in(User, col(User.id) == col(Booking.user_id), named)
    guests = await _find_guests(session, sealer, vendor_id, search)
    return rows.where(or_(is_user, col(Booking.id).in_(guests)))


async def _find_guests(
    session: AsyncSession, sealer: Sealer, vendor_id: UUID, search: str
) -> Sequence[UUID]:
    """Return the bookings of guests whose name, address or number has all words of a text."""
    rows = (
        select(Booking)
        .where(Booking.vendor_id == vendor_id, col(Booking.guest_name).is_not(None))
        .order_by(col(Booking.ends_at).desc())
        .limit(MAX_SEARCHED_GUESTS)
    )
    words = searchable(search).split()
    return [
        one.id
        for one in (await session.exec(rows)).all()
        if _matches(_guest_text(sealer, one), words)
    ]


def _guest_text(sealer: Sealer, booking: Booking) -> str:
    return searchable(*(open_guest(sealer, booking, column) or "" for column in GUEST_COLUMNS))


def _matches(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
