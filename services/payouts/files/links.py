"""Links to files for banks, which name their admin: the rights are checked again for each."""

from dataclasses import dataclass
from uuid import UUID

from core.security.signing_keys import SigningKeys
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PATH = "/payouts/files"
LINK_SECONDS = 300


@dataclass(frozen=True)
class PayoutFileLink:
    """A file for a bank, for one admin."""

    file_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {"file": self.file_id.hex, "user": self.user_id.hex}
        return sign_link(keys, LinkPurpose.PAYOUT_FILE, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "PayoutFileLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.PAYOUT_FILE, link)
        return cls(UUID(hex=claims["file"]), UUID(hex=claims["user"]))
