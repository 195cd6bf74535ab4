"""Links to what was kept of taxes, which name their admin: the right is checked again for each."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.security.signing_keys import SigningKeys
from models.ledger.account_statements import DateRange
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PATH = "/taxes/withheld"
LINK_SECONDS = 300
MAX_DAYS = 366


@dataclass(frozen=True)
class WithheldLink:
    """The taxes in a currency that were kept in a period, for one admin."""

    user_id: UUID
    currency: str
    period: DateRange

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {
            "user": self.user_id.hex,
            "currency": self.currency,
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
        }
        return sign_link(keys, LinkPurpose.WITHHELD, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "WithheldLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.WITHHELD, link)
        first, last = (date.fromisoformat(claims[name]) for name in ("first", "last"))
        return cls(UUID(hex=claims["user"]), claims["currency"], DateRange(first, last))
