"""Links to the papers of shipments, which name their member: rights are checked again for each."""

import time
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.errors import NotFound

PATH = "/shipments/papers"
LINK_SECONDS = 600
METHOD = "PAPER"  # no link to an object has it


class PaperKind(StrEnum):
    LABEL = "label"
    PACKING_SLIP = "packing-slip"


@dataclass(frozen=True)
class PaperLink:
    """A paper of a shipment, for one member."""

    kind: PaperKind
    shipment_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys) -> str:
        claims = {
            "method": METHOD,
            "paper": self.kind.value,
            "shipment": self.shipment_id.hex,
            "user": self.user_id.hex,
        }
        return keys.sign_link(claims, int(time.time()) + LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "PaperLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        try:
            claims = keys.read_link(link)
        except (BadSignature, WrongType, TokenExpired) as error:
            raise NotFound from error
        if claims.get("method") != METHOD:
            raise NotFound
        ids = UUID(hex=claims["shipment"]), UUID(hex=claims["user"])
        return cls(PaperKind(claims["paper"]), *ids)
