"""Orders that their buyers cancel."""

from uuid import UUID

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.orders import Order
from models.orders.timeline import OrderActor, StepNote
from services import idempotency
from services.orders.access import access_order
from services.orders.cancelling import cancel_paid_order
from services.orders.rows import read_rows
from services.orders.unpaid import cancel_unpaid
from services.viewer import Viewer


class CancelDraft(BaseModel, frozen=True):
    """Validated input of a cancellation."""

    reason: StepNote | None = None


async def cancel_order(
    session: AsyncSession,
    viewer: Viewer,
    draft: CancelDraft,
    *,
    order_id: UUID,
    idempotency_key: str,
) -> Order:
    """Cancel an order of its buyer, once per idempotency key.

    One that is not paid returns what it holds. Of a paid one, all that is not shipped is cancelled
    and refunded. Raises `InvalidOrderState`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "cancelOrder",
        idempotency_key,
        order_id=order_id,
        reason=draft.reason,
    )
    order = await access_order(session, viewer, order_id)
    if claimed.replayed:
        return order
    if order.confirmed_at is not None:
        await cancel_paid_order(session, viewer, order, reason=draft.reason)
    else:
        await cancel_unpaid(
            session,
            await read_rows(session, order),
            actor=OrderActor.BUYER,
            user_id=viewer.user_id,
            reason=draft.reason,
        )
    await idempotency.record_result(session, claimed, order.id)
    return order
