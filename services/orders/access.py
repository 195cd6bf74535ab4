"""Access to orders: buyers see theirs, and vendors their parts once the order is confirmed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in, for_change
from core.keyset import Listing, by_time
from core.security.codes import read_symbols
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.orders.lines import OrderLine
from models.orders.orders import ORDER_NUMBER_LENGTH, Order, SubOrder
from models.orders.returns import ReturnRequest
from models.orders.states import OrderState, PaymentState
from models.orders.timeline import OrderStep
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundAmount, RefundLine, RefundPart
from models.promos.codes import PromoUse
from models.purchases import Purchase
from services.journal.topics import user_topic
from services.vendors.access import works_at
from services.viewer import Viewer

Found = TypeVar("Found")

NOT_CONFIRMED = "You can write about this order when it is confirmed. Pay it first."


@dataclass(frozen=True)
class OrderFilter:
    """Conditions of a list of orders, None for all. `number` is as it was typed."""

    states: Collection[OrderState] | None = None
    payment_states: Collection[PaymentState] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    number: str | None = None
    promo_code_id: UUID | None = None


def visible_orders(viewer: Viewer) -> SelectOfScalar[Order]:
    """Select the viewer's orders. Admins see all."""
    if viewer.admin:
        return select(Order)
    return select(Order).where(Order.user_id == viewer.user_id)


def visible_suborders(viewer: Viewer) -> SelectOfScalar[SubOrder]:
    """Select the parts of the viewer's orders, and those of their vendors that were confirmed.

    Admins see all.
    """
    if viewer.admin:
        return select(SubOrder)
    this = col(Order.id) == col(SubOrder.order_id)
    mine = exists_in(Order, this, col(Order.user_id) == viewer.user_id)
    confirmed = col(SubOrder.confirmed_at).is_not(None)
    own = works_at(viewer.staff, col(SubOrder.vendor_id), Permission.SEE_ORDERS)
    return select(SubOrder).where(or_(mine, and_(own, confirmed)))


def of_visible_suborders(
    viewer: Viewer, rows: SelectOfScalar[Found], suborder_id: Mapped[UUID]
) -> SelectOfScalar[Found]:
    """Narrow rows down to those of sub-orders that the viewer can see. Admins see all."""
    if viewer.admin:
        return rows
    seen = visible_suborders(viewer).with_only_columns(col(SubOrder.id))
    return rows.where(suborder_id.in_(seen))


def visible_lines(viewer: Viewer) -> SelectOfScalar[OrderLine]:
    """Select the lines of the sub-orders that the viewer can see."""
    return of_visible_suborders(viewer, select(OrderLine), col(OrderLine.suborder_id))


def visible_payments(viewer: Viewer) -> SelectOfScalar[Payment]:
    """Select the payments of the viewer's orders and purchases. Admins see all."""
    return _of_payer(viewer, select(Payment), col(Payment.order_id), col(Payment.purchase_id))


def visible_refunds(viewer: Viewer) -> SelectOfScalar[Refund]:
    """Select the refunds of the viewer's orders and purchases. Admins see all."""
    return _of_payer(viewer, select(Refund), col(Refund.order_id), col(Refund.purchase_id))


def _of_payer(
    viewer: Viewer,
    rows: SelectOfScalar[Found],
    order_id: Mapped[UUID | None],
    purchase_id: Mapped[UUID | None],
) -> SelectOfScalar[Found]:
    if viewer.admin:
        return rows
    orders = visible_orders(viewer).with_only_columns(col(Order.id))
    purchases = select(Purchase.id).where(Purchase.user_id == viewer.user_id)
    return rows.where(or_(order_id.in_(orders), purchase_id.in_(purchases)))


def visible_refund_parts(viewer: Viewer) -> SelectOfScalar[RefundPart]:
    """Select the ways by which refunds of the viewer's orders go back. Admins see all."""
    if viewer.admin:
        return select(RefundPart)
    seen = visible_refunds(viewer).with_only_columns(col(Refund.id))
    return select(RefundPart).where(col(RefundPart.refund_id).in_(seen))


