"""Price categories whose seats entries of waitlists still wait for, as members see them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.dates import EventDate
from models.events.seats.charts import PriceCategory
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.ticket_types import TicketType, TicketTypeKind, TicketTypeState
from services.events.waitlist.access import managed_entries
from services.events.waitlist.free_seats import FreeSeats
from services.events.waitlist.rows import count_free
from services.viewer import Viewer


async def find_blocking_categories(
    session: AsyncSession, viewer: Viewer, entry_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[PriceCategory]]:
    """Return the categories with too few free seats for WAITING entries, for members alone."""
    waiting = managed_entries(viewer).where(
        col(WaitlistEntry.id).in_(entry_ids), WaitlistEntry.state == WaitlistState.WAITING
    )
    entries = (await session.exec(waiting)).all()
    types = await _find_seated_types(session, {entry.event_date_id for entry in entries})
    wanted = {id for of_date in types.values() for kind in of_date for id in kind.category_ids}
    seats = await count_free(session, list(types), wanted)
    rows = select(PriceCategory).where(col(PriceCategory.id).in_(wanted))
    categories = (await session.exec(rows.order_by(col(PriceCategory.position)))).all()
    found: dict[UUID, Sequence[PriceCategory]] = {id: [] for id in entry_ids}
    for entry in entries:
        of_date = {kind.id: kind for kind in types.get(entry.event_date_id, ())}
        accepted = [of_date[id] for id in entry.preferred(of_date)]
        blocked = _blocked(entry, accepted, seats.get(entry.event_date_id, FreeSeats()))
        found[entry.id] = [one for one in categories if one.id in blocked]
    return found


def _blocked(entry: WaitlistEntry, accepted: Sequence[TicketType], seats: FreeSeats) -> set[UUID]:
    least = max(entry.least, entry.accessible)
    blocked: set[UUID] = set()
    for kind in accepted:
        count = seats.count(kind.category_ids, entry.together, entry.accessible, least)
        if count < least:
            blocked.update(kind.category_ids)
    return blocked & {row.category_id for row in seats.rows}


async def _find_seated_types(
    session: AsyncSession, event_date_ids: set[UUID]
) -> Mapping[UUID, Sequence[TicketType]]:
    """Return the types with seats that users can wait for, by date with a chart."""
    rows = (
        select(EventDate.id, TicketType)
        .join(TicketType, col(TicketType.event_id) == col(EventDate.event_id))
        .where(
            col(EventDate.id).in_(event_date_ids),
            col(EventDate.chart_id).is_not(None),
            func.cardinality(TicketType.category_ids) > 0,
            TicketType.state == TicketTypeState.ACTIVE,
            TicketType.kind == TicketTypeKind.ADMISSION,
            ~col(TicketType.needs_code),
        )
        .order_by(col(TicketType.position), col(TicketType.id))
    )
    found: defaultdict[UUID, list[TicketType]] = defaultdict(list)
    for event_date_id, kind in await session.exec(rows):
        found[event_date_id].append(kind)
    return found
