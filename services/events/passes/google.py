"""A link that saves a ticket in Google Wallet: what is saved is in it, signed.

Source: https://developers.google.com/wallet/tickets/events/use-cases/jwt
"""

import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt

from core.security.service_account import ServiceAccount
from services.events.passes.content import PassContent

SAVE = "https://pay.google.com/gp/v/save"
# Of names. Google advises links of 1,800 characters, because mail programs cut longer ones. This
# one has about 2,300, and is followed as a redirect, for which browsers have no such limit.
MAX_TEXT = 60


@dataclass(frozen=True)
class GoogleWallet:
    """The issuer of passes, and the service account that signs for it."""

    issuer: str
    account: ServiceAccount

    def save_link(self, content: PassContent) -> str:
        """Return the link to the page of Google on which a user saves the pass."""
        claims = {
            "iss": self.account.client_email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(time.time()),
            "payload": {
                "eventTicketClasses": [self._describe_date(content)],
                "eventTicketObjects": [self._describe_ticket(content)],
            },
        }
        header = {"alg": "RS256", "typ": "JWT"}
        token = jwt.encode(header, claims, self.account.key, algorithms=["RS256"])
        return f"{SAVE}/{token}"

    def _date_id(self, content: PassContent) -> str:
        return f"{self.issuer}.{content.event_date_id.hex}"

    def _describe_date(self, content: PassContent) -> dict[str, Any]:
        """Return what the tickets of a date share. Google keeps what it got first."""
        paper = content.paper
        found = {
            "id": self._date_id(content),
            "issuerName": paper.vendor[:MAX_TEXT],
            "reviewStatus": "UNDER_REVIEW",
            "eventName": _localized(content, paper.event),
        }
        if content.starts_at and content.ends_at:
            found["dateTime"] = {
                "start": content.starts_at.isoformat(timespec="seconds"),
                "end": content.ends_at.isoformat(timespec="seconds"),
            }
        if len(paper.place) > 1:  # both are required
            name, *address = paper.place
            found["venue"] = {
                "name": _localized(content, name),
                "address": _localized(content, ", ".join(address)),
            }
        return found

    def _describe_ticket(self, content: PassContent) -> dict[str, Any]:
        """Return a ticket. Each generation is a pass of its own: it can have another holder."""
        paper = content.paper
        found = {
            "id": f"{self.issuer}.{content.ticket_id.hex}-{content.generation}",
            "classId": self._date_id(content),
            "state": "INACTIVE" if content.is_void else "ACTIVE",
            "ticketNumber": paper.code,
            "ticketType": _localized(content, paper.ticket_type),
            "barcode": {"type": "QR_CODE", "value": paper.token, "alternateText": paper.code},
        }
        if paper.attendee:
            found["ticketHolderName"] = paper.attendee[:MAX_TEXT]
        if paper.seat:
            names = ("section", "row", "seat")
            pairs = zip(names, paper.seat, strict=True)
            found["seatInfo"] = {name: _localized(content, text) for name, text in pairs}
        if content.ends_at:
            end = content.ends_at.isoformat(timespec="seconds")
            found["validTimeInterval"] = {"end": {"date": end}}
        return found


def _localized(content: PassContent, text: str) -> dict[str, Any]:
    return {"defaultValue": {"language": content.paper.locale, "value": text[:MAX_TEXT]}}
