"""The amount that was paid for a ticket in an order, and its refund, the way it was paid."""

from dataclasses import dataclass
from fractions import Fraction

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.tickets import Ticket, TicketState
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.timeline import OrderActor
from models.payments.refunds import Refund
from models.pricing.amounts import half_up, part
from services.orders.access import lock_order
from services.orders.handling.on_site import ship_on_site
from services.orders.parts import find_lines, lock_parts
from services.orders.refunds.locking import lock_codes_and_wallets
from services.orders.refunds.shares import refund_share
from services.viewer import Viewer


@dataclass(frozen=True)
class PaidTicket:
    """The place of a ticket among those of the line in which it was ordered."""

    line: OrderLine
    tickets: int
    place: int
    cancelled: int

    @property
    def total(self) -> int:
        """Return what was paid for the ticket, after discounts."""
        return part(self.line.total, self.tickets, self.place, self.place + 1)

    @property
    def price(self) -> int:
        """Return what was paid without the tax that was added."""
        added = part(self.line.tax_added, self.tickets, self.place, self.place + 1)
        return self.total - added

    @property
    def is_unit(self) -> bool:
        """Return whether the ticket is a unit of the line, not one of a group."""
        return self.tickets == self.line.quantity

    @property
    def is_refunded(self) -> bool:
        """Return whether nothing of the line is left that could be refunded."""
        return not self.line.open_units + self.line.kept_units

    @property
    def is_repaid(self) -> bool:
        """Return whether the vendor has refunded more units than tickets were cancelled.

        Then they were for this ticket, too.
        """
        return self.line.refunded * (self.tickets // self.line.quantity) > self.cancelled


async def read_paid(session: AsyncSession, ticket: Ticket) -> PaidTicket | None:
    """Return what was paid for a ticket, None if it was not ordered."""
    if ticket.order_line_id is None:
        return None
    line = await session.get_one(OrderLine, ticket.order_line_id, populate_existing=True)
    counted = select(
        func.count(),
        func.count().filter(col(Ticket.id) < ticket.id),
        func.count().filter(col(Ticket.state) == TicketState.CANCELLED),
    ).where(Ticket.order_line_id == line.id)
    tickets, place, cancelled = (await session.exec(counted)).one()
    return PaidTicket(line, tickets, place, cancelled)


async def lock_order_of(session: AsyncSession, ticket: Ticket) -> Order | None:
    """Lock the order in which a ticket was sold, and what its refund gives back.

    None if it was sold in none.
    """
    if ticket.order_line_id is None:
        return None
    rows = (
        select(SubOrder.order_id)
        .join(OrderLine, col(OrderLine.suborder_id) == col(SubOrder.id))
        .where(OrderLine.id == ticket.order_line_id)
    )
    order = await lock_order(session, (await session.exec(rows)).one())
    if order is not None:
        await lock_codes_and_wallets(session, [order.id])
    return order


async def refund_ticket(
    session: AsyncSession,
    order: Order,
    ticket: Ticket,
    share: Fraction,
    *,
    actor: OrderActor,
    viewer: Viewer | None = None,
    note: str | None = None,
) -> Refund | None:
    """Give the buyer back a share of what was paid for a ticket. The order is locked.

    All of it takes the unit out of the order. Raises as `grant_refund`.
    """
    parts = await lock_parts(session, order)
    await find_lines(session, *(one.id for one in parts))
    paid = await read_paid(session, ticket)
    if paid is None or not share or paid.is_repaid:
        return None
    line = paid.line
    suborder = next(one for one in parts if one.id == line.suborder_id)
    await ship_on_site(session, order, suborder)
    return await refund_share(
        session,
        order,
        suborder,
        line,
        half_up(paid.total * share.numerator, share.denominator),
        whole_unit=share == 1 and paid.is_unit,
        actor=actor,
        viewer=viewer,
        note=note,
    )
