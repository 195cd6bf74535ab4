"""Refunds of a share of a line, by the terms of what was sold."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.timeline import OrderActor
from models.payments.refunds import Refund, RefundReason
from services.orders.handling.endings import follow_lines
from services.orders.kinds import LineUnits
from services.orders.refunds.amounts import Extra
from services.orders.refunds.granting import grant_refund, refund_units
from services.viewer import Viewer


async def refund_share(
    session: AsyncSession,
    order: Order,
    suborder: SubOrder,
    line: OrderLine,
    amount: int,
    *,
    whole_unit: bool,
    actor: OrderActor,
    viewer: Viewer | None = None,
    note: str | None = None,
) -> Refund | None:
    """Give the buyer an amount of a line back. The order and its parts are locked.

    A `whole_unit` goes out of the order with all that was paid for it; without, the amount is
    goodwill of the vendor, at most what is left of its part. Raises as `grant_refund`.
    """
    units: list[LineUnits] = []
    extras: list[Extra] = []
    amount = min(suborder.total - suborder.refunded, amount)
    if whole_unit:
        units = refund_units([(line, min(1, line.kept_units))], returned=False)
        units = [one for one in units if one.stop > one.start]
    elif amount:
        extras = [Extra(suborder.id, amount)]
    if not units and not extras:
        return None
    refund = await grant_refund(
        session,
        order,
        units,
        RefundReason.CANCELLED,
        actor=actor,
        viewer=viewer,
        note=note,
        extras=extras,
    )
    await follow_lines(session, order, suborder)
    return refund
