"""Scans of tickets, and the attendance that they amount to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.events.check_in.lists import (
    MAX_ENTRIES,
    Attendance,
    ScanDirection,
    ScanOutcome,
    ScanReason,
)
from models.events.tickets import MAX_REASON_LENGTH, transaction_column
from models.personal_data import keep_rows, of_others
from models.text import OneLine, one_line_constraint

VoidReason = Annotated[str, OneLine(MAX_REASON_LENGTH)]


class ScanMode(StrEnum):
    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


class ScanLight(StrEnum):
    """The light that the scanner showed at the gate. It never changes: a GREEN one let in."""

    GREEN = "GREEN"
    RED = "RED"


class ScanAnomaly(StrEnum):
    """Why a scan that was GREEN at the gate should not have been."""

    REVOKED = "REVOKED"
    DUPLICATE = "DUPLICATE"
    WRONG_LIST = "WRONG_LIST"
    CLOCK = "CLOCK"


class Scan(Row, table=True):
    """An attempt at a gate, kept whatever its outcome. `scan_id` and `seq` are the scanner's.

    The outcome of a GREEN one follows from all scans of the ticket in the order of (`moment`,
    scanner, `seq`), so scans that arrive later can change it. Who was shown a RED light did not
    enter, so its outcome stays. `clock_wrong` is whether the scanner's clock was ahead, and
    `presented_hash` that of the QR code or the code, which a retry repeats.
    """

    __table_args__ = (
        UniqueConstraint("scanner_id", "scan_id"),
        ForeignKeyConstraint(
            ["gate_id", "list_id"], ["check_in_gate.id", "check_in_gate.list_id"], **DEFERRED
        ),
        CheckConstraint("seq >= 0", name="seq"),
        CheckConstraint("generation >= 1", name="generation"),
        CheckConstraint("octet_length(presented_hash) = 32", name="presented_hash"),
        CheckConstraint(
            "num_nonnulls(voided_at, voided_by_id, void_reason) IN (0, 3)", name="voided"
        ),
        one_line_constraint("void_reason"),
        Index("scan_ticket_id_idx", "ticket_id", "list_id", "moment", "scanner_id", "seq"),
        Index("scan_list_id_idx", "list_id", "received_at", "id"),
        Index("scan_scanner_id_idx", "scanner_id", "created_at", "id"),
        Index("scan_seq_idx", "scanner_id", "seq"),
        Index("scan_gate_id_idx", "gate_id", "received_at", "id"),
        Index(
            "scan_anomaly_idx",
            "list_id",
            "received_at",
            "id",
            postgresql_where=sql("anomaly IS NOT NULL"),
        ),
    )
    __privacy__ = keep_rows(
        of="member_id voided_by_id",
        id="scan_id presented_hash",
        none="seq generation void_reason",
    )

    scanner_id: UUID = foreign_key("scanner", index=False)
    scan_id: UUID
    seq: int = Field(sa_type=BigInteger)
    list_id: UUID = foreign_key("check_in_list", index=False)
    gate_id: UUID | None = None
    member_id: UUID | None = optional_foreign_key("user")
    ticket_id: UUID | None = optional_foreign_key("ticket", index=False)
    generation: int | None = None
    direction: ScanDirection = enum_column(ScanDirection, default=ScanDirection.ENTRY)
    mode: ScanMode = enum_column(ScanMode, default=ScanMode.ONLINE)
    scanned_at: datetime = timestamp()  # by the scanner's clock
    received_at: datetime = timestamp()
    moment: datetime = timestamp()  # by the server's clock
    shown: ScanLight = enum_column(ScanLight)
    outcome: ScanOutcome = enum_column(ScanOutcome)
    reason: ScanReason = enum_column(ScanReason)
    anomaly: ScanAnomaly | None = enum_column(ScanAnomaly, default=None, nullable=True)
    voided_at: datetime | None = timestamp(default=None)
    voided_by_id: UUID | None = optional_foreign_key("user")
    void_reason: VoidReason | None = Field(default=None, max_length=MAX_REASON_LENGTH)
    clock_wrong: bool = False
    presented_hash: bytes | None = None

    @property
    def counts(self) -> bool:
        """Return whether the ticket entered or left by it."""
        return self.shown is ScanLight.GREEN and self.voided_at is None

    def anomaly_of(self, reason: ScanReason) -> ScanAnomaly | None:
        """Return what is wrong with the scan if this is the reason for its outcome."""
        wrong = ANOMALIES.get(reason) if self.shown is ScanLight.GREEN else None
        return ScanAnomaly.CLOCK if wrong is None and self.clock_wrong else wrong

    def ensure_not_voided(self) -> None:
        if self.voided_at is not None:
            raise ScanVoided


# Of scans that were GREEN at the gate.
ANOMALIES: Mapping[ScanReason, ScanAnomaly] = {
    ScanReason.ALREADY_INSIDE: ScanAnomaly.DUPLICATE,
    ScanReason.USED_UP: ScanAnomaly.DUPLICATE,
    ScanReason.NOT_INSIDE: ScanAnomaly.DUPLICATE,
    ScanReason.WRONG_LIST: ScanAnomaly.WRONG_LIST,
    ScanReason.WRONG_DATE: ScanAnomaly.WRONG_LIST,
    ScanReason.WRONG_TYPE: ScanAnomaly.WRONG_LIST,
    ScanReason.NOT_YET: ScanAnomaly.CLOCK,
    ScanReason.TOO_LATE: ScanAnomaly.CLOCK,
    ScanReason.CANCELLED: ScanAnomaly.REVOKED,
    ScanReason.OLD_GENERATION: ScanAnomaly.REVOKED,
    ScanReason.IN_TRANSFER: ScanAnomaly.REVOKED,
    ScanReason.BAD_SIGNATURE: ScanAnomaly.REVOKED,
    ScanReason.UNKNOWN: ScanAnomaly.REVOKED,
}
DUPLICATES = frozenset({ScanReason.ALREADY_INSIDE, ScanReason.USED_UP})


def outcome_of(reason: ScanReason) -> ScanOutcome:
    """Return the outcome that a reason gives."""
    if reason is ScanReason.ADMITTED:
        return ScanOutcome.ADMITTED
    if reason is ScanReason.LEFT:
        return ScanOutcome.LEFT
    return ScanOutcome.DUPLICATE if reason in DUPLICATES else ScanOutcome.REFUSED


class ScanVoided(Refusal):
    message = "This scan was taken back already."
    meaning = "The scan was voided before."
    remedy = "Refetch the scan's `voidedAt`."


def in_order(scans: Sequence[Scan]) -> list[Scan]:
    """Return scans of a ticket in the order in which they are folded, whatever their arrival."""
    return sorted(scans, key=lambda one: (one.moment, one.scanner_id, one.seq))


class TicketPresence(SQLModel, table=True):
    """The sum of the scans of a ticket on a list, stored."""

    __tablename__ = "ticket_presence"
    __table_args__ = (
        CheckConstraint(f"entries BETWEEN 0 AND {MAX_ENTRIES}", name="entries"),
        CheckConstraint("first_at <= last_at", name="times"),
        Index("ticket_presence_ticket_id_idx", "ticket_id"),
        Index("ticket_presence_changed_xid_idx", "list_id", "changed_xid"),
        Index("ticket_presence_inside_idx", "list_id", postgresql_where=sql("inside")),
    )
    __privacy__ = of_others(none="entries changed_xid")

    list_id: UUID = foreign_key("check_in_list", primary_key=True, index=False)
    ticket_id: UUID = foreign_key("ticket", primary_key=True, index=False)
    inside: bool = False
    entries: int = 0
    first_at: datetime | None = timestamp(default=None)
    last_at: datetime | None = timestamp(default=None)
    changed_xid: str = transaction_column()

    @property
    def attendance(self) -> Attendance:
        return Attendance(self.inside, self.entries, self.first_at, self.last_at)
