"""Links to invoices, which name their user: rights are checked again for each download."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.security.signing_keys import SigningKeys
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PDF_PATH, CSV_PATH = "/invoices/pdf", "/invoices/csv"
CHECK_PATH = "/invoices"  # followed by the code of an invoice
MIN_SECONDS, LINK_SECONDS, MAX_SECONDS = 60, 600, 3600


@dataclass(frozen=True)
class InvoiceLink:
    """The PDF of an invoice, for one user."""

    invoice_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys, seconds: int = LINK_SECONDS) -> SignedLink:
        claims = {"invoice": self.invoice_id.hex, "user": self.user_id.hex}
        return sign_link(keys, LinkPurpose.INVOICE, claims, seconds)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "InvoiceLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.INVOICE, link)
        return cls(UUID(hex=claims["invoice"]), UUID(hex=claims["user"]))


@dataclass(frozen=True)
class InvoicesLink:
    """The invoices of a vendor from one day to another, for one member."""

    vendor_id: UUID
    user_id: UUID
    first: date
    last: date

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {
            "vendor": self.vendor_id.hex,
            "user": self.user_id.hex,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }
        return sign_link(keys, LinkPurpose.INVOICES, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "InvoicesLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.INVOICES, link)
        first, last = (date.fromisoformat(claims[name]) for name in ("first", "last"))
        return cls(UUID(hex=claims["vendor"]), UUID(hex=claims["user"]), first, last)
