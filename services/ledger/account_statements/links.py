"""Links to statements, which name their user: rights are checked again for each download."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.security.signing_keys import SigningKeys
from models.ledger.account_statements import (
    DateRange,
    StatementFormat,
    StatementKind,
    StatementOf,
)
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PATH = "/ledger/statements"
LINK_SECONDS = 600


@dataclass(frozen=True)
class StatementLink:
    """A file of a statement, for one user. Without a vendor it is of the user's own wallet."""

    format: StatementFormat
    kind: StatementKind
    vendor_id: UUID | None
    currency: str
    period: DateRange
    user_id: UUID

    @classmethod
    def to(cls, of: StatementOf, format: StatementFormat, user_id: UUID) -> "StatementLink":
        vendor_id = of.owner_id if of.of_vendor else None
        return cls(format, of.kind, vendor_id, of.currency, of.period, user_id)

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {
            "format": self.format.name,
            "kind": self.kind.value,
            "vendor": self.vendor_id.hex if self.vendor_id else "",
            "currency": self.currency,
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
            "user": self.user_id.hex,
        }
        return sign_link(keys, LinkPurpose.STATEMENT, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "StatementLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.STATEMENT, link)
        days = (date.fromisoformat(claims[name]) for name in ("first", "last"))
        return cls(
            StatementFormat[claims["format"]],
            StatementKind(claims["kind"]),
            UUID(hex=claims["vendor"]) if claims["vendor"] else None,
            claims["currency"],
            DateRange(*days),
            UUID(hex=claims["user"]),
        )
