"""Loaders of orders, their parts, lines and payments."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Match, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, valued, visible
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.payments import Payment
from services.orders.access import (
    visible_lines,
    visible_orders,
    visible_payments,
    visible_suborders,
)


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


order_by_id = by_id(Order)
suborder_by_id = by_id(SubOrder)
visible_order = visible(Order, visible_orders)
visible_suborder = visible(SubOrder, visible_suborders)
visible_line = visible(OrderLine, visible_lines)
visible_payment = visible(Payment, visible_payments)
parts_of_order = grouped(SubOrder, "order_id", _parts)
lines_of_suborder = grouped(OrderLine, "suborder_id", _lines)
payments_of_order = grouped(Payment, "order_id", _payments)
currency_of_suborder = valued(_currencies, "")
