"""Access to series and their bookings: customers see their own, members those of their vendor."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from models.bookings.bookings import Booking
from models.bookings.series import BookingSeries
from models.errors import NotFound
from models.members import Permission
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def visible_series(viewer: Viewer) -> SelectOfScalar[BookingSeries]:
    """Select the viewer's series, and those at the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(BookingSeries)
    own = BookingSeries.user_id == viewer.user_id
    at_vendor = works_at(viewer.staff, col(BookingSeries.vendor_id), Permission.SEE_BOOKINGS)
    return select(BookingSeries).where(or_(own, at_vendor))


async def access_own_series(
    session: AsyncSession, viewer: Viewer, series_id: UUID
) -> BookingSeries:
    """Return a series of the viewer, locked. Raises `NotFound`."""
    own = BookingSeries.user_id == viewer.require_user()
    rows = for_change(select(BookingSeries).where(BookingSeries.id == series_id, own))
    series = (await session.exec(rows)).first()
    if series is None:
        raise NotFound
    return series


async def access_series(
    session: AsyncSession, viewer: Viewer, series_id: UUID
) -> tuple[BookingSeries, bool]:
    """Return a series of the viewer, or of a vendor whose bookings the viewer edits, and which."""
    user_id = viewer.require_user()
    series = await session.get(BookingSeries, series_id)
    if series is None:
        raise NotFound
    if series.user_id == user_id:
        return series, False
    await access_vendor(session, viewer, series.vendor_id, Permission.EDIT_BOOKINGS)
    return series, True


async def bookings_of(session: AsyncSession, series_id: UUID) -> Sequence[Booking]:
    """Return the bookings of a series by their numbers, the newest last of each."""
    rows = select(Booking).where(Booking.series_id == series_id)
    return (await session.exec(rows.order_by(col(Booking.number)))).all()


async def first_booking(session: AsyncSession, series_id: UUID) -> Booking | None:
    rows = select(Booking).where(Booking.series_id == series_id).order_by(col(Booking.number))
    return (await session.exec(rows.limit(1))).first()
