"""Fields of Payment about where its money went, and what it was for."""

import strawberry

from dataloaders.disputes import disputes_of_payment
from dataloaders.orders import visible_order
from dataloaders.payments import fee_of_payment, refund_parts_of_payment
from dataloaders.purchases import visible_purchase
from engine.context import Info
from engine.types import column, field, loaded, related, related_page
from models.payments.payments import Payment
from schema.lazy import LazyDispute, LazyOrder, LazyPurchase, LazyRefundPart
from schema.money import Money, money_of

PaymentRoot = strawberry.Parent[Payment]


@strawberry.type
class PaymentMoneyFields:
    """A base of Payment, not a type of the schema."""

    reference: str | None = column(
        "The reference of the provider or the bank, which is in its statements too. Null before."
    )
    order: LazyOrder | None = related(
        visible_order, by="order_id", description="The order that it is for. Null for a purchase."
    )
    paid_purchase: LazyPurchase | None = related(
        visible_purchase,
        by="purchase_id",
        description="The purchase that it is for. Null for an order.",
    )
    refund_parts: list[LazyRefundPart] = related_page(
        refund_parts_of_payment, LazyRefundPart, "Refunds that go back to it, the newest first."
    )
    disputes: list[LazyDispute] = related_page(
        disputes_of_payment, LazyDispute, "The disputes of it, the newest first."
    )

    @field("The amount that has come in.", needs=("captured", "currency"))
    def captured(root: PaymentRoot) -> Money:
        return money_of(root.captured, root.currency)

    @field("The amount that was granted back.", needs=("refunded", "currency"))
    def refunded(root: PaymentRoot) -> Money:
        return money_of(root.refunded, root.currency)

    @field(
        "The amount that the payer's bank has taken back, or holds until a dispute is decided.",
        needs=("disputed", "currency"),
    )
    def disputed(root: PaymentRoot) -> Money:
        return money_of(root.disputed, root.currency)

    @loaded(
        fee_of_payment,
        by="id",
        description="The provider's fee, for admins. Null for all others, and until the provider's"
        " statement was read.",
        needs=("id", "currency"),
    )
    def provider_fee(root: PaymentRoot, fee: int | None, info: Info) -> Money | None:
        if fee is None or not info.context.viewer.admin:
            return None
        return money_of(fee, root.currency)
