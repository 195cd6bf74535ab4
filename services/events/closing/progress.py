"""How far a change of a date is carried out, and another try of its refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.date_changes import DateChange, TicketRefund, TicketRefundState
from models.events.dates import EventDate
from services import jobs
from services.events.access import access_managed_date, visible_date_changes
from services.viewer import Viewer


@dataclass(frozen=True)
class RefundCounts:
    """Refunds by state."""

    due: int = 0
    granted: int = 0
    refused: int = 0


NO_REFUNDS = RefundCounts()


async def count_refunds(
    session: AsyncSession, _: Viewer, change_ids: Sequence[UUID]
) -> Mapping[UUID, RefundCounts]:
    """Count the refunds of changes, which the viewer was found to see."""
    rows = (
        select(TicketRefund.change_id, TicketRefund.state, func.count())
        .where(col(TicketRefund.change_id).in_(change_ids))
        .group_by(col(TicketRefund.change_id), col(TicketRefund.state))
    )
    counts: dict[UUID, dict[str, int]] = {}
    for change_id, state, number in await session.exec(rows):
        counts.setdefault(change_id, {})[state.lower()] = number
    return {id: RefundCounts(**given) for id, given in counts.items()}


async def find_latest_changes(
    session: AsyncSession, viewer: Viewer, date_ids: Sequence[UUID]
) -> Mapping[UUID, DateChange]:
    """Return the newest change of each date that the viewer manages."""
    if viewer.optional_user_id is None:
        return {}
    rows = visible_date_changes(viewer).where(col(DateChange.event_date_id).in_(date_ids))
    oldest_first = rows.order_by(col(DateChange.revision))
    return {one.event_date_id: one for one in await session.exec(oldest_first)}


async def retry_ticket_refunds(
    session: AsyncSession, viewer: Viewer, *, event_date_id: UUID
) -> EventDate:
    """Try refunds of a cancelled date again that orders have refused."""
    _, date = await access_managed_date(session, viewer, event_date_id)
    rows = select(DateChange.id).where(DateChange.event_date_id == event_date_id)
    for change_id in (await session.exec(rows)).all():
        refused = update(TicketRefund).where(
            col(TicketRefund.change_id) == change_id,
            col(TicketRefund.state) == TicketRefundState.REFUSED,
        )
        again = refused.values(state=TicketRefundState.DUE, code=None)
        if (await session.exec(again.returning(col(TicketRefund.id)))).first() is not None:
            await jobs.defer(session, "carry_out_date_change", change_id=change_id)
    return date
