"""Orders that are not paid: what they hold, and how they end."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.states import InvalidOrderState, OrderState, SubOrderState
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from models.payments.payments import PaymentStatus
from services import jobs
from services.ledger.wallets import unhold_wallet
from services.orders.rows import WholeOrder, publish
from services.orders.rules import RULES
from services.promos.uses import release_uses

STEPS = {
    OrderState.EXPIRED: OrderStepKind.EXPIRED,
    OrderState.CANCELLED: OrderStepKind.CANCELLED,
}


async def cancel_unpaid(
    session: AsyncSession,
    rows: WholeOrder,
    *,
    actor: OrderActor,
    user_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Cancel an order that is not paid, and return everything that it holds.

    The caller has locked the order. Raises `InvalidOrderState` unless it is PENDING.
    """
    await _end(session, rows, OrderState.CANCELLED, actor, user_id, reason)


async def expire(session: AsyncSession, rows: WholeOrder) -> None:
    """Let a PENDING order expire, which the caller has locked, and return what it holds."""
    await jobs.defer(session, "announce_order", order_id=rows.order.id)
    await _end(session, rows, OrderState.EXPIRED, OrderActor.PLATFORM, None, None)


async def _end(
    session: AsyncSession,
    rows: WholeOrder,
    state: OrderState,
    actor: OrderActor,
    user_id: UUID | None,
    reason: str | None,
) -> None:
    """End an unpaid order: its parts, its payments, then codes, wallet and stock, in this order."""
    order = rows.order
    if order.state is not OrderState.PENDING:
        raise InvalidOrderState(state=order.state, wanted=state)
    order.become(state)
    for suborder in rows.suborders:
        suborder.become(SubOrderState.CANCELLED)
    for payment in rows.live_payments:
        payment.end(PaymentStatus.CANCELLED)
    session.add(
        OrderStep(order_id=order.id, kind=STEPS[state], actor=actor, user_id=user_id, note=reason)
    )
    await session.flush()
    await release_uses(session, order_id=order.id)
    if rows.wallet_amount:
        await unhold_wallet(
            session, user_id=order.user_id, currency=order.currency, order_id=order.id
        )
    publish(session, rows)
    for kind, lines in rows.by_kind.items():
        await RULES[kind].line_failed(session, order, lines)
