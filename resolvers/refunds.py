"""Refunds that admins settle."""

from typing import Annotated

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.payments import refunds as rows
from models.payments.recording import OwnOrder
from models.validation import parse
from schema.payments.types import Refund, RefundPartId
from services.orders.settling import settle_refund

TransferReference = Annotated[
    str,
    strawberry.argument(
        description="The bank's reference of the transfer, unique: at most"
        f" {rows.MAX_REFUND_REFERENCE} characters."
    ),
]


@strawberry.type
class SettlingMutation:
    @mutation(
        for_admins=True,
        refund=Refund,
        audit=AuditAct.SETTLE_REFUND,
        raises=(
            InvalidInput,
            NotFound,
            OwnOrder,
            rows.RefundSettled,
            rows.SettledByPlatform,
            rows.RefundReferenceTaken,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def settle_refund(
        self,
        info: Info,
        refund_part_id: RefundPartId,
        reference: TransferReference,
        idempotency_key: IdempotencyKey,
    ) -> rows.Refund:
        """Record that a part of a refund was transferred. The other parts go back by themselves.
        Only admins can do this.
        """
        transfer = parse(rows.Transfer, reference=reference)
        async with info.context.transaction() as session:
            return await settle_refund(
                session,
                info.context.viewer,
                refund_part_id=refund_part_id,
                reference=transfer.reference,
                idempotency_key=idempotency_key,
            )
