"""Links to exports of dates, which name their user: rights are checked again for each download."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.security.signing_keys import SigningKeys
from services.links import LinkPurpose, SignedLink, read_link, sign_link

PATH = "/events/exports"
LINK_SECONDS = 600


class SalesExport(StrEnum):
    """ATTENDEES has a row for each valid ticket with its name, SALES one for each ticket."""

    ATTENDEES = "ATTENDEES"
    SALES = "SALES"


@dataclass(frozen=True)
class ExportLink:
    """An export of a date, for one member."""

    event_date_id: UUID
    export: SalesExport
    user_id: UUID

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {
            "date": self.event_date_id.hex,
            "export": self.export.value,
            "user": self.user_id.hex,
        }
        return sign_link(keys, LinkPurpose.EVENT_EXPORT, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "ExportLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.EVENT_EXPORT, link)
        ids = UUID(hex=claims["date"]), UUID(hex=claims["user"])
        return cls(ids[0], SalesExport(claims["export"]), ids[1])
