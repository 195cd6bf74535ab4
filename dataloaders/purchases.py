"""Loaders of purchases, with their payments and refunds."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, grouped, visible
from models.payments.payments import Payment
from models.payments.refunds import Refund
from models.purchases import Purchase
from services.purchases.access import visible_purchases


def _payments(_: object, selected: Selected | None) -> AnySelect:
    purchase_id = col(Payment.purchase_id)
    rows = select(*columns_of(Payment, selected, "purchase_id"))
    return rows.where(any_of(purchase_id)).order_by(col(Payment.id))


def _refunds(_: object, selected: Selected | None) -> AnySelect:
    rows = select(*columns_of(Refund, selected, "purchase_id"))
    return rows.where(any_of(col(Refund.purchase_id))).order_by(col(Refund.id))


purchase_by_id = by_id(Purchase)
visible_purchase = visible(Purchase, visible_purchases)
payments_of_purchase = grouped(Payment, "purchase_id", _payments)
refunds_of_purchase = grouped(Refund, "purchase_id", _refunds)
