"""Disputes of payments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.disputes import (
    evidence_of_dispute,
    files_of_evidence,
    shares_of_dispute,
    visible_dispute,
)
from dataloaders.orders import currency_of_suborder, suborder_by_id
from dataloaders.payments import payment_by_id
from dataloaders.vendors import vendor_by_id
from engine.connections import LiveConnection
from engine.ids import id_of
from engine.permissions import visible_to_admins
from engine.types import Rows, column, field, loaded, related, related_page
from models.payments import disputes as rows
from models.payments.disputes import MAX_EVIDENCE_FILES, VENDOR_HOURS
from schema.disputes.enums import DisputeState
from schema.lazy import LazySubOrder, LazyVendor
from schema.money import Money, money_of
from schema.orders.amounts import suborder_amount
from schema.orders.types import Payment
from schema.uploads.types import Upload

DisputeId = Annotated[UUID, id_of("Dispute", "The dispute's id.")]
Root = strawberry.Parent[rows.Dispute]
ShareRoot = strawberry.Parent[rows.DisputeShare]


@strawberry.type(
    description="The share of one vendor's part of an order in a dispute. Visible to the vendor's"
    " members with the STAFF role or higher, and to admins."
)
class DisputeShare(Rows[rows.DisputeShare]):
    amount: Money = suborder_amount("amount", "The amount of the buyer's payment in it.")
    suborder: LazySubOrder = related(
        suborder_by_id, by="suborder_id", description="The vendor's part of the order."
    )

    @loaded(
        currency_of_suborder,
        by="suborder_id",
        description="The amount that the vendor loses with the dispute: the platform gives its"
        " commission back. It is in the reserve while the bank has the money.",
        needs=("suborder_id", "amount", "promotion", "commission", "commission_tax", "tcs", "tds"),
    )
    def at_stake(root: ShareRoot, currency: str) -> Money:
        return money_of(root.frozen, currency)


@strawberry.type(
    description="The answer of a vendor, or of the platform, to a dispute. Visible to the vendor's"
    " members with the STAFF role or higher, and to admins."
)
class DisputeEvidence(Rows[rows.DisputeEvidence]):
    explanation: str = column("The explanation for the bank.")
    carrier: str | None = column("The carrier of the goods. Null without one.")
    tracking_number: str | None = column("The tracking number. Null without one.")
    given_at: datetime = column("The time at which it was given.", of="created_at")
    vendor: LazyVendor | None = related(
        vendor_by_id, by="vendor_id", description="The vendor. Null for the platform."
    )
    files: list[Upload] = related(
        files_of_evidence,
        by="id",
        description=f"The files in their order, at most {MAX_EVIDENCE_FILES}.",
        size=MAX_EVIDENCE_FILES,
    )


@strawberry.type(
    description="A buyer's bank that takes back the money of a payment. It changes no order and no"
    " stock. Visible to members with the STAFF role or higher of the vendors that have a share in"
    " it, and to admins."
)
class Dispute(Rows[rows.Dispute], relay.Node, access=visible_dispute):
    id: relay.NodeID[UUID]
    dispute_state: DisputeState = column("The state of the dispute.")
    dispute_reason: str = column(
        "The bank's reason, a code of the provider such as `fraudulent`.", of="reason"
    )
    is_refundable: bool = column("Whether a refund can still end it.", of="refundable")
    opened_at: datetime = column("The time at which it became known.", of="created_at")
    evidence_due_at: datetime | None = column(
        "The time until which the bank takes evidence. Null if it takes none.", of="due_at"
    )
    answered_at: datetime | None = column("The time at which the evidence was sent. Null before.")
    accepted_at: datetime | None = column(
        "The time at which the platform accepted it, so that the buyer keeps the money. Null if it"
        " did not."
    )
    ended_at: datetime | None = column("The time at which the bank decided. Null before.")
    shares: list[DisputeShare] = related_page(
        shares_of_dispute, DisputeShare, "The shares of the viewer's vendors, of all for admins."
    )
    evidence: list[DisputeEvidence] = related_page(
        evidence_of_dispute,
        DisputeEvidence,
        "The evidence of the viewer's vendors, of all for admins, newest first.",
    )
    payment: Payment | None = visible_to_admins(
        related(payment_by_id, by="payment_id", description="The payment. Visible to admins.")
    )

    @field(
        f"The time until which vendors answer: {VENDOR_HOURS} hours before the bank's.",
        needs=("due_at",),
    )
    def vendor_due_at(root: Root) -> datetime | None:
        return root.vendor_due_at

    @field("Whether evidence can be given now.", needs=("dispute_state", "sending_at", "due_at"))
    def is_answerable(root: Root) -> bool:
        return root.is_answerable

    @visible_to_admins
    @field("The whole amount. Visible to admins.", needs=("amount", "currency"))
    def disputed_amount(root: Root) -> Money | None:
        return money_of(root.amount, root.currency)


@strawberry.type(description="A page of disputes, with live changes.")
class DisputeConnection(LiveConnection[Dispute]):
    pass
