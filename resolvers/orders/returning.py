"""Returns, requested by buyers and answered by vendors."""

from typing import Annotated

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.orders import returns as rows
from models.orders.lines import TooManyUnits
from models.orders.states import InvalidOrderState
from models.payments.disputes import PaymentDisputed
from models.payments.refunds import RefundTooLarge, UnitsRefunded
from models.quotas import DailyLimitReached
from schema.orders.returns import ReturnId, ReturnRequest
from schema.orders.selections import Answer, GivenReason, Lines, answer_of, reason_of, selection_of
from schema.orders.types import SubOrderId
from services.orders.handling import returns

Restock = Annotated[
    bool, strawberry.argument(description="Whether the units can be sold again. Defaults to true.")
]


@strawberry.type
class ReturningMutation:
    @mutation(
        return_request=ReturnRequest,
        personal=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidOrderState,
            TooManyUnits,
            rows.ReturnOpen,
            rows.ReturnPeriodOver,
            DailyLimitReached,
            *KEYED,
        ),
    )
    async def request_return(
        self,
        info: Info,
        suborder_id: SubOrderId,
        lines: Lines,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
    ) -> rows.ReturnRequest:
        """Ask the vendor to take back units that were shipped. The money is refunded when they
        have arrived. A part can have one open return.
        """
        selection = selection_of(lines, reason)
        async with info.context.transaction() as session:
            return await returns.request_return(
                session,
                info.context.viewer,
                suborder_id=suborder_id,
                selection=selection,
                idempotency_key=idempotency_key,
            )

    @mutation(
        return_request=ReturnRequest,
        personal=True,
        raises=(NotFound, rows.InvalidReturnState),
        repeatable="refuses a return that has ended",
    )
    async def withdraw_return(self, info: Info, return_id: ReturnId) -> rows.ReturnRequest:
        """Withdraw a return whose goods have not arrived."""
        async with info.context.transaction() as session:
            return await returns.withdraw_return(session, info.context.viewer, return_id=return_id)

    @mutation(
        return_request=ReturnRequest,
        raises=(InvalidInput, NotFound, rows.InvalidReturnState, *KEYED),
    )
    async def accept_return(
        self,
        info: Info,
        return_id: ReturnId,
        idempotency_key: IdempotencyKey,
        answer: Answer = None,
    ) -> rows.ReturnRequest:
        """Accept a return: the buyer can send the goods. Requires the vendor's STAFF role or
        higher.
        """
        given = answer_of(answer)
        async with info.context.transaction() as session:
            return await returns.accept_return(
                session,
                info.context.viewer,
                return_id=return_id,
                answer=given,
                idempotency_key=idempotency_key,
            )

    @mutation(
        return_request=ReturnRequest,
        raises=(InvalidInput, NotFound, rows.InvalidReturnState, *KEYED),
    )
    async def decline_return(
        self,
        info: Info,
        return_id: ReturnId,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
    ) -> rows.ReturnRequest:
        """Decline a return that was not accepted. Requires the vendor's STAFF role or higher."""
        given = reason_of(reason)
        async with info.context.transaction() as session:
            return await returns.decline_return(
                session,
                info.context.viewer,
                return_id=return_id,
                answer=given.reason,
                idempotency_key=idempotency_key,
            )

    @mutation(
        return_request=ReturnRequest,
        raises=(
            NotFound,
            rows.InvalidReturnState,
            TooManyUnits,
            UnitsRefunded,
            RefundTooLarge,
            PaymentDisputed,
            *KEYED,
        ),
    )
    async def receive_return(
        self,
        info: Info,
        return_id: ReturnId,
        idempotency_key: IdempotencyKey,
        restock: Restock = True,
    ) -> rows.ReturnRequest:
        """Note that the goods of an accepted return have arrived, which refunds them. Requires the
        vendor's STAFF role or higher.
        """
        async with info.context.transaction() as session:
            return await returns.receive_return(
                session,
                info.context.viewer,
                return_id=return_id,
                restock=restock,
                idempotency_key=idempotency_key,
            )
