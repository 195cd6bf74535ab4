"""Loaders of refunds, saved methods of payment and webhooks of providers."""

from sqlalchemy import func, select
from sqlmodel import col

from core.statements.selected import AnySelect, Match, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, children, grouped, valued, visible
from models.ledger.entries import PostingKind
from models.orders.orders import Order
from models.payments.events import WebhookEvent
from models.payments.methods import PaymentMethod
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundAmount, RefundLine, RefundPart
from models.payouts.reconciliation import ProviderTransaction
from models.purchases import Purchase
from services.orders.access import (
    visible_refund_amounts,
    visible_refund_lines,
    visible_refund_parts,
    visible_refunds,
)
from services.payments.events.received import visible_events
from services.payments.methods import visible_methods


def _lines(_: object, selected: Selected | None) -> AnySelect:
    lines = select(*columns_of(RefundLine, selected, "refund_id"))
    return lines.where(any_of(col(RefundLine.refund_id))).order_by(col(RefundLine.id))


def _ways(_: object, selected: Selected | None) -> AnySelect:
    ways = select(*columns_of(RefundPart, selected, "refund_id"))
    return ways.where(any_of(col(RefundPart.refund_id))).order_by(col(RefundPart.id))


def _amounts(_: object, selected: Selected | None) -> AnySelect:
    amounts = select(*columns_of(RefundAmount, selected, "refund_id"))
    return amounts.where(any_of(col(RefundAmount.refund_id))).order_by(col(RefundAmount.id))


def _currencies(matches: Match) -> AnySelect:
    refund_id = col(Refund.id)
    found = select(refund_id, func.coalesce(col(Order.currency), col(Purchase.currency)))
    found = found.select_from(Refund).outerjoin(Order, col(Order.id) == col(Refund.order_id))
    of_purchase = col(Purchase.id) == col(Refund.purchase_id)
    return found.outerjoin(Purchase, of_purchase).where(matches(refund_id))


def _fees(matches: Match) -> AnySelect:
    payment_id = col(Payment.id)
    posting = func.concat(f"{PostingKind.PAY.lower()}:", payment_id)
    found = select(payment_id, col(ProviderTransaction.fee)).select_from(Payment)
    found = found.join(ProviderTransaction, col(ProviderTransaction.posting) == posting)
    return found.where(matches(payment_id))


_NO_FEE: int | None = None

visible_event = visible(WebhookEvent, visible_events)
visible_method = visible(PaymentMethod, visible_methods)
payment_by_id = by_id(Payment)
fee_of_payment = valued(_fees, _NO_FEE)
refund_by_id = by_id(Refund)
visible_refund = visible(Refund, visible_refunds)
visible_refund_part = visible(RefundPart, visible_refund_parts)
refunds_of_order = children(Refund, "order_id", visible_refunds)
lines_of_refund = grouped(RefundLine, "refund_id", _lines)
refund_lines_of_suborder = children(RefundLine, "suborder_id", visible_refund_lines)
refund_part_by_id = by_id(RefundPart)
amounts_of_refund = grouped(RefundAmount, "refund_id", _amounts)
refund_amounts_of_suborder = children(RefundAmount, "suborder_id", visible_refund_amounts)
currency_of_refund = valued(_currencies, "")
parts_of_refund = grouped(RefundPart, "refund_id", _ways)
refund_parts_of_payment = children(RefundPart, "payment_id", visible_refund_parts)
