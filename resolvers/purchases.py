"""Root fields of purchases from the platform."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.arguments import IdempotencyKey
from engine.connections import connection
from engine.context import Info
from engine.mutation import mutation
from models import purchases as rows
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.ledger.accounts import WalletTooLow
from models.packs.subscriptions import PackPastDue
from models.payments.disputes import PaymentDisputed
from models.payments.recording import PaymentMismatch, PaymentReferenceTaken, RecordedPayment
from models.payments.refunds import RefundTooLarge
from models.payments.ways import PaymentInProgress, PaymentTooSmall, ProviderNotAvailable
from models.validation import parse
from schema.payments.recording import Amount, Currency, Reference
from schema.purchases.inputs import (
    PayPurchaseInput,
    PurchaseWhere,
    RefundedAmount,
    RefundNote,
    TopUpWalletInput,
    purchase_filter,
)
from schema.purchases.payloads import found_purchase, sent_purchase
from schema.purchases.types import Purchase, PurchaseConnection, PurchaseId
from schema.sorting import OrderBy, TimeOrder
from services.purchases import access, ending, recording, refunds, topping_up
from services.purchases.paying_again import pay_purchase

Where = Annotated[PurchaseWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class PurchaseQuery:
    @connection(
        PurchaseConnection,
        "The viewer's purchases, or those of a vendor, newest first. Without a vendor, admins see"
        " all. Subscriptions: `purchaseChanges`, `vendorPurchaseChanges`.",
    )
    def purchases(
        self, info: Info, where: Where = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return access.list_purchases(info.context.viewer, purchase_filter(where), newest=newest)


@strawberry.type
class PurchaseMutation:
    @mutation(
        personal=True,
        purchase=Purchase,
        raises=(
            InvalidInput,
            NotFound,
            rows.TopUpNotOffered,
            rows.TopUpOutOfRange,
            rows.WalletFull,
            ProviderNotAvailable,
            PaymentTooSmall,
            rows.PurchaseLimitReached,
            *KEYED,
        ),
    )
    async def top_up_wallet(self, info: Info, input: TopUpWalletInput) -> Purchase | None:
        """Buy money for the viewer's wallet, or for that of a vendor: requires its MANAGER or OWNER
        role. The money is in the wallet when the payment has arrived. With a payment provider, the
        newest of the purchase's `payments` has what its form or page needs.
        """
        async with info.context.transaction() as session:
            purchase = await topping_up.top_up_wallet(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                amount=input.amount_minor,
                currency=input.currency,
                way=input.way(),
                ways=info.context.app.ways_to_pay,
                idempotency_key=input.idempotency_key,
            )
        return await sent_purchase(info, purchase.id)

    @mutation(
        personal=True,
        purchase=Purchase,
        raises=(
            InvalidInput,
            NotFound,
            WalletTooLow,
            rows.InvalidPurchaseState,
            ProviderNotAvailable,
            PaymentTooSmall,
            PaymentInProgress,
            *KEYED,
        ),
    )
    async def pay_purchase(self, info: Info, input: PayPurchaseInput) -> Purchase | None:
        """Pay a PENDING purchase in another way, or once more, such as an unpaid period of a
        subscription. The payment before is cancelled first, so that it is paid once.
        """
        context = info.context
        await pay_purchase(
            context.call_sender,
            context.viewer,
            context.app.ways_to_pay,
            input.way(),
            purchase_id=input.purchase_id,
            idempotency_key=input.idempotency_key,
        )
        return await found_purchase(info, input.purchase_id)

    @mutation(
        personal=True,
        purchase=Purchase,
        raises=(NotFound, rows.InvalidPurchaseState, PackPastDue),
        repeatable="sets a state",
    )
    async def cancel_purchase(self, info: Info, purchase_id: PurchaseId) -> rows.Purchase:
        """Cancel a purchase that is not paid. That of a subscription ends with the subscription."""
        async with info.context.transaction() as session:
            return await ending.cancel_purchase(
                session, info.context.viewer, purchase_id=purchase_id
            )

    @mutation(
        for_admins=True,
        purchase=Purchase,
        audit=AuditAct.RECORD_PURCHASE_PAYMENT,
        raises=(
            InvalidInput,
            NotFound,
            rows.OwnPurchase,
            rows.InvalidPurchaseState,
            PaymentMismatch,
            PaymentReferenceTaken,
            *KEYED,
        ),
    )
    async def record_purchase_payment(
        self,
        info: Info,
        purchase_id: PurchaseId,
        amount_minor: Amount,
        currency: Currency,
        reference: Reference,
        idempotency_key: IdempotencyKey,
    ) -> rows.Purchase:
        """Record that the transfer for a purchase has arrived: what was bought is given then, also
        if it had EXPIRED. A top-up for which the wallet has no room any more stays EXPIRED, and its
        money is granted back: see `refunds`. Only admins can do this, and not for their own
        purchases.
        """
        recorded = parse(
            RecordedPayment, amount=amount_minor, currency=currency, reference=reference
        )
        async with info.context.transaction() as session:
            return await recording.record_purchase_payment(
                session,
                info.context.viewer,
                recorded,
                purchase_id=purchase_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        personal=True,
        fresh=True,
        purchase=Purchase,
        audit=AuditAct.REFUND_PURCHASE,
        raises=(
            InvalidInput,
            NotFound,
            rows.OwnPurchase,
            rows.InvalidPurchaseState,
            rows.NothingToRefund,
            RefundTooLarge,
            PaymentDisputed,
            *KEYED,
        ),
    )
    async def refund_purchase(
        self,
        info: Info,
        purchase_id: PurchaseId,
        idempotency_key: IdempotencyKey,
        amount_minor: RefundedAmount = None,
        note: RefundNote = None,
    ) -> rows.Purchase:
        """Refund what is left of a top-up, at most the wallet's balance without promotional money,
        or the unused units of a pack, which end. Only admins can do this, and not for their own
        purchases.
        """
        draft = parse(refunds.PurchaseRefund, amount_minor=amount_minor, note=note)
        async with info.context.transaction() as session:
            return await refunds.refund_purchase(
                session,
                info.context.viewer,
                draft,
                purchase_id=purchase_id,
                idempotency_key=idempotency_key,
            )
