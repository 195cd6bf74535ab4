"""Mutations of buyers on orders that they have paid."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.orders import orders as rows
from models.orders.lines import TooManyUnits
from models.orders.states import InvalidOrderState
from models.payments.disputes import PaymentDisputed
from models.payments.refunds import RefundTooLarge, UnitsRefunded
from schema.orders.selections import GivenReason, Lines, selection_of
from schema.orders.types import Order, OrderId, SubOrder, SubOrderId
from services.orders.handling import cancelling, delivering


@strawberry.type
class CancellingMutation:
    @mutation(
        order=Order,
        personal=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidOrderState,
            TooManyUnits,
            UnitsRefunded,
            RefundTooLarge,
            PaymentDisputed,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def cancel_order_lines(
        self,
        info: Info,
        order_id: OrderId,
        lines: Lines,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
    ) -> rows.Order:
        """Cancel units of a paid order that are not shipped. Their money is refunded, with their
        share of the delivery. License keys and files that the buyer has already are not cancelled.
        """
        selection = selection_of(lines, reason)
        async with info.context.transaction() as session:
            return await cancelling.cancel_order_lines(
                session,
                info.context.viewer,
                order_id=order_id,
                selection=selection,
                idempotency_key=idempotency_key,
                return_days=info.context.app.settings.return_days,
            )

    @mutation(
        suborder=SubOrder,
        personal=True,
        raises=(NotFound, InvalidOrderState),
        repeatable="keeps a part that was delivered",
    )
    async def confirm_delivery(self, info: Info, suborder_id: SubOrderId) -> rows.SubOrder:
        """Confirm that a shipped part has arrived. From then on it can be returned for some days:
        see `returnableUntil`.
        """
        async with info.context.transaction() as session:
            return await delivering.confirm_delivery(
                session,
                info.context.viewer,
                suborder_id=suborder_id,
                return_days=info.context.app.settings.return_days,
            )
