"""Issuing tickets for the lines of a hold, with the policies of the moment."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.ids import new_id
from core.security.codes import new_code
from core.statements.inserts import insert_rows
from core.statements.units import UnitOfWork, connection_of
from models.events.changes import EventChangeKind
from models.events.dates import EventDate
from models.events.events import Event, TransferPolicy
from models.events.selling.holds import HoldLine, TicketHold
from models.events.tickets import Ticket, TicketSource
from models.pricing.amounts import split
from services.events.announcing import record_change
from services.events.entries import TicketChanged
from services.events.seats.places import sell_places
from services.journal import append as journal
from services.journal.topics import user_topic


async def issue_tickets(
    unit: UnitOfWork,
    event: Event,
    date: EventDate,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    *,
    source: TicketSource = TicketSource.ORDER,
    order_lines: Mapping[UUID, UUID] | None = None,
    holder_id: UUID | None = None,
) -> list[Ticket]:
    """Issue the tickets of a hold that is locked. What they count in was taken by the hold.

    `order_lines` are the ids of the lines of an order by those of the hold's lines. `holder_id` is
    that of tickets of the desk, whose seller is not their buyer.
    """
    ordered = source is TicketSource.ORDER
    given: dict[str, Any] = {
        "event_date_id": date.id,
        "vendor_id": date.vendor_id,
        "hold_id": hold.id,
        "source": source,
        "buyer_id": hold.user_id if ordered else None,
        "holder_id": hold.user_id if ordered else holder_id,
        "currency": hold.currency,
        **policies(event, date),
    }
    paid_by = order_lines or {}
    tickets = [one for line in lines for one in _tickets_of(line, given, paid_by.get(line.id))]
    await insert_rows(await connection_of(unit), tickets)
    await sell_places(unit, date.id, {one.seat_id: one.id for one in tickets if one.seat_id})
    await record_change(unit, date.id, EventChangeKind.SOLD, [one.id for one in tickets])
    for ticket in tickets:
        if ticket.holder_id is not None:
            journal.append(unit, TicketChanged(ticket.id), to=[user_topic(ticket.holder_id)])
    return tickets


def policies(event: Event, date: EventDate) -> Mapping[str, Any]:
    """Return the policies of an event as a ticket keeps them."""
    return {
        "transfer": event.transfer,
        "transfer_until": _before(
            date, event.transfer_hours if event.transfer is TransferPolicy.UNTIL else 0
        ),
        "refund_until": _before(date, event.refund_hours),
        "refund_bps": event.refund_bps if event.refund_hours is not None else 0,
    }


def _before(date: EventDate, hours: int | None) -> datetime | None:
    return None if hours is None else date.starts_at - timedelta(hours=hours)


def _tickets_of(
    line: HoldLine, given: Mapping[str, Any], order_line_id: UUID | None
) -> Iterator[Ticket]:
    """Yield the tickets of a line. Those of a group share its price."""
    for _ in range(line.quantity):
        for price in split(line.price, [1] * line.admits):
            yield Ticket(
                id=new_id(),
                ticket_type_id=line.ticket_type_id,
                tier_id=line.tier_id,
                seat_id=line.seat_id,
                order_line_id=order_line_id,
                code=new_code(),
                price=price,
                quota_ids=line.quota_ids,
                **given,
            )
