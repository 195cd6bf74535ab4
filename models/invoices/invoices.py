"""Invoices as they were issued. What was issued never changes: a credit note corrects it."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from core.security.sealed import Sealer
from models.base import (
    LONG,
    Row,
    enum_column,
    json,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.invoices.content import InvoiceContent, InvoiceParty
from models.invoices.series import MAX_NUMBER_LENGTH, InvoiceKind
from models.orders.orders import minor_units
from models.personal_data import retain_rows
from models.sealed_columns import sealed

SELLER_COLUMN = "invoice.seller"
BUYER_COLUMN = "invoice.buyer"
CODE_LENGTH = 12  # symbols of Crockford's base 32, random: 60 bits
NOTICE_TIME = timedelta(days=2)  # after which a document that was late is not announced
MAX_COPIES = 10  # of a document, by mail to one user
GROSS = "taxable + tax + rounding"


class InvoiceState(StrEnum):
    """`ISSUED → RENDERED` with its PDF. BLANKED when the term of bookkeeping is over."""

    ISSUED = "ISSUED"
    RENDERED = "RENDERED"
    BLANKED = "BLANKED"


class Invoice(Row, table=True):
    """A document of one seller. Without `issuer_id`, the platform is the seller.

    `vendor_id` is the vendor that issued it, or that it is for, and `buyer_id` the user that it is
    for. `source_id` is the sub-order, or derives from what else it is for: a source has one
    document. The parties are sealed copies. A trigger refuses to change anything but the state, the
    PDF, and the parties, whose keys are replaced.
    """

    __table_args__ = (
        CheckConstraint(f"char_length(number) BETWEEN 1 AND {MAX_NUMBER_LENGTH}", name="number"),
        CheckConstraint(f"code ~ '^[0-9A-HJKMNP-TV-Z]{{{CODE_LENGTH}}}$'", name="code"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(
            f"total = {GROSS} - platform_discount AND platform_discount >= 0 AND tax >= 0",
            name="total",
        ),
        CheckConstraint("(kind = 'CREDIT_NOTE') = (corrects_id IS NOT NULL)", name="corrects_id"),
        CheckConstraint("num_nonnulls(vendor_id, buyer_id) > 0", name="parties"),
        CheckConstraint("(state = 'BLANKED') = (seller IS NULL)", name="seller"),
        CheckConstraint("(state = 'RENDERED') <= (sha256 IS NOT NULL)", name="sha256"),
        UniqueConstraint("issuer_id", "fiscal_year", "number", postgresql_nulls_not_distinct=True),
        UniqueConstraint("source_id"),
        UniqueConstraint("code"),
        Index("invoice_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("invoice_buyer_id_idx", "buyer_id", "created_at", "id"),
        Index("invoice_created_at_idx", "created_at", "id"),
        Index("invoice_number_idx", "number"),
        Index("invoice_order_id_idx", "order_id", "created_at", "id"),
        Index("invoice_suborder_id_idx", "suborder_id", "created_at", "id"),
        Index("invoice_corrects_id_idx", "corrects_id", "created_at", "id"),
        Index("invoice_issued_idx", "created_at", postgresql_where=text("state = 'ISSUED'")),
        Index("invoice_kept_idx", "created_at", postgresql_where=text("state <> 'BLANKED'")),
    )
    __privacy__ = retain_rows(
        of="buyer_id",
        personal="content locale",
        secrets="code",
        id="source_id",
        none=(
            "fiscal_year number currency issued_on taxable tax rounding platform_discount total"
            " sha256"
        ),
    )

    issuer_id: UUID | None = optional_foreign_key("vendor", index=False)
    kind: InvoiceKind = enum_column(InvoiceKind)
    fiscal_year: int
    number: str = Field(max_length=MAX_NUMBER_LENGTH)
    code: str = Field(max_length=CODE_LENGTH)
    source_id: UUID
    vendor_id: UUID | None = optional_foreign_key("vendor", index=False)
    buyer_id: UUID | None = optional_foreign_key("user", index=False)
    order_id: UUID | None = optional_foreign_key("order", index=False)
    suborder_id: UUID | None = optional_foreign_key("suborder", index=False)
    refund_id: UUID | None = optional_foreign_key("refund")
    corrects_id: UUID | None = optional_foreign_key("invoice", index=False)
    currency: str = Field(max_length=3)
    locale: str = Field(max_length=16)
    issued_on: date = Field(sa_type=Date)
    taxable: int = minor_units()
    tax: int = minor_units()
    rounding: int = minor_units()
    platform_discount: int = minor_units(default=0)
    total: int = minor_units()
    content: dict[str, Any] = json(sa_column_kwargs={"info": LONG})
    seller: bytes | None = sealed(optional=True)
    buyer: bytes | None = sealed(optional=True)
    state: InvoiceState = enum_column(InvoiceState, default=InvoiceState.ISSUED)
    sha256: bytes | None = None
    rendered_at: datetime | None = timestamp(default=None)

    @property
    def key(self) -> str:
        """Return the key of the object with the sealed PDF."""
        return f"invoices/{self.id}"

    @property
    def file_name(self) -> str:
        return f"{self.number.replace('/', '-')}.pdf"

    @property
    def details(self) -> InvoiceContent:
        return InvoiceContent.decode(self.content)

    @property
    def is_announced(self) -> bool:
        """Return whether it is young enough that its buyer is notified."""
        return self.created_at > now() - NOTICE_TIME

    def seal_parties(self, sealer: Sealer, seller: InvoiceParty, buyer: InvoiceParty) -> None:
        self.seller = sealer.seal(SELLER_COLUMN, self.id, seller.encode())
        self.buyer = sealer.seal(BUYER_COLUMN, self.id, buyer.encode())

    def open_seller(self, sealer: Sealer) -> InvoiceParty | None:
        """Return the seller, None after the term of bookkeeping."""
        if self.seller is None:
            return None
        return InvoiceParty.decode(sealer.open(SELLER_COLUMN, self.id, self.seller))

    def open_buyer(self, sealer: Sealer) -> InvoiceParty | None:
        if self.buyer is None:
            return None
        return InvoiceParty.decode(sealer.open(BUYER_COLUMN, self.id, self.buyer))

    def render(self, sha256: bytes) -> None:
        """Note that the PDF is stored."""
        self.state, self.sha256, self.rendered_at = InvoiceState.RENDERED, sha256, now()


class InvoiceNotReady(Refusal):
    message = "The PDF of this invoice is still being made. Try again in a moment."
    meaning = "The invoice is ISSUED: a job makes its PDF. Or its term of bookkeeping is over."
    remedy = "Refetch the invoice after some seconds."


class InvoiceCopiesUsedUp(Refusal):
    message = "This invoice was sent {most} times. Download it instead."
    meaning = "The user was sent the invoice as often as one can be."
    remedy = "Offer the download of the PDF."
