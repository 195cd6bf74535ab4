"""Links to files for banks, which name their admin: the rights are checked again for each."""

import time
from dataclasses import dataclass
from uuid import UUID

from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.errors import NotFound

PATH = "/payouts/files"
LINK_SECONDS = 300
METHOD = "PAYOUT_FILE"  # no link to an object or a paper has it


@dataclass(frozen=True)
class PayoutFileLink:
    """A file for a bank, for one admin."""

    file_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys) -> str:
        claims = {"method": METHOD, "file": self.file_id.hex, "user": self.user_id.hex}
        return keys.sign_link(claims, int(time.time()) + LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "PayoutFileLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        try:
            claims = keys.read_link(link)
        except (BadSignature, WrongType, TokenExpired) as error:
            raise NotFound from error
        if claims.get("method") != METHOD:
            raise NotFound
        return cls(UUID(hex=claims["file"]), UUID(hex=claims["user"]))
