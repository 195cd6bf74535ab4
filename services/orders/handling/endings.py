"""The end of orders: they are over when all of their parts are."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState, SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from services.orders.parts import find_lines, lock_parts
from services.orders.timeline import record_step


async def follow_lines(session: AsyncSession, order: Order, suborder: SubOrder) -> None:
    """Change the state of a part after its units changed, and end its order with it.

    A part without units to ship is CANCELLED if none was shipped, and SHIPPED else. One whose
    shipped units are all returned is RETURNED.
    """
    lines = await find_lines(session, suborder.id)
    state = _state_of(suborder, lines)
    if state is not suborder.state:
        suborder.become(state)
        if state is SubOrderState.SHIPPED:
            record_step(session, order, OrderStepKind.SHIPPED, OrderActor.VENDOR, suborder=suborder)
    await end_order(session, order)


def _state_of(suborder: SubOrder, lines: Sequence[OrderLine]) -> SubOrderState:
    shipped = sum(line.shipped for line in lines)
    if any(line.open_units for line in lines):
        return suborder.state
    if not shipped:
        return SubOrderState.CANCELLED
    if suborder.state in {SubOrderState.SHIPPED, SubOrderState.DELIVERED}:
        returned = sum(line.returned for line in lines)
        return SubOrderState.RETURNED if returned == shipped else suborder.state
    return SubOrderState.SHIPPED if suborder.can_be_cancelled else suborder.state


async def end_order(session: AsyncSession, order: Order) -> None:
    """End a confirmed order if all of its parts have ended. It is locked."""
    await session.flush()
    parts = await lock_parts(session, order)
    if order.state is not OrderState.CONFIRMED or not all(one.state.is_final for one in parts):
        return
    if all(one.state is SubOrderState.CANCELLED for one in parts):
        order.become(OrderState.CANCELLED)
    else:
        order.become(OrderState.COMPLETED)
        record_step(session, order, OrderStepKind.COMPLETED, OrderActor.PLATFORM)
