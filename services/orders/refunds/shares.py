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
from services.orders.refunds.ways import find_taken_back
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
    goodwill of the vendor, at most what is left of its part. A bank that has decided for the buyer
    has given the money back already: what it took is not refunded again. Raises as `grant_refund`.
    """
    units: list[LineUnits] = []
    extras: list[Extra] = []
    left = suborder.total - suborder.refunded
    not_taken = left - await find_taken_back(session, suborder)
    amount = min(left, amount)
    if whole_unit and amount <= not_taken:
        units = refund_units([(line, min(1, line.kept_units))], returned=False)
        units = [one for one in units if one.stop > one.start]
    elif amount := min(amount, not_taken):
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
