"""Access to entries of waitlists: a user's own, and those of a vendor's dates for its members."""

from typing import Any
from uuid import UUID

from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.errors import NotFound
from models.events.dates import EventDate
from models.events.seats.seat_maps import SeatRow
from models.events.selling.waitlist import WaitlistEntry
from models.events.ticket_types import (
    TicketQuota,
    TicketType,
    TicketTypeKind,
    TicketTypeState,
    TypeQuota,
)
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import Viewer


def visible_entries(viewer: Viewer) -> SelectOfScalar[WaitlistEntry]:
    """Select the viewer's entries, and those of dates of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(WaitlistEntry)
    own = WaitlistEntry.user_id == viewer.user_id
    return select(WaitlistEntry).where(or_(own, _at_vendor_of(viewer)))


def list_own_entries(viewer: Viewer) -> Listing[WaitlistEntry]:
    """List the viewer's own entries, the newest first."""
    rows = select(WaitlistEntry).where(WaitlistEntry.user_id == viewer.require_user())
    return Listing(rows, newest_first(WaitlistEntry))


def list_waitlist(viewer: Viewer, event_date_id: UUID) -> Listing[WaitlistEntry]:
    """List the waitlist of a date, the newest first: empty for all but members and admins."""
    viewer.require_user()
    rows = managed_entries(viewer).where(WaitlistEntry.event_date_id == event_date_id)
    return Listing(rows, newest_first(WaitlistEntry))


def managed_entries(viewer: Viewer) -> SelectOfScalar[WaitlistEntry]:
    """Select the entries of dates of the viewer's vendors. Admins see all."""
    rows = select(WaitlistEntry)
    return rows if viewer.admin else rows.where(_at_vendor_of(viewer))


def _at_vendor_of(viewer: Viewer) -> Any:
    dates = select(EventDate.id).where(
        works_at(viewer.staff, col(EventDate.vendor_id), Permission.SEE_TICKETS)
    )
    return col(WaitlistEntry.event_date_id).in_(dates)


async def lock_own_entry(session: AsyncSession, viewer: Viewer, entry_id: UUID) -> WaitlistEntry:
    """Return an entry of the viewer, locked. Raises `NotFound`."""
    rows = select(WaitlistEntry).where(
        WaitlistEntry.id == entry_id, WaitlistEntry.user_id == viewer.require_user()
    )
    entry = (await session.exec(for_change(rows))).first()
    if entry is None:
        raise NotFound
    return entry


async def find_waitable_types(session: AsyncSession, event_date_id: UUID) -> list[UUID]:
    """Return the types of a date that users can wait for, in their order.

    They need no code, and have seats on the date, or a quota of it.
    """
    has_quota = (
        select(TypeQuota.quota_id)
        .join(TicketQuota, col(TicketQuota.id) == col(TypeQuota.quota_id))
        .where(
            col(TypeQuota.ticket_type_id) == col(TicketType.id),
            TicketQuota.event_date_id == event_date_id,
        )
    )
    has_seats = select(SeatRow.row_id).where(
        SeatRow.event_date_id == event_date_id,
        col(SeatRow.category_id) == func.any(TicketType.category_ids),
    )
    unseated = or_(
        col(EventDate.chart_id).is_(None), func.cardinality(TicketType.category_ids) == 0
    )
    rows = (
        select(TicketType.id)
        .join(EventDate, col(EventDate.event_id) == col(TicketType.event_id))
        .where(
            EventDate.id == event_date_id,
            TicketType.state == TicketTypeState.ACTIVE,
            TicketType.kind == TicketTypeKind.ADMISSION,
            ~col(TicketType.needs_code),
            or_(has_seats.exists(), and_(unseated, has_quota.exists())),
        )
        .order_by(col(TicketType.position), col(TicketType.id))
    )
    return list(await session.exec(rows))
