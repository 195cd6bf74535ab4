"""Links to invoices, which name their user: rights are checked again for each download."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.errors import NotFound

PDF_PATH, CSV_PATH = "/invoices/pdf", "/invoices/csv"
CHECK_PATH = "/invoices"  # followed by the code of an invoice
MIN_SECONDS, LINK_SECONDS, MAX_SECONDS = 60, 600, 3600
PDF, CSV = "INVOICE", "INVOICES"  # methods: no link to an object has them


@dataclass(frozen=True)
class SignedLink:
    """A signed path, with its end."""

    path: str
    expires_at: datetime

    @classmethod
    def sign(
        cls, keys: SigningKeys, path: str, claims: dict[str, Any], seconds: int
    ) -> "SignedLink":
        expires = int(time.time()) + seconds
        link = keys.sign_link(claims, expires)
        return cls(f"{path}?link={link}", datetime.fromtimestamp(expires, UTC))


@dataclass(frozen=True)
class InvoiceLink:
    """The PDF of an invoice, for one user."""

    invoice_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys, seconds: int = LINK_SECONDS) -> SignedLink:
        claims = {"method": PDF, "invoice": self.invoice_id.hex, "user": self.user_id.hex}
        return SignedLink.sign(keys, PDF_PATH, claims, seconds)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "InvoiceLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = _read(keys, link, PDF)
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
            "method": CSV,
            "vendor": self.vendor_id.hex,
            "user": self.user_id.hex,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }
        return SignedLink.sign(keys, CSV_PATH, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "InvoicesLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = _read(keys, link, CSV)
        first, last = (date.fromisoformat(claims[name]) for name in ("first", "last"))
        return cls(UUID(hex=claims["vendor"]), UUID(hex=claims["user"]), first, last)


def _read(keys: SigningKeys, link: str, method: str) -> dict[str, Any]:
    try:
        claims = keys.read_link(link)
    except (BadSignature, WrongType, TokenExpired) as error:
        raise NotFound from error
    if claims.get("method") != method:
        raise NotFound
    return claims
