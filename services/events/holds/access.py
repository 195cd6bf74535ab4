"""Access to holds: to a user's own, and to those of a vendor's dates for its members."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.events.selling.holds import HoldLine, HoldSource, TicketHold
from models.events.ticket_types import TicketType, TicketTypeKind
from models.members import Permission
from services.vendors.access import works_at
from services.viewer import Viewer


def visible_holds(viewer: Viewer) -> SelectOfScalar[TicketHold]:
    """Select the viewer's holds, and those of dates of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(TicketHold)
    own = TicketHold.user_id == viewer.user_id
    at_vendor = works_at(viewer.staff, col(TicketHold.vendor_id), Permission.SEE_TICKETS)
    return select(TicketHold).where(or_(own, at_vendor))


def list_holds(viewer: Viewer) -> Listing[TicketHold]:
    """List the viewer's own holds, the newest first, without those that sales at the desk made."""
    rows = select(TicketHold).where(
        TicketHold.user_id == viewer.require_user(), TicketHold.source != HoldSource.DESK
    )
    return Listing(rows, newest_first(TicketHold))


OWN_HOLD = Statement(
    for_change(
        select(*columns_of(TicketHold)).where(
            col(TicketHold.id) == bindparam("id"), col(TicketHold.user_id) == bindparam("user_id")
        )
    ),
    TicketHold,
)
_LINE: list[Any] = [
    *columns_of(HoldLine),
    (col(TicketType.kind) == TicketTypeKind.ADMISSION).label("counts"),
]
# With `counts`, whether the tickets of the line count for the limit of a buyer.
LINES = Statement(
    select(*_LINE)
    .join(TicketType, col(TicketType.id) == col(HoldLine.ticket_type_id))
    .where(any_of(col(HoldLine.hold_id)))
    .order_by(col(HoldLine.hold_id), col(HoldLine.position))
)


async def lock_own_hold(unit: UnitOfWork, viewer: Viewer, hold_id: UUID) -> TicketHold:
    """Return a hold of the viewer, locked. Raises `NotFound`."""
    user_id = viewer.require_user()
    hold = await OWN_HOLD.fetch_one(await connection_of(unit), id=hold_id, user_id=user_id)
    if hold is None:
        raise NotFound
    return hold
