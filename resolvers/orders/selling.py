"""Mutations of vendors on their parts of orders."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.orders import orders as rows
from models.orders.lines import TooManyUnits
from models.orders.states import InvalidOrderState
from models.payments.disputes import PaymentDisputed
from models.payments.refunds import DeliveryRefunded, RefundTooLarge, UnitsRefunded
from schema.orders.selections import GivenReason, Lines, reason_of, selection_of
from schema.orders.types import SubOrder, SubOrderId
from schema.payments.refund_inputs import Delivery, Goodwill, RefundedUnits, Restock, refund_of
from services.orders.handling import delivering, preparing
from services.refunds import granting

REFUNDING = (UnitsRefunded, RefundTooLarge, PaymentDisputed)


@strawberry.type
class SellingMutation:
    @mutation(
        suborder=SubOrder,
        raises=(NotFound, InvalidOrderState),
        repeatable="keeps a part that was accepted",
    )
    async def accept_suborder(self, info: Info, suborder_id: SubOrderId) -> rows.SubOrder:
        """Accept a paid part of an order, and begin to prepare it. Requires the vendor's STAFF
        role or higher.
        """
        async with info.context.transaction() as session:
            return await preparing.accept_suborder(
                session, info.context.viewer, suborder_id=suborder_id
            )

    @mutation(
        suborder=SubOrder,
        raises=(InvalidInput, NotFound, InvalidOrderState, *REFUNDING, *KEYED),
    )
    async def reject_suborder(
        self,
        info: Info,
        suborder_id: SubOrderId,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
    ) -> rows.SubOrder:
        """Cancel a part of which nothing is shipped. The buyer gets the money back. Requires the
        vendor's STAFF role or higher.
        """
        given = reason_of(reason)
        async with info.context.transaction() as session:
            return await preparing.reject_suborder(
                session,
                info.context.viewer,
                suborder_id=suborder_id,
                reason=given,
                idempotency_key=idempotency_key,
            )

    @mutation(
        suborder=SubOrder,
        raises=(InvalidInput, NotFound, InvalidOrderState, TooManyUnits, *REFUNDING, *KEYED),
    )
    async def cancel_suborder_lines(
        self,
        info: Info,
        suborder_id: SubOrderId,
        lines: Lines,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
    ) -> rows.SubOrder:
        """Cancel units that the vendor cannot ship. The buyer gets their money back. Requires the
        vendor's STAFF role or higher.
        """
        selection = selection_of(lines, reason)
        async with info.context.transaction() as session:
            return await preparing.cancel_suborder_lines(
                session,
                info.context.viewer,
                suborder_id=suborder_id,
                selection=selection,
                idempotency_key=idempotency_key,
                return_days=info.context.app.settings.return_days,
            )

    @mutation(
        suborder=SubOrder,
        raises=(NotFound, InvalidOrderState),
        repeatable="keeps a part that was delivered",
    )
    async def mark_suborder_delivered(self, info: Info, suborder_id: SubOrderId) -> rows.SubOrder:
        """Note that a shipped part has arrived, or that the customer has collected it. Requires
        the vendor's STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await delivering.mark_suborder_delivered(
                session,
                info.context.viewer,
                suborder_id=suborder_id,
                return_days=info.context.app.settings.return_days,
            )

    @mutation(
        suborder=SubOrder,
        raises=(InvalidInput, NotFound, TooManyUnits, DeliveryRefunded, *REFUNDING, *KEYED),
    )
    async def grant_refund(
        self,
        info: Info,
        suborder_id: SubOrderId,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
        lines: RefundedUnits = None,
        delivery: Delivery = False,
        amount_minor: Goodwill = None,
        restock: Restock = False,
    ) -> rows.SubOrder:
        """Refund shipped units, the delivery, or an amount as goodwill, without a return: see
        `refundedLines` and `refundedAmounts` of the part. Requires the vendor's STAFF role or
        higher.
        """
        deliveries = [suborder_id] if delivery else []
        draft = refund_of(reason, lines, deliveries, amount_minor, restock=restock)
        async with info.context.transaction() as session:
            return await granting.grant_part_refund(
                session,
                info.context.viewer,
                draft,
                suborder_id=suborder_id,
                idempotency_key=idempotency_key,
            )
