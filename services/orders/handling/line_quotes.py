"""Units of lines that their buyers can cancel, with the refund, before they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState
from services.downloads.rights.taken import find_taken
from services.orders.access import visible_orders
from services.orders.handling.cancel_quotes import cancellable, find_delivered
from services.viewer import Viewer


@dataclass(frozen=True)
class LineQuote:
    """A line with units that `cancelOrderLines` takes out of its order now.

    `delivery` is whether their share of it has not gone back yet, and `left` what was not refunded
    of the vendor's part, in minor units of the currency.
    """

    line: OrderLine
    delivery: bool
    left: int
    currency: str

    @property
    def units(self) -> int:
        return self.line.open_units

    def refund(self, units: int) -> int | None:
        """Return what goes back for the last units. None if so many cannot be cancelled."""
        if not 1 <= units <= self.units:
            return None
        stop = self.line.quantity - self.line.cancelled
        return min(self.line.amount_of(stop - units, stop, delivery=self.delivery), self.left)


async def quote_lines(
    session: AsyncSession, viewer: Viewer, line_ids: Sequence[UUID]
) -> Mapping[UUID, LineQuote]:
    """Return the quotes of lines of paid orders that the viewer placed. Admins get all.

    Lines without a unit to cancel are left out. Nothing is locked: a unit can be shipped
    in between.
    """
    if viewer.optional_user_id is None:
        return {}
    mine = visible_orders(viewer).with_only_columns(col(Order.id))
    rows = (
        select(OrderLine, SubOrder, Order.currency)
        .join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
        .join(Order, col(Order.id) == col(SubOrder.order_id))
        .where(
            col(OrderLine.id).in_(line_ids),
            col(Order.id).in_(mine),
            Order.state == OrderState.CONFIRMED,
        )
    )
    found = (await session.exec(rows)).all()
    taken = await find_taken(session, [line for line, _, _ in found if line.open_units], lock=False)
    delivered = await find_delivered(session, [part for _, part, _ in found])
    return {
        line.id: LineQuote(line, part.id not in delivered, part.total - part.refunded, currency)
        for line, part, currency in found
        if cancellable(part, [line], taken)
    }
