"""Links to tickets as PDF, which name the user and the generation of each ticket.

A ticket that was transferred or cancelled since has another one: its link shows nothing any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from core.security.signing_keys import SigningKeys
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PATH = "/tickets/pdf"
MAX_TICKETS = 20  # of a file
MIN_SECONDS, LINK_SECONDS, MAX_SECONDS = 60, 600, 3600


@dataclass(frozen=True)
class TicketsLink:
    """Tickets for one user, with the generation of each, in their order."""

    user_id: UUID
    generations: Mapping[UUID, int]

    def sign(self, keys: SigningKeys, seconds: int = LINK_SECONDS) -> SignedLink:
        tickets = ",".join(f"{id.hex}.{number}" for id, number in self.generations.items())
        claims = {"user": self.user_id.hex, "tickets": tickets}
        return sign_link(keys, LinkPurpose.TICKETS, claims, seconds)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "TicketsLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.TICKETS, link)
        pairs = (one.split(".") for one in claims["tickets"].split(","))
        return cls(UUID(hex=claims["user"]), {UUID(hex=id): int(number) for id, number in pairs})
