"""Root fields of refunds."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.arguments import IdempotencyKey
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.orders.lines import TooManyUnits
from models.orders.states import InvalidOrderState
from models.payments import refunds as rows
from models.payments.disputes import PaymentDisputed
from models.payments.recording import OwnOrder
from models.purchases import OwnPurchase
from models.validation import parse
from schema.orders.selections import GivenReason
from schema.orders.types import OrderId
from schema.payments.refund_inputs import Deliveries, Goodwill, RefundedUnits, Restock, refund_of
from schema.payments.types import Refund, RefundPartId
from services.refunds import granting, settling
from services.refunds.access import list_stuck_refunds

TransferReference = Annotated[
    str,
    strawberry.argument(
        description="The bank's reference of the transfer, unique: at most"
        f" {rows.MAX_REFUND_REFERENCE} characters."
    ),
]


@strawberry.type
class RefundQuery:
    @connection(
        Connection[Refund],
        "Refunds that are stuck: a bank has not accepted the money, or it is on its way for too"
        " long. Newest first. Visible to admins.",
    )
    def refunds_stuck(self, info: Info) -> Listing[Any]:
        return list_stuck_refunds(info.context.viewer)


@strawberry.type
class RefundMutation:
    @mutation(
        for_admins=True,
        refund=Refund,
        audit=AuditAct.SETTLE_REFUND,
        raises=(
            InvalidInput,
            NotFound,
            OwnOrder,
            OwnPurchase,
            rows.RefundSettled,
            rows.SettledByPlatform,
            rows.RefundReferenceTaken,
            *KEYED,
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
        transfer = parse(rows.RefundTransfer, reference=reference)
        async with info.context.transaction() as session:
            return await settling.settle_refund(
                session,
                info.context.viewer,
                refund_part_id=refund_part_id,
                reference=transfer.reference,
                idempotency_key=idempotency_key,
            )

    @mutation(
        for_admins=True,
        refund=Refund,
        audit=AuditAct.SETTLE_STUCK_REFUND,
        raises=(
            InvalidInput,
            NotFound,
            OwnOrder,
            OwnPurchase,
            rows.RefundPending,
            rows.RefundSettled,
            rows.RefundReferenceTaken,
            *KEYED,
        ),
    )
    async def settle_stuck_refund(
        self,
        info: Info,
        refund_part_id: RefundPartId,
        reference: TransferReference,
        idempotency_key: IdempotencyKey,
    ) -> rows.Refund:
        """Record that a part which has FAILED was transferred to the buyer's account. Into the
        wallet it goes by `acceptRefundToWallet` of the payer. Only admins can do this.
        """
        transfer = parse(rows.RefundTransfer, reference=reference)
        async with info.context.transaction() as session:
            return await settling.settle_stuck_refund(
                session,
                info.context.viewer,
                refund_part_id=refund_part_id,
                reference=transfer.reference,
                idempotency_key=idempotency_key,
            )

    @mutation(
        refund=Refund,
        personal=True,
        raises=(NotFound, rows.RefundSettled, rows.SettledByPlatform, *KEYED),
    )
    async def accept_refund_to_wallet(
        self, info: Info, refund_part_id: RefundPartId, idempotency_key: IdempotencyKey
    ) -> rows.Refund:
        """Get a part of a refund into the wallet if it cannot be sent to where it came from: at
        once if it has FAILED, else when it fails. For the payer. The wallet of a vendor takes what
        was paid for a purchase of the vendor.
        """
        async with info.context.transaction() as session:
            return await settling.accept_refund_to_wallet(
                session,
                info.context.viewer,
                refund_part_id=refund_part_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        for_admins=True,
        refund=Refund,
        audit=AuditAct.GRANT_REFUND,
        raises=(
            InvalidInput,
            NotFound,
            OwnOrder,
            InvalidOrderState,
            TooManyUnits,
            PaymentDisputed,
            rows.UnitsRefunded,
            rows.DeliveryRefunded,
            rows.RefundTooLarge,
            *KEYED,
        ),
    )
    async def grant_order_refund(
        self,
        info: Info,
        order_id: OrderId,
        reason: GivenReason,
        idempotency_key: IdempotencyKey,
        lines: RefundedUnits = None,
        deliveries: Deliveries = None,
        amount_minor: Goodwill = None,
        restock: Restock = False,
    ) -> rows.Refund:
        """Refund units and deliveries of any vendors of an order, who bear them, or an amount as
        goodwill, which the platform bears. Units that are not shipped are cancelled. Only admins
        can do this.
        """
        draft = refund_of(reason, lines, deliveries, amount_minor, restock=restock)
        async with info.context.transaction() as session:
            return await granting.grant_order_refund(
                session,
                info.context.viewer,
                draft,
                order_id=order_id,
                idempotency_key=idempotency_key,
            )
