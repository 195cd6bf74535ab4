"""Links to the pass of a ticket, which name the user and the generation, as those to PDF do."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from core.security.signing_keys import SigningKeys
from services.events.tickets.links import TicketsLink
from services.links import LinkPurpose, SignedLink, read_link, sign_link

APPLE_PATH, GOOGLE_PATH = "/tickets/apple", "/tickets/google"
LINK_SECONDS = 600


@dataclass(frozen=True)
class PassLink:
    """A generation of a ticket, for one user. It leads to the pass of either wallet."""

    user_id: UUID
    ticket_id: UUID
    generation: int

    @property
    def tickets(self) -> TicketsLink:
        return TicketsLink(self.user_id, {self.ticket_id: self.generation})

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {
            "user": self.user_id.hex,
            "ticket": self.ticket_id.hex,
            "generation": str(self.generation),
        }
        return sign_link(keys, LinkPurpose.PASS, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> Self:
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.PASS, link)
        ids = UUID(hex=claims["user"]), UUID(hex=claims["ticket"])
        return cls(*ids, int(claims["generation"]))
