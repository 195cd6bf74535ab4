"""Refunds of orders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.invoices import credit_notes_of_refund
from dataloaders.orders import line_by_id, order_by_id, suborder_by_id, visible_payment
from dataloaders.payments import (
    amounts_of_refund,
    currency_of_refund,
    lines_of_refund,
    parts_of_refund,
    payment_by_id,
    refund_by_id,
    refund_part_by_id,
    visible_refund,
    visible_refund_part,
)
from dataloaders.purchases import visible_purchase
from engine.ids import id_of
from engine.types import Rows, column, field, loaded, related, related_page
from models.orders.lines import MAX_LINES
from models.payments import refunds as rows
from models.payments.payments import Payment
from schema.lazy import (
    LazyInvoice,
    LazyOrder,
    LazyOrderLine,
    LazyPayment,
    LazyPurchase,
    LazyRefund,
    LazyRefundPart,
    LazySubOrder,
)
from schema.money import Money, money_of
from schema.orders.amounts import suborder_amount
from schema.orders.enums import PaymentProvider
from schema.payments.enums import (
    RefundPartState,
    RefundReason,
    RefundShare,
    RefundState,
)
from schema.promos.enums import FundedBy

RefundPartId = Annotated[UUID, id_of("RefundPart", "The id of a part of a refund.")]
RefundRoot = strawberry.Parent[rows.Refund]
LineRoot = strawberry.Parent[rows.RefundLine]
PartRoot = strawberry.Parent[rows.RefundPart]


@strawberry.type(
    description="Units of a line that were refunded. Visible to those who can see the vendor's"
    " part: the buyer, the vendor's members with the STAFF role or higher, and admins."
)
class RefundLine(Rows[rows.RefundLine]):
    restocked: bool = column("Whether the units can be sold again.", of="restock")
    granted_at: datetime = column("The time at which it was granted.", of="created_at")
    line: LazyOrderLine = related(line_by_id, by="line_id", description="The line.")

    @field("The number of units.", needs=("units",))
    def quantity(root: LineRoot) -> int:
        units: int = root.units.upper - root.units.lower
        return units

    @loaded(refund_by_id, by="refund_id", description="The reason.")
    def reason(root: LineRoot, refund: rows.Refund) -> RefundReason:
        return refund.reason

    amount: Money = suborder_amount(
        "amount", "The amount that goes back, with the units' share of the delivery."
    )

    tax: Money = suborder_amount("tax", "The tax in the amount.")


@strawberry.type(
    description="An amount of a refund that is for no units. Visible to those who can see the"
    " vendor's part: the buyer, the vendor's members with the STAFF role or higher, and admins."
)
class RefundAmount(Rows[rows.RefundAmount]):
    share: RefundShare = column("The reason of the amount.")
    borne_by: FundedBy = column("The side that bears it.")
    granted_at: datetime = column("The time at which it was granted.", of="created_at")
    amount: Money = suborder_amount("amount", "The amount that goes back.")
    tax: Money = suborder_amount("tax", "The tax in the amount.")
    suborder: LazySubOrder = related(
        suborder_by_id, by="suborder_id", description="The vendor's part of the order."
    )


@strawberry.type(
    description="The part of a refund that goes back by the way of one payment. Visible to the"
    " buyer and to admins."
)
class RefundPart(Rows[rows.RefundPart], relay.Node, access=visible_refund_part):
    id: relay.NodeID[UUID]
    payment_provider: PaymentProvider = column("The way of the payment.", of="provider")
    part_state: RefundPartState = column("The state of the part.")
    reference: str | None = column("The reference of the transfer. Null before it.")
    settled_at: datetime | None = column("The time at which the money was sent. Null before it.")
    failed_at: datetime | None = column("The time at which it failed. Null else.")
    wallet_accepted_at: datetime | None = column(
        "The time at which the buyer agreed to the wallet if it fails. Null before."
    )
    replaces: LazyRefundPart | None = related(
        refund_part_by_id,
        by="replaces_id",
        description="The part that has failed, which this one replaces. Null else.",
    )
    refund: LazyRefund | None = related(
        visible_refund,
        by="refund_id",
        description="The refund.",
    )
    payment: LazyPayment | None = related(
        visible_payment,
        by="payment_id",
        description="The payment that it goes back to.",
    )

    @loaded(
        payment_by_id,
        by="payment_id",
        description="The amount.",
        needs=("payment_id", "amount"),
    )
    def amount(root: PartRoot, payment: Payment) -> Money:
        return money_of(root.amount, payment.currency)


@strawberry.type(
    description="Money that was granted back to the buyer. Visible to the buyer and to admins."
)
class Refund(Rows[rows.Refund], relay.Node, access=visible_refund):
    id: relay.NodeID[UUID]
    reason: RefundReason = column("The reason.")
    state: RefundState = column("Whether the money was sent.")
    refund_note: str | None = column(
        "The words of the buyer or the vendor. Null without any.", of="note"
    )
    granted_at: datetime = column("The time at which it was granted.", of="created_at")
    settled_at: datetime | None = column("The time at which all of the money was sent.")
    order: LazyOrder | None = related(order_by_id, by="order_id", description="The order.")
    refunded_purchase: LazyPurchase | None = related(
        visible_purchase,
        by="purchase_id",
        description="The purchase. Null for a refund of an order.",
    )
    refunded_lines: list[RefundLine] = related(
        lines_of_refund,
        by="id",
        description=f"The units that it is for, at most {MAX_LINES} lines.",
        size=5,
    )
    refunded_amounts: list[RefundAmount] = related(
        amounts_of_refund,
        by="id",
        description=f"The amounts that are for no units, at most {MAX_LINES} deliveries and as many"
        " of goodwill.",
        size=2,
    )
    parts: list[RefundPart] = related(
        parts_of_refund, by="id", description="The ways by which the money goes back.", size=2
    )
    credit_notes: list[LazyInvoice] = related_page(
        credit_notes_of_refund,
        LazyInvoice,
        "The credit notes for it, the newest first: one of each vendor whose invoice it corrects.",
        domain="invoices",
    )

    @loaded(currency_of_refund, by="id", description="The amount.", needs=("id", "amount"))
    def amount(root: RefundRoot, currency: str) -> Money:
        return money_of(root.amount, currency)
