"""Purchases from the platform."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import user_by_id
from dataloaders.invoices import invoices_of_purchase
from dataloaders.packs import grants_of_purchase, pack_by_id
from dataloaders.purchases import payments_of_purchase, refunds_of_purchase, visible_purchase
from dataloaders.vendors import vendor_by_id
from engine.connections import LiveConnection
from engine.ids import id_of
from engine.types import Rows, column, field, loaded, related, related_page
from models import purchases as rows
from schema.lazy import (
    LazyInvoice,
    LazyPack,
    LazyPackGrant,
    LazyPayment,
    LazyRefund,
    LazyUser,
    LazyVendor,
)
from schema.money import Money, money_of
from schema.purchases.enums import PurchaseKind, PurchaseState

PurchaseId = Annotated[UUID, id_of("Purchase", "The purchase's id.")]
Root = strawberry.Parent[rows.Purchase]


@strawberry.type(
    description="Something that a user buys from the platform: money for a wallet, or a pack for a"
    " vendor. Visible to the user, to the owners and managers of the vendor, and to admins."
)
class Purchase(Rows[rows.Purchase], relay.Node, access=visible_purchase):
    id: relay.NodeID[UUID]
    purchase_kind: PurchaseKind = column("The kind of purchase.", of="kind")
    purchase_state: PurchaseState = column("The state.", of="state")
    created_at: datetime = column("The time at which it was made.")
    paid_at: datetime | None = column("The time at which it was paid.")
    pay_until: datetime = column("The time until which it can be paid.", of="hold_until")
    purchased_by: LazyUser = related(
        user_by_id, by="user_id", description="The user who made it, or whose mandate pays it."
    )
    buying_vendor: LazyVendor | None = related(
        vendor_by_id,
        by="owner_id",
        description="The vendor that it is for. Null for a user's own.",
    )
    bought_pack: LazyPack | None = related(
        pack_by_id, by="ref_id", description="The pack. Null for the other kinds."
    )
    payments: list[LazyPayment] = related(
        payments_of_purchase, by="id", description="Its payments, the oldest first.", size=2
    )
    refunds: list[LazyRefund] = related(
        refunds_of_purchase, by="id", description="Its refunds, the oldest first.", size=2
    )

    invoices: list[LazyInvoice] = related_page(
        invoices_of_purchase,
        LazyInvoice,
        "The invoice or receipt, once it is issued. Its `creditNotes` correct it.",
    )

    @loaded(
        grants_of_purchase,
        by="id",
        description="The quota that the vendor got for it. Null before it is paid, for the other"
        " kinds, and for those who can't see the vendor's packs.",
        domain="packs",
    )
    def pack_grant(root: Root, found: Sequence[Any]) -> LazyPackGrant | None:
        return next(iter(found), None)

    @field("The amount, with tax.", needs=("total", "currency"))
    def total(root: Root) -> Money:
        return money_of(root.total, root.currency)

    @field("The tax in the amount.", needs=("tax", "currency"))
    def tax(root: Root) -> Money:
        return money_of(root.tax, root.currency)


@strawberry.type(description="A page of purchases, with live changes.")
class PurchaseConnection(LiveConnection[Purchase]):
    pass
