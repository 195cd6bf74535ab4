"""Payments of orders: money confirms an order, even an expired one if all can still be had."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NotFound
from models.orders.lines import OrderDiscount
from models.orders.orders import SubOrder
from models.orders.states import OrderState
from models.orders.timeline import OrderActor
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.payments.refunds import RefundReason
from services import jobs
from services.events.type_codes import find_unlocking_codes
from services.orders.access import lock_order
from services.orders.changes import publish_change
from services.orders.placing.confirming import announce, confirm, post_money
from services.orders.placing.unpaid import expire
from services.orders.rows import WholeOrder, publish, read_rows
from services.orders.rules import RULES
from services.promos.uses import reserve_uses


class OrderSubject:
    """An order, as what payments are for."""

    def __init__(self, order_id: UUID) -> None:
        self._order_id = order_id
        self.rows: WholeOrder

    @property
    def user_id(self) -> UUID:
        return self.rows.order.user_id

    @property
    def payments(self) -> Sequence[Payment]:
        return self.rows.payments

    async def load(self, session: AsyncSession) -> None:
        order = await lock_order(session, self._order_id)
        if order is None:
            raise NotFound
        self.rows = await read_rows(session, order)

    def find_obstacle(self, payment: Payment) -> RefundReason | None:
        order = self.rows.order
        if order.confirmed_at is not None:
            return RefundReason.PAID_TWICE
        return RefundReason.LATE_PAYMENT if order.state is OrderState.CANCELLED else None

    async def confirm(self, session: AsyncSession, payment: Payment) -> None:
        await confirm_order(session, self.rows, payment)

    async def payment_ended(self, session: AsyncSession, payment: Payment) -> None:
        """Let an order expire whose time is over, now that it cannot be paid any more."""
        rows = self.rows
        if rows.order.is_overdue and not any(one.is_with_provider for one in rows.payments):
            await expire(session, rows)
        elif payment.status is PaymentStatus.FAILED and rows.order.state is OrderState.PENDING:
            await jobs.defer(session, "announce_failed_payment", payment_id=payment.id)

    def publish(self, session: AsyncSession) -> None:
        publish_change(session, self.rows.order)


async def confirm_order(
    session: AsyncSession,
    rows: WholeOrder,
    payment: Payment,
    *,
    user_id: UUID | None = None,
) -> None:
    """Confirm an order by the money of a payment that has come in full.

    An order that has expired takes everything again by the same guards, or is refused and nothing
    changes. Raises `InsufficientStock`, `WalletTooLow`, the refusals of promo codes, and
    `InvalidOrderState` for an order that was cancelled.
    """
    order = rows.order
    is_late = order.state is OrderState.EXPIRED
    wallet = [one for one in rows.payments if one.provider is PaymentProvider.WALLET]
    confirmed = confirm(rows, [*wallet, payment], OrderActor.PLATFORM, user_id)
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
    """Return the discount of an order by the id of each promo code, also of those without one."""
    amounts = (
        select(OrderDiscount.promo_code_id, func.sum(OrderDiscount.amount))
        .join(SubOrder, col(SubOrder.id) == OrderDiscount.suborder_id)
        .where(SubOrder.order_id == order_id)
        .group_by(col(OrderDiscount.promo_code_id))
    )
    uses = dict.fromkeys(await find_unlocking_codes(session, order_id), 0)
    return uses | {id: int(amount) for id, amount in (await session.exec(amounts)).all()}
