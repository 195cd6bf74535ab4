"""Loaders of orders, their parts, lines and payments."""

from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from core.statements.selected import AnySelect, Match, Selected, columns_of
from core.statements.statement import Statement, any_of
from engine.loaders import (
    Loader,
    by_id,
    children,
    grouped,
    in_session,
    one_each,
    valued,
    visible,
)
from models.identity.accounts import User
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.returns import ReturnLine, ReturnRequest
from models.orders.timeline import OrderStep
from models.payments.payments import Payment, PaymentProvider
from models.purchases import Purchase
from services.orders.access import (
    visible_lines,
    visible_orders,
    visible_payments,
    visible_returns,
    visible_steps,
    visible_suborders,
)
from services.orders.archived_products import count_units_to_ship
from services.orders.handling.cancel_quotes import quote_cancellations
from services.orders.handling.line_quotes import LineQuote, quote_lines


def _parts(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(SubOrder, selected, "order_id")
    parts = select(*columns).where(any_of(col(SubOrder.order_id)))
    return parts.order_by(col(SubOrder.position))


def _lines(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(OrderLine, selected, "suborder_id")
    lines = select(*columns).where(any_of(col(OrderLine.suborder_id)))
    return lines.order_by(col(OrderLine.position))


def _payments(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(Payment, selected, "order_id")
    payments = select(*columns).where(any_of(col(Payment.order_id)))
    return payments.order_by(col(Payment.id))


def _currencies(matches: Match) -> AnySelect:
    suborder_id = col(SubOrder.id)
    found = select(suborder_id, col(Order.currency)).select_from(SubOrder)
    return found.join(Order, col(Order.id) == col(SubOrder.order_id)).where(matches(suborder_id))


def _payers(matches: Match) -> AnySelect:
    payment_id = col(Payment.id)
    payer = func.coalesce(col(Order.user_id), col(Purchase.user_id))
    found = select(payment_id, cast(payer, String)).select_from(Payment)
    found = found.outerjoin(Order, col(Order.id) == col(Payment.order_id))
    found = found.outerjoin(Purchase, col(Purchase.id) == col(Payment.purchase_id))
    return found.where(matches(payment_id))


def _return_lines(_: object, selected: Selected | None) -> AnySelect:
    lines = select(*columns_of(ReturnLine, selected, "return_id"))
    return lines.where(any_of(col(ReturnLine.return_id))).order_by(col(ReturnLine.id))


_CUSTOMERS = (
    select(*columns_of(User), col(SubOrder.id).label("suborder_id"))
    .join(Order, col(Order.user_id) == col(User.id))
    .join(SubOrder, col(SubOrder.order_id) == col(Order.id))
    .where(any_of(col(SubOrder.id)))
)
_NEWEST_PAYMENTS = (
    select(*columns_of(Payment))
    .where(any_of(col(Payment.order_id)), col(Payment.provider) != PaymentProvider.WALLET)
    .ext(distinct_on(col(Payment.order_id)))
    .order_by(col(Payment.order_id), col(Payment.created_at).desc(), col(Payment.id).desc())
)

order_by_id = by_id(Order)
suborder_by_id = by_id(SubOrder)
visible_order = visible(Order, visible_orders)
visible_suborder = visible(SubOrder, visible_suborders)
visible_line = visible(OrderLine, visible_lines)
visible_payment = visible(Payment, visible_payments)
parts_of_order = grouped(SubOrder, "order_id", _parts)
line_by_id = by_id(OrderLine)
visible_return = visible(ReturnRequest, visible_returns)
steps_of_order = children(OrderStep, "order_id", visible_steps)
steps_of_suborder = children(OrderStep, "suborder_id", visible_steps)
returns_of_suborder = children(ReturnRequest, "suborder_id", visible_returns)
lines_of_return = grouped(ReturnLine, "return_id", _return_lines)
lines_of_suborder = grouped(OrderLine, "suborder_id", _lines)
payments_of_order = grouped(Payment, "order_id", _payments)
currency_of_suborder = valued(_currencies, "")
payment_of_order = one_each(Statement(_NEWEST_PAYMENTS, Payment), "order_id")
payer_of_payment = valued(_payers, "")
customer_of_suborder: Loader[UUID, User | None] = one_each(
    Statement(_CUSTOMERS, User), "suborder_id"
)
_NO_QUOTE: int | None = None
_NO_COUNT: int | None = None
units_of_archived_product = Loader(in_session(count_units_to_ship), _NO_COUNT)
_NO_LINE_QUOTE: LineQuote | None = None
quote_of_line = Loader(in_session(quote_lines), _NO_LINE_QUOTE)
refund_of_cancelled_order = Loader(in_session(quote_cancellations), _NO_QUOTE)