def visible_refund_lines(viewer: Viewer) -> SelectOfScalar[RefundLine]:
    """Select the refunded units of the sub-orders that the viewer can see."""
    return of_visible_suborders(viewer, select(RefundLine), col(RefundLine.suborder_id))


def visible_refund_amounts(viewer: Viewer) -> SelectOfScalar[RefundAmount]:
    """Select the refunded amounts of the sub-orders that the viewer can see."""
    return of_visible_suborders(viewer, select(RefundAmount), col(RefundAmount.suborder_id))


def visible_steps(viewer: Viewer) -> SelectOfScalar[OrderStep]:
    """Select the steps of the viewer's orders, and those of the sub-orders that they can see."""
    if viewer.admin:
        return select(OrderStep)
    mine = visible_orders(viewer).with_only_columns(col(Order.id))
    suborder_id: Any = OrderStep.suborder_id
    seen = visible_suborders(viewer).with_only_columns(col(SubOrder.id))
    return select(OrderStep).where(or_(col(OrderStep.order_id).in_(mine), suborder_id.in_(seen)))


def visible_returns(viewer: Viewer) -> SelectOfScalar[ReturnRequest]:
    """Select the returns of the sub-orders that the viewer can see."""
    return of_visible_suborders(viewer, select(ReturnRequest), col(ReturnRequest.suborder_id))


def list_orders(viewer: Viewer, wanted: OrderFilter, *, newest: bool = True) -> Listing[Order]:
    """List the orders that the viewer has placed: an admin's own, too."""
    user_id = viewer.require_user()
    rows = filter_orders(select(Order).where(Order.user_id == user_id), wanted)
    return Listing(rows, by_time(Order, newest=newest), topics=[user_topic(user_id)])


def filter_orders(rows: SelectOfScalar[Order], wanted: OrderFilter) -> SelectOfScalar[Order]:
    """Narrow orders down to those that meet all conditions."""
    if wanted.states is not None:
        rows = rows.where(col(Order.state).in_(wanted.states))
    if wanted.payment_states is not None:
        rows = rows.where(col(Order.payment_state).in_(wanted.payment_states))
    if wanted.created_from is not None:
        rows = rows.where(col(Order.created_at) >= wanted.created_from)
    if wanted.created_before is not None:
        rows = rows.where(col(Order.created_at) < wanted.created_before)
    if wanted.number is not None:
        rows = rows.where(Order.number == read_symbols(wanted.number)[:ORDER_NUMBER_LENGTH])
    if wanted.promo_code_id is not None:
        rows = rows.where(uses_code(col(Order.id), wanted.promo_code_id))
    return rows


def uses_code(order_id: Mapped[UUID], promo_code_id: UUID) -> ColumnElement[bool]:
    """Match orders that use a promo code. One that gave its use back does not."""
    return order_id.in_(select(PromoUse.order_id).where(PromoUse.promo_code_id == promo_code_id))


async def access_order(session: AsyncSession, viewer: Viewer, order_id: UUID) -> Order:
    """Return an order that the viewer placed, locked to change it. Raises `NotFound`.

    Parts and payments of an order change under this lock.
    """
    mine = Order.user_id == viewer.require_user()
    rows = select(Order).where(Order.id == order_id, mine)
    order = (await session.exec(for_change(rows))).first()
    if order is None:
        raise NotFound
    return order


async def lock_order(session: AsyncSession, order_id: UUID) -> Order | None:
    """Lock an order of any buyer to change it."""
    return (await session.exec(for_change(select(Order).where(Order.id == order_id)))).first()


async def find_parties(
    session: AsyncSession, viewer: Viewer, suborder_id: UUID
) -> tuple[UUID, UUID]:
    """Return the vendor and the buyer of a confirmed part that the viewer can see.

    Raises `NotFound`, and `InvalidInput` before it is confirmed: its vendor must not see it yet.
    """
    seen = visible_suborders(viewer).where(SubOrder.id == suborder_id)
    suborder = (await session.exec(seen)).first()
    if suborder is None:
        raise NotFound
    if suborder.confirmed_at is None:
        raise InvalidInput(NOT_CONFIRMED, field=["subjectId"])
    order = await session.get_one(Order, suborder.order_id)
    return suborder.vendor_id, order.user_id
