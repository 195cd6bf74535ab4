"""The requests of the benchmark, built and signed before the clock starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from strawberry.relay import to_base64

from benchmarks.events.scene import SCANNERS, EventScene, scanner_key, ticket_id
from benchmarks.events.sql import MAX_TICKETS
from benchmarks.load.http_request import encode_request
from benchmarks.load.numbering import USER, LoadRun, uuid_of
from benchmarks.workloads import TOKEN_MINUTES, OperationCall
from core.clock import now
from core.ids import new_id
from core.security.signing_keys import SigningKeys
from models.events.check_in.lists import CheckInList
from models.events.dates import EventDate
from models.events.ticket_types import TicketType

HELD, ADMITTED = b'"state":"OPEN"', b'"scanOutcome":"ADMITTED"'
SCANS = 100  # of a synchronization
HOLD = """
mutation Hold($input: HoldTicketsInput!) {
  holdTickets(input: $input) {
    hold { id state expiresAt total { amountMinor } holdLines { quantity seat { seatId number } } }
    errors { code message }
  }
}
"""
CHECK_IN = """
mutation CheckIn($input: CheckInInput!) {
  checkIn(input: $input) { scan { id scanOutcome reason shown } errors { code message } }
}
"""
SYNC = """
mutation Sync($input: SyncScansInput!) {
  syncScans(input: $input) { scans { scanId scanOutcome reason shown } errors { code message } }
}
"""


@dataclass(frozen=True)
class Requests:
    """Requests to one server, each by a user of the scene."""

    scene: EventScene
    keys: SigningKeys
    port: int

    def holds(self, run: LoadRun, date: EventDate, kind: TicketType, count: int) -> Iterator[bytes]:
        """Yield holds of one to four tickets, each of another user."""
        for step in range(count):
            target = run.target(step)
            line = {
                "ticketTypeId": to_base64("TicketType", str(kind.id)),
                "quantity": 1 + target.number % MAX_TICKETS,
            }
            given = {
                "eventDateId": to_base64("EventDate", str(date.id)),
                "lines": [line],
                "idempotencyKey": f"load-{target.number}",
            }
            yield self._encode(HOLD, given, self._token(uuid_of(USER, target.user)))

    def check_ins(self, door: CheckInList, first: int, count: int) -> Iterator[bytes]:
        """Yield check-ins of different tickets, by scanners in turn."""
        for number in range(first, first + count):
            scan = self._scan(door, number)
            yield self._encode(CHECK_IN, self._at(door, number) | scan, self._member_token)

    def synchronizations(self, door: CheckInList, first: int, count: int) -> Iterator[bytes]:
        """Yield so many synchronizations of a hundred scans each."""
        for place in range(count):
            start = first + place * SCANS
            scans = [
                self._scan(door, number) | {"shown": "GREEN"}
                for number in range(start, start + SCANS)
            ]
            given = self._at(door, place) | {"clock": now().isoformat(), "scans": scans}
            yield self._encode(SYNC, given, self._member_token)

    def tokens(self, users: int) -> list[str]:
        return [self._token(uuid_of(USER, number)) for number in range(users)]

    def _at(self, door: CheckInList, number: int) -> dict[str, Any]:
        return {
            "listId": to_base64("CheckInList", str(door.id)),
            "scannerKey": scanner_key(number % SCANNERS),
        }

    def _scan(self, door: CheckInList, number: int) -> dict[str, Any]:
        return {
            "scanId": str(new_id()),
            "seq": number + 1,
            "scannedAt": now().isoformat(),
            "token": self.keys.sign_ticket(ticket_id(number), door.event_date_id, 1),
        }

    @cached_property
    def _member_token(self) -> str:
        return self._token(self.scene.member.id)

    def _token(self, user_id: UUID) -> str:
        return self.keys.sign_access(user_id, user_id, TOKEN_MINUTES)[0]

    def _encode(self, document: str, given: dict[str, Any], token: str) -> bytes:
        return encode_request(self.port, OperationCall(document, {"input": given}), token)
