"""Invoices, credit notes and receipts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.invoices import credit_notes_of_invoice, visible_invoice
from dataloaders.orders import visible_order, visible_suborder
from dataloaders.payments import visible_refund
from dataloaders.vendors import own_membership, vendor_by_id
from engine.connections import LiveConnection
from engine.context import Info
from engine.permissions import visible_to_members
from engine.scalars import CountryCode, CurrencyCode
from engine.types import Rows, column, field, related, related_page
from models import vendors as vendor_rows
from models.invoices import invoices as rows
from models.invoices.content import InvoiceParty as Party
from models.members import Permission
from schema.invoices.enums import InvoiceKind, InvoiceState
from schema.invoices.inputs import ExpiresIn, FirstDay, LastDay
from schema.lazy import LazyInvoice, LazyOrder, LazyRefund, LazySubOrder, LazyVendor
from schema.links import ExpiringLink, expiring
from schema.money import Money, money_of
from schema.taxes.enums import TaxComponent
from services.invoices.export import ensure_period
from services.invoices.links import (
    CSV_PATH,
    LINK_SECONDS,
    MAX_SECONDS,
    MIN_SECONDS,
    PDF_PATH,
    InvoiceLink,
    InvoicesLink,
)
from services.vendors.access import may_do

InvoiceRoot = strawberry.Parent[rows.Invoice]


@strawberry.type(description="The seller or the buyer, as the document names them.")
class InvoiceParty:
    name: str = strawberry.field(description="The company, or else the name.")
    lines: list[str] = strawberry.field(description="The name and the address, line by line.")
    country: CountryCode = strawberry.field(description="The country.")
    tax_id: str | None = strawberry.field(description="The tax number. Null without one.")


@strawberry.type(description="A tax of a document.")
class InvoiceTax:
    component: TaxComponent = strawberry.field(description="The tax.")
    bps: int = strawberry.field(description="The rate in basis points: 1,800 is 18 %.")
    taxable: Money = strawberry.field(description="The net amount that is taxed at this rate.")
    tax: Money = strawberry.field(description="The amount of the tax.")


def _amount(name: str, description: str) -> Any:
    @field(description, needs=(name, "currency"))
    def amount(root: InvoiceRoot) -> Money:
        return money_of(getattr(root, name), root.currency)

    return amount


def _party(party: Party | None) -> InvoiceParty | None:
    if party is None:
        return None
    return InvoiceParty(
        name=party.company or party.name,
        lines=party.lines,
        country=CountryCode(party.country),
        tax_id=party.full_tax_id,
    )


@strawberry.type(
    description="An invoice, a credit note or a receipt. What was issued never changes: a credit"
    " note corrects it. Visible to the buyer, to the vendor's members with the MANAGER role or"
    " higher, and to admins."
)
class Invoice(Rows[rows.Invoice], relay.Node, access=visible_invoice):
    id: relay.NodeID[UUID]
    number: str = column(
        "The number, of at most 16 characters, such as `INV/2627/000001`: unique for the seller in"
        " the fiscal year."
    )
    invoice_kind: InvoiceKind = column("The kind of document.", of="kind")
    invoice_state: InvoiceState = column("Whether its PDF can be downloaded.", of="state")
    issued_on: date = column("The day of issue, in the time zone of the seller.")
    issued_at: datetime = column("The time of issue.", of="created_at")
    currency: CurrencyCode = column("The currency of its amounts.")
    issuer: LazyVendor | None = related(
        vendor_by_id, by="issuer_id", description="The seller. Null for the platform."
    )
    order: LazyOrder | None = related(
        visible_order,
        by="order_id",
        description="The order. Null for all but the buyer and admins, and without one.",
    )
    corrects: LazyInvoice | None = related(
        visible_invoice,
        by="corrects_id",
        description="The document that a credit note corrects. Null for others.",
    )
    credit_notes: list[LazyInvoice] = related_page(
        credit_notes_of_invoice, LazyInvoice, "The credit notes of it, newest first."
    )
    taxable: Money = _amount("taxable", "The net amount, after discounts of the seller.")
    tax: Money = _amount("tax", "All taxes.")
    rounding: Money = _amount(
        "rounding", "The rest that no net amount fits, at most one minor unit for each rate."
    )
    paid_by_platform: Money = _amount(
        "platform_discount", "The discount that the platform has paid to the seller."
    )
    total: Money = _amount(
        "total", "The rest, which the buyer has paid, or got back by a credit note."
    )
    invoiced_suborder: LazySubOrder | None = related(
        visible_suborder,
        by="suborder_id",
        description="The part of an order that it is for. Null for other invoices.",
    )
    credited_refund: LazyRefund | None = related(
        visible_refund,
        by="refund_id",
        description="The refund that it is the credit note of. Null for others, and for vendors.",
    )

    @field("The taxes by rate.", needs=("content", "currency"), size=3, cost=1)
    def taxes(root: InvoiceRoot) -> list[InvoiceTax]:
        return [
            InvoiceTax(
                component=one.component,
                bps=one.bps,
                taxable=money_of(group.taxable, root.currency),
                tax=money_of(one.tax, root.currency),
            )
            for group in root.details.groups
            for one in group.taxes
        ]

    @field(
        "The seller as named. Null after the term of bookkeeping.", needs=("id", "seller"), cost=1
    )
    def seller(root: InvoiceRoot, info: Info) -> InvoiceParty | None:
        return _party(root.open_seller(info.context.app.sealer))

    @field("The buyer as named. Null after the term of bookkeeping.", needs=("id", "buyer"), cost=1)
    def buyer(root: InvoiceRoot, info: Info) -> InvoiceParty | None:
        return _party(root.open_buyer(info.context.app.sealer))

    @field(
        "A link to the PDF. In the European Union, it has the invoice as XML in it, by EN 16931."
        " Null before it is RENDERED, and after the term of bookkeeping.",
        needs=("id", "state"),
        cost=1,
    )
    def pdf(
        root: InvoiceRoot, info: Info, expires_in: ExpiresIn = LINK_SECONDS
    ) -> ExpiringLink | None:
        if root.state is not InvoiceState.RENDERED:
            return None
        seconds = min(max(expires_in, MIN_SECONDS), MAX_SECONDS)
        link = InvoiceLink(root.id, info.context.viewer.require_user())
        return expiring(info, PDF_PATH, link.sign(info.context.app.keys, seconds))


@strawberry.type(description="A page of invoices, with live changes.")
class InvoiceConnection(LiveConnection[Invoice]):
    pass


@strawberry.type
class InvoiceVendorFields:
    """A base of Vendor, not a type of the schema."""

    @visible_to_members(own_membership, may_do(Permission.SEE_INVOICES), admins=True)
    @field(
        "A link to the invoices of a period as CSV, for an accountant. Credit notes have negative"
        " amounts. Visible to owners and managers, and admins.",
        needs=("id",),
        cost=1,
    )
    async def invoices_csv(
        root: strawberry.Parent[vendor_rows.Vendor],
        info: Info,
        from_day: FirstDay,
        until_day: LastDay,
    ) -> ExpiringLink:
        ensure_period(from_day, until_day)
        user_id = info.context.viewer.require_user()
        link = InvoicesLink(root.id, user_id, from_day, until_day)
        return expiring(info, CSV_PATH, link.sign(info.context.app.keys))
