"""Root fields of disputes."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import connection
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.payments import disputes as rows
from models.payments.recording import OwnOrder
from models.purchases import OwnPurchase
from schema.disputes.inputs import (
    AcceptDisputeInput,
    AnswerDisputeInput,
    DisputeWhere,
    dispute_filter,
)
from schema.disputes.types import Dispute, DisputeConnection
from schema.sorting import OrderBy, TimeOrder
from services.disputes import accepting, access, answering

Where = Annotated[DisputeWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class DisputeQuery:
    @connection(
        DisputeConnection,
        "Disputes of payments, newest first: those of a vendor for its members with the STAFF role"
        " or higher, all for admins. Subscription: `disputeChanges`.",
    )
    def disputes(
        self, info: Info, where: Where = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return access.list_disputes(info.context.viewer, dispute_filter(where), newest=newest)


@strawberry.type
class DisputeMutation:
    @mutation(
        dispute=Dispute,
        personal=True,
        audit=AuditAct.ANSWER_DISPUTE,
        raises=(InvalidInput, NotFound, OwnOrder, OwnPurchase, rows.DisputeClosed, *KEYED),
    )
    async def answer_dispute(self, info: Info, input: AnswerDisputeInput) -> rows.Dispute:
        """Give evidence for the bank. It is sent once, when all vendors with a share have answered,
        or an admin has, or shortly before the deadline. Requires the STAFF role or higher of such
        a vendor, or an admin.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await answering.answer_dispute(
                session,
                info.context.viewer,
                draft,
                dispute_id=input.dispute_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        dispute=Dispute,
        personal=True,
        audit=AuditAct.ACCEPT_DISPUTE,
        raises=(NotFound, OwnOrder, OwnPurchase, rows.DisputeClosed, *KEYED),
    )
    async def accept_dispute(self, info: Info, input: AcceptDisputeInput) -> rows.Dispute:
        """Accept a dispute instead of giving evidence, for good: the buyer keeps the money, and the
        vendors bear their shares. Requires an admin.
        """
        async with info.context.transaction() as session:
            return await accepting.accept_dispute(
                session,
                info.context.viewer,
                dispute_id=input.dispute_id,
                idempotency_key=input.idempotency_key,
            )
