"""Links to the papers of shipments, which name their member: rights are checked again for each."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.security.signing_keys import SigningKeys
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PATH = "/shipments/papers"
LINK_SECONDS = 600


class PaperKind(StrEnum):
    LABEL = "label"
    PACKING_SLIP = "packing-slip"


@dataclass(frozen=True)
class PaperLink:
    """A paper of a shipment, for one member."""

    kind: PaperKind
    shipment_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {
            "paper": self.kind.value,
            "shipment": self.shipment_id.hex,
            "user": self.user_id.hex,
        }
        return sign_link(keys, LinkPurpose.PAPER, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "PaperLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.PAPER, link)
        ids = UUID(hex=claims["shipment"]), UUID(hex=claims["user"])
        return cls(PaperKind(claims["paper"]), *ids)
