"""Reading of what was presented at a gate: the content of a QR code, or a typed code."""

from dataclasses import dataclass
from uuid import UUID

from core.security.codes import read_code, strip_noise
from core.security.signing_keys import BadSignature, SigningKeys, WrongType
from models.events.check_in.drafts import PresentedTicket
from models.events.check_in.lists import CheckInList, ScanReason
from models.events.tickets import Ticket


@dataclass(frozen=True)
class Presented:
    """A ticket by its id or its code, with the generation of the QR code.

    `reason` is why it is none of the date, if that is known without looking for it.
    """

    ticket_id: UUID | None = None
    code: str | None = None
    generation: int | None = None
    reason: ScanReason | None = None

    def matches(self, ticket: Ticket) -> bool:
        return ticket.id == self.ticket_id or ticket.code == self.code


def read_presented(keys: SigningKeys, door: CheckInList, presented: PresentedTicket) -> Presented:
    """Return what was presented. A ticket of another date is not looked for.

    So a scan never leads to a ticket of another event, or of another vendor.
    """
    if presented.token is None:
        code = read_code(presented.code or "")
        return Presented(code=code, reason=None if code else ScanReason.UNKNOWN)
    try:
        claims = keys.read_ticket(strip_noise(presented.token))
    except WrongType:
        return Presented(reason=ScanReason.WRONG_TYPE)
    except BadSignature:
        return Presented(reason=ScanReason.BAD_SIGNATURE)
    if claims.event_date_id != door.event_date_id:
        return Presented(reason=ScanReason.WRONG_DATE)
    if claims.generation < 1:
        return Presented(reason=ScanReason.BAD_SIGNATURE)
    return Presented(ticket_id=claims.ticket_id, generation=claims.generation)
