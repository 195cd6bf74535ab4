"""The timeline of an order, written with each step in its transaction."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.orders import Order, SubOrder
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from services.viewer import Viewer


def record_step(
    session: AsyncSession,
    order: Order,
    kind: OrderStepKind,
    actor: OrderActor,
    *,
    viewer: Viewer | None = None,
    suborder: SubOrder | None = None,
    note: str | None = None,
) -> None:
    """Record a step of an order, or of one vendor's part. Rules of the platform have no viewer."""
    session.add(
        OrderStep(
            order_id=order.id,
            suborder_id=suborder.id if suborder else None,
            kind=kind,
            actor=actor,
            user_id=viewer.user_id if viewer else None,
            note=note,
        )
    )
