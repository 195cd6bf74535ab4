"""Held tickets as lines of orders: the rules that orders call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, literal_column
from sqlmodel import case, col, func, select

from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.dates import EventDate, EventDateState
from models.events.selling.holds import HeldTicketsChanged, HoldLine
from models.events.tickets import Ticket
from models.orders.lines import OrderLine
from models.orders.orders import Order
from services import jobs
from services.events.holds.pricing import price_holds
from services.events.holds.selling import (
    OF_ORDER,
    check_out_holds,
    give_up_holds,
    read_lines,
    retake_holds,
    sell_holds,
)
from services.events.tickets.ending import cancel_units
from services.orders.kinds import LineUnits, Priced, Wanted
from services.viewer import Viewer

_TOMORROW = literal_column("now() + interval '1 day'", DateTime(timezone=True))
_POSTPONED = col(EventDate.state) == EventDateState.POSTPONED, _TOMORROW
OVER_AT = Statement(
    select(func.max(case(_POSTPONED, else_=col(EventDate.ends_at))).label("over_at"))
    .join(Ticket, col(Ticket.event_date_id) == col(EventDate.id))
    .join(OrderLine, col(OrderLine.id) == col(Ticket.order_line_id))
    .where(col(OrderLine.suborder_id) == bindparam("suborder_id", type_=Uuid()))
)
HOLD_IDS = Statement(select(col(HoldLine.hold_id)).where(any_of(col(HoldLine.id))).distinct())


class HeldTickets:
    """The rules of tickets. A wanted thing is a hold, and each of its lines is one of the order."""

    async def price(self, unit: UnitOfWork, viewer: Viewer, wanted: Sequence[Wanted]) -> Priced:
        return await price_holds(unit, viewer, wanted)

    async def take(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Put the holds into the order. One that expired and is paid late takes them again.

        Raises `HeldTicketsChanged` for an open hold that was changed after it was priced,
        `HoldExpired` for one that has ended, and the refusals of `retake_holds`.
        """
        connection = await connection_of(unit)
        if await OF_ORDER.fetch(connection, for_order=order.id):
            await retake_holds(unit, order.id)
            return
        wanted = {line.ref_id for line in lines}
        hold_ids = [row["hold_id"] for row in await HOLD_IDS.fetch(connection, keys=sorted(wanted))]
        await check_out_holds(unit, order.user_id, order.id, hold_ids)
        if await _line_ids(unit, hold_ids) != wanted:
            raise HeldTicketsChanged

    async def line_paid(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Issue the tickets, in the transaction that confirms the order."""
        await sell_holds(unit, order.id, {line.ref_id: line.id for line in lines})
        await jobs.defer(unit, "deliver_on_site", order_id=order.id)
        await jobs.defer(unit, "mail_tickets", order_id=order.id)

    async def line_failed(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        await give_up_holds(unit, order.id)

    async def line_refunded(
        self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]
    ) -> None:
        """Change nothing: a refund never ends a ticket, `cancelTicket` does."""

    async def goodwill_granted(self, unit: UnitOfWork, left: Mapping[UUID, int]) -> None:
        """Change nothing: a refund of a ticket is at most what is left of its part."""

    async def over_at(self, unit: UnitOfWork, suborder_id: UUID) -> datetime | None:
        """Return the end of the last date. One that is postponed is looked at after a day."""
        rows = await OVER_AT.fetch(await connection_of(unit), suborder_id=suborder_id)
        end: datetime | None = rows[0]["over_at"]
        return end

    async def take_back(self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]) -> None:
        """Cancel the tickets of units that are cancelled, so that they can be sold again."""
        await cancel_units(unit, units)


async def _line_ids(unit: UnitOfWork, hold_ids: Sequence[UUID]) -> set[UUID]:
    """Return the ids of the lines of holds that are locked."""
    found = await read_lines(unit, hold_ids)
    return {line.id for of_hold in found.values() for line in of_hold}
