"""Tickets and refunds of dates that could be cancelled, before they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.dates import EventDate, to_come
from models.events.events import Event
from models.events.tickets import Ticket, TicketState
from models.orders.lines import OrderLine
from services.events.access import managed_dates
from services.viewer import Viewer


@dataclass(frozen=True)
class DateClosing:
    """The valid tickets of a date, and the part of their price that was paid in orders."""

    tickets: int
    refund: int
    currency: str


async def quote_closings(
    session: AsyncSession, viewer: Viewer, date_ids: Sequence[UUID]
) -> Mapping[UUID, DateClosing]:
    """Return what a cancellation would end, of dates to come that the viewer manages.

    The refunds are those of `refund: ALL`, in minor units, without what goodwill has given back.
    """
    if viewer.optional_user_id is None:
        return {}
    managed: Any = managed_dates(viewer).with_only_columns(col(EventDate.id))
    line = _lines(date_ids)
    issued_for = col(OrderLine.id) == line.c.order_line_id
    total, kept = col(OrderLine.total), line.c.issued - line.c.valid
    refund = func.sum(total - total * kept // line.c.issued)  # as `part` of models/pricing
    rows = (
        select(col(EventDate.id), func.sum(line.c.valid), refund, col(Event.currency))
        .join(Event, col(Event.id) == col(EventDate.event_id))
        .outerjoin(line, line.c.event_date_id == col(EventDate.id))
        .outerjoin(OrderLine, issued_for)
        .where(col(EventDate.id).in_(date_ids), col(EventDate.id).in_(managed), to_come())
        .group_by(col(EventDate.id), col(Event.currency))
    )
    return {
        id: DateClosing(int(tickets or 0), int(amount or 0), currency)
        for id, tickets, amount, currency in await session.exec(rows)
    }


def _lines(date_ids: Sequence[UUID]) -> Any:
    """Count the tickets of each line, and those at the desk together."""
    valid = func.count().filter(and_(col(Ticket.state) == TicketState.VALID))
    grouped = (col(Ticket.event_date_id), col(Ticket.order_line_id))
    counted = select(*grouped, func.count().label("issued"), valid.label("valid"))
    return counted.where(col(Ticket.event_date_id).in_(date_ids)).group_by(*grouped).subquery()
