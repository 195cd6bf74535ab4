"""Access to waits: users see their own, and members those at their vendor."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.bookings.waits import BookingWait, BookingWaitState
from models.errors import NotFound
from models.members import Permission
from services.journal.topics import agenda_topic, user_topic
from services.vendors.access import works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class BookingWaitFilter:
    """Conditions of a list of waits, None for all."""

    states: Collection[BookingWaitState] | None = None
    service_id: UUID | None = None


def visible_waits(viewer: Viewer) -> SelectOfScalar[BookingWait]:
    """Select the viewer's waits, and those at the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(BookingWait)
    own = BookingWait.user_id == viewer.user_id
    at_vendor = works_at(viewer.staff, col(BookingWait.vendor_id), Permission.SEE_BOOKINGS)
    return select(BookingWait).where(or_(own, at_vendor))


def list_own_waits(viewer: Viewer) -> Listing[BookingWait]:
    """List the viewer's own waits, the newest first."""
    user_id = viewer.require_user()
    rows = select(BookingWait).where(BookingWait.user_id == user_id)
    return Listing(rows, newest_first(BookingWait), topics=[user_topic(user_id)])


def list_waits_at(
    viewer: Viewer, vendor_id: UUID, wanted: BookingWaitFilter
) -> Listing[BookingWait]:
    """List the waits at a vendor, the newest first: empty for all but members and admins."""
    viewer.require_user()
    rows = select(BookingWait).where(BookingWait.vendor_id == vendor_id)
    if not viewer.admin:
        here = works_at(viewer.staff, col(BookingWait.vendor_id), Permission.SEE_BOOKINGS)
        rows = rows.where(here)
    if wanted.states is not None:
        rows = rows.where(col(BookingWait.state).in_(wanted.states))
    if wanted.service_id is not None:
        rows = rows.where(BookingWait.service_id == wanted.service_id)
    return Listing(rows, newest_first(BookingWait), topics=[agenda_topic(vendor_id)])


async def lock_own_wait(session: AsyncSession, viewer: Viewer, wait_id: UUID) -> BookingWait:
    """Return a wait of the viewer, locked. Raises `NotFound`."""
    own = BookingWait.user_id == viewer.require_user()
    rows = for_change(select(BookingWait).where(BookingWait.id == wait_id, own))
    wait = (await session.exec(rows)).first()
    if wait is None:
        raise NotFound
    return wait
