"""Check-in: lists and gates, and what a list decides about a ticket."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    UniqueConstraint,
)
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, timestamp
from models.errors import Refusal
from models.events.ticket_types import TicketTypeKind, ids_column
from models.events.tickets import Ticket, TicketState
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_LISTS, MAX_GATES = 20, 50  # of a date, of a list
MAX_ENTRIES = 100  # of a ticket on a list with TIMES
MAX_TYPES_OF_LIST = 50
CheckInName = Annotated[str, OneLine(80)]


class CheckInMode(StrEnum):
    """A ticket is admitted ONCE, again after it left, or a number of TIMES."""

    ONCE = "ONCE"
    REENTRY = "REENTRY"
    TIMES = "TIMES"


class ScanDirection(StrEnum):
    ENTRY = "ENTRY"
    EXIT = "EXIT"


class ScanOutcome(StrEnum):
    """The result of a scan by all scans known: ADMITTED, LEFT, a DUPLICATE, or REFUSED."""

    ADMITTED = "ADMITTED"
    LEFT = "LEFT"
    DUPLICATE = "DUPLICATE"
    REFUSED = "REFUSED"


class ScanReason(StrEnum):
    """Why a scan has its outcome."""

    ADMITTED = "ADMITTED"
    LEFT = "LEFT"
    ALREADY_INSIDE = "ALREADY_INSIDE"
    USED_UP = "USED_UP"
    NOT_INSIDE = "NOT_INSIDE"
    WRONG_LIST = "WRONG_LIST"
    WRONG_DATE = "WRONG_DATE"
    NOT_YET = "NOT_YET"
    TOO_LATE = "TOO_LATE"
    CANCELLED = "CANCELLED"
    OLD_GENERATION = "OLD_GENERATION"
    IN_TRANSFER = "IN_TRANSFER"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    WRONG_TYPE = "WRONG_TYPE"
    UNKNOWN = "UNKNOWN"


class CheckInList(Row, table=True):
    """Which tickets of a date are admitted where, and how often.

    Without types it admits those of all ADMISSION types: a donation or parking opens no door unless
    the list names its type.
    """

    __tablename__ = "check_in_list"
    __table_args__ = (
        UniqueConstraint("event_date_id", "name"),
        one_line_constraint("name"),
        CheckConstraint(f"cardinality(type_ids) <= {MAX_TYPES_OF_LIST}", name="type_ids"),
        CheckConstraint(
            f"CASE mode WHEN 'TIMES' THEN max_entries BETWEEN 1 AND {MAX_ENTRIES}"
            " ELSE max_entries IS NULL END IS TRUE",
            name="max_entries",
        ),
        CheckConstraint("opens_at < closes_at", name="window"),
        CheckConstraint(
            "reentry_minutes IS NULL OR reentry_minutes BETWEEN 1 AND 1440 AND mode = 'REENTRY'",
            name="reentry_minutes",
        ),
    )
    __privacy__ = of_others(none="name type_ids max_entries reentry_minutes")

    event_date_id: UUID = foreign_key("event_date", index=False)
    name: CheckInName = Field(max_length=80)
    type_ids: list[UUID] = Field(default_factory=list, sa_column=ids_column())
    mode: CheckInMode = enum_column(CheckInMode, default=CheckInMode.ONCE)
    max_entries: int | None = None
    opens_at: datetime | None = timestamp(default=None)
    closes_at: datetime | None = timestamp(default=None)
    reentry_minutes: int | None = None  # after which an entry without an exit is allowed
    archived_at: datetime | None = timestamp(default=None)

    def ensure_open(self) -> None:
        if self.archived_at is not None:
            raise CheckInListArchived

    def admits_type(self, type_id: UUID, kind: TicketTypeKind) -> bool:
        """Return whether tickets of a type are admitted, as the attendance and bundles have it."""
        if self.type_ids:
            return type_id in self.type_ids
        return kind is TicketTypeKind.ADMISSION

    def refuses(
        self,
        ticket: Ticket,
        kind: TicketTypeKind,
        generation: int,
        moment: datetime,
        *,
        in_transfer: bool = False,
        superseded_at: datetime | None = None,
    ) -> ScanReason | None:
        """Return why the list refuses a ticket at a moment, None if its entries decide.

        What the ticket is comes before when it is shown: a revoked ticket is never NOT_YET. The
        moment may be past: a generation was valid until it was `superseded_at` another one.
        """
        valid = superseded_at is not None and moment < superseded_at
        reasons = {
            ScanReason.WRONG_DATE: ticket.event_date_id != self.event_date_id,
            ScanReason.CANCELLED: ticket.state is not TicketState.VALID
            and (ticket.cancelled_at is None or ticket.cancelled_at <= moment),
            ScanReason.OLD_GENERATION: generation != ticket.generation and not valid,
            ScanReason.WRONG_LIST: not self.admits_type(ticket.ticket_type_id, kind),
            ScanReason.IN_TRANSFER: in_transfer,
            ScanReason.NOT_YET: self.opens_at is not None and moment < self.opens_at,
            ScanReason.TOO_LATE: self.closes_at is not None and self.closes_at <= moment,
        }
        return next((reason for reason, refuses in reasons.items() if refuses), None)

    def verdict(
        self, presence: "Attendance", direction: ScanDirection, moment: datetime
    ) -> tuple[ScanOutcome, ScanReason]:
        """Return the outcome of a scan that is not refused, by what is known of the ticket."""
        if direction is ScanDirection.EXIT:
            if presence.inside:
                return ScanOutcome.LEFT, ScanReason.LEFT
            return ScanOutcome.REFUSED, ScanReason.NOT_INSIDE
        if self.mode is CheckInMode.REENTRY:
            if presence.inside and not self._healed(presence, moment):
                return ScanOutcome.DUPLICATE, ScanReason.ALREADY_INSIDE
        elif presence.entries >= (self.max_entries or 1):
            return ScanOutcome.DUPLICATE, ScanReason.USED_UP
        return ScanOutcome.ADMITTED, ScanReason.ADMITTED

    def _healed(self, presence: "Attendance", moment: datetime) -> bool:
        """Return whether a missed exit is assumed by now."""
        if self.reentry_minutes is None or presence.last_at is None:
            return False
        return presence.last_at + timedelta(minutes=self.reentry_minutes) <= moment


class Attendance(NamedTuple):
    """The sum of the scans of a ticket on a list."""

    inside: bool = False
    entries: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def after(self, outcome: ScanOutcome, moment: datetime) -> "Attendance":
        if outcome is ScanOutcome.ADMITTED:
            entries = min(self.entries + 1, MAX_ENTRIES)  # of REENTRY, more are not counted
            return Attendance(True, entries, self.first_at or moment, moment)
        if outcome is ScanOutcome.LEFT:
            return self._replace(inside=False, last_at=moment)
        return self


class CheckInGate(Row, table=True):
    __tablename__ = "check_in_gate"
    __table_args__ = (
        UniqueConstraint("list_id", "name"),
        UniqueConstraint("id", "list_id"),
        one_line_constraint("name"),
    )
    __privacy__ = of_others(none="name")

    list_id: UUID = foreign_key("check_in_list", index=False)
    name: CheckInName = Field(max_length=80)


class CheckInListArchived(Refusal):
    message = "This check-in list is archived. Choose another one."
    meaning = "The check-in list is archived, so no ticket is checked in on it."
    remedy = "Refetch the date's `checkInLists`, and let the user choose."


class CheckInListInUse(Refusal):
    message = "Tickets were scanned on this list, so how often it admits them cannot change."
    meaning = "`mode`, `maxEntries` and `reentryMinutes` are fixed by the first scan of a list."
    remedy = "Let the user create another list."


class GateTaken(Refusal):
    message = "Another gate of this list has this name. Choose a different one."
    meaning = "The check-in list has a gate with this name."
    remedy = "Show `message` next to the name."
    constraint = "check_in_gate_list_id_name_key"


class GateLimitReached(Refusal):
    message = "A check-in list can have at most {most} gates. Rename one that it has."
    meaning = "The check-in list has the maximum number of gates."
    remedy = "Let the user rename a gate."


class CheckInListTaken(Refusal):
    message = "Another list of this date has this name. Choose a different one."
    meaning = "The date has a check-in list with this name."
    remedy = "Show `message` next to the name."
    constraint = "check_in_list_event_date_id_name_key"


class CheckInListLimitReached(Refusal):
    message = "A date can have at most {most} check-in lists. Change one that it has."
    meaning = "The date has the maximum number of check-in lists."
    remedy = "Let the user change a list."
