"""Settling payments: the one way in which money confirms an order, for all providers."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NotFound
from models.orders.lines import OrderDiscount
from models.orders.orders import SubOrder
from models.orders.states import OrderState
from models.orders.timeline import OrderActor
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from services.orders.access import lock_order
from services.orders.confirming import announce, confirm, post_money
from services.orders.rows import WholeOrder, publish, read_rows
from services.orders.rules import RULES
from services.promos.uses import reserve_uses


async def settle_payment(
    session: AsyncSession,
    payment_id: UUID,
    *,
    reference: str | None = None,
    actor: OrderActor = OrderActor.PLATFORM,
    user_id: UUID | None = None,
) -> WholeOrder:
    """Count the money of a payment that has come in full, and confirm its order.

    The caller has compared amount and currency. A second call changes nothing. An order that has
    expired takes everything again by the same guards, or is refused and nothing changes: raises
    `InsufficientStock`, `WalletTooLow`, the refusals of promo codes, and `InvalidOrderState` for an
    order that was cancelled.
    """
    order_id = select(Payment.order_id).where(Payment.id == payment_id)
    known = (await session.exec(order_id)).first()
    order = await lock_order(session, known) if known else None
    if order is None:
        raise NotFound
    rows = await read_rows(session, order)
    payment = next(one for one in rows.payments if one.id == payment_id)
    if payment.status is not PaymentStatus.SUCCEEDED:
        payment.reference = reference
        await _confirm(session, rows, payment, actor, user_id)
    return rows


async def _confirm(
    session: AsyncSession,
    rows: WholeOrder,
    payment: Payment,
    actor: OrderActor,
    user_id: UUID | None,
) -> None:
    order = rows.order
    is_late = order.state is OrderState.EXPIRED
    wallet = [one for one in rows.payments if one.provider is PaymentProvider.WALLET]
    confirmed = confirm(rows, [*wallet, payment], actor, user_id)
    session.add_all([*confirmed.splits, *confirmed.steps])
    await session.flush()
    if is_late:
        uses = await _find_uses(session, order.id)
        await reserve_uses(session, user_id=order.user_id, order_id=order.id, amounts=uses)
    await post_money(session, rows, confirmed, held=not is_late)
    await announce(session, rows)
    publish(session, rows)
    for kind, lines in rows.by_kind.items():
        if is_late:
            await RULES[kind].take(session, order, lines)
        await RULES[kind].line_paid(session, order, lines)


async def _find_uses(session: AsyncSession, order_id: UUID) -> Mapping[UUID, int]:
    """Return the discount of an order by the id of each promo code."""
    amounts = (
        select(OrderDiscount.promo_code_id, func.sum(OrderDiscount.amount))
        .join(SubOrder, col(SubOrder.id) == OrderDiscount.suborder_id)
        .where(SubOrder.order_id == order_id)
        .group_by(col(OrderDiscount.promo_code_id))
    )
    return {id: int(amount) for id, amount in (await session.exec(amounts)).all()}
