"""Payments that admins record."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.events.events import SaleEnded
from models.events.selling.holds import HoldExpired, TicketLimit
from models.events.ticket_types import TicketsSoldOut
from models.ledger.accounts import WalletTooLow
from models.orders import orders as rows
from models.orders.states import InvalidOrderState
from models.payments.recording import (
    OrderPaid,
    OwnOrder,
    PaymentMismatch,
    PaymentReferenceTaken,
    RecordedPayment,
)
from models.promos.codes import PromoNotValid, PromoUsedUp, PromoUseLimitReached
from models.stock.levels import InsufficientStock
from models.validation import parse
from schema.orders.types import Order, OrderId
from schema.payments.recording import Amount, Currency, Reference
from services.payments.recording import record_payment


@strawberry.type
class RecordingMutation:
    @mutation(
        for_admins=True,
        order=Order,
        audit=AuditAct.RECORD_PAYMENT,
        raises=(
            InvalidInput,
            NotFound,
            InvalidOrderState,
            OrderPaid,
            OwnOrder,
            PaymentMismatch,
            PaymentReferenceTaken,
            InsufficientStock,
            HoldExpired,
            SaleEnded,
            TicketLimit,
            TicketsSoldOut,
            WalletTooLow,
            PromoNotValid,
            PromoUsedUp,
            PromoUseLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def record_payment(
        self,
        info: Info,
        order_id: OrderId,
        amount_minor: Amount,
        currency: Currency,
        reference: Reference,
        idempotency_key: IdempotencyKey,
    ) -> rows.Order:
        """Record that the transfer for an order has arrived, which confirms it. An order that has
        EXPIRED takes its units again, or is refused. Only admins can do this.
        """
        recorded = parse(
            RecordedPayment, amount=amount_minor, currency=currency, reference=reference
        )
        async with info.context.transaction() as session:
            return await record_payment(
                session,
                info.context.viewer,
                recorded,
                order_id=order_id,
                idempotency_key=idempotency_key,
            )
