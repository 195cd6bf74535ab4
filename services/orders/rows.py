"""The rows of an order: its parts, lines and payments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.units import UnitOfWork
from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.payments import Payment, PaymentProvider
from services.orders.changes import publish_change


@dataclass(frozen=True)
class WholeOrder:
    """An order, which the caller has locked, with its rows in their order."""

    order: Order
    suborders: Sequence[SubOrder]
    lines: Sequence[OrderLine]
    payments: Sequence[Payment]

    @property
    def by_kind(self) -> Mapping[LineKind, Sequence[OrderLine]]:
        """Return the lines by kind, in the order in which the rows of kinds are locked."""
        found: defaultdict[LineKind, list[OrderLine]] = defaultdict(list)
        for line in self.lines:
            found[line.kind].append(line)
        return {kind: found[kind] for kind in LineKind if kind in found}

    @property
    def live_payments(self) -> Sequence[Payment]:
        return [one for one in self.payments if one.status.is_live]

    @property
    def wallet_amount(self) -> int:
        """Return what is taken from the buyer's wallet, in minor units."""
        return sum(one.amount for one in self.payments if one.provider is PaymentProvider.WALLET)


async def read_rows(session: AsyncSession, order: Order) -> WholeOrder:
    """Return the rows of a locked order, as they are now."""
    suborders = (
        select(SubOrder).where(SubOrder.order_id == order.id).order_by(col(SubOrder.position))
    )
    lines = (
        select(OrderLine)
        .join(SubOrder, col(SubOrder.id) == OrderLine.suborder_id)
        .where(SubOrder.order_id == order.id)
        .order_by(col(SubOrder.position), col(OrderLine.position))
    )
    payments = select(Payment).where(Payment.order_id == order.id).order_by(col(Payment.id))
    now = {"populate_existing": True}
    return WholeOrder(
        order,
        (await session.exec(suborders, execution_options=now)).all(),
        (await session.exec(lines, execution_options=now)).all(),
        (await session.exec(payments, execution_options=now)).all(),
    )


def publish(unit: UnitOfWork, rows: WholeOrder) -> None:
    """Publish a change to the buyer, and to the vendors, who see parts that are confirmed."""
    publish_change(unit, rows.order, rows.suborders if rows.order.confirmed_at else ())
