"""Inputs of check-in lists, gates, scanners and scans."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.errors.conversion import Payload
from engine.ids import id_field, id_of, ids_field
from engine.types import column
from models.events.check_in.drafts import (
    MAX_SCANS,
    CheckInListDraft,
    CheckInListPatch,
    GateDraft,
    ScanDraft,
    ScannerDraft,
    SyncDraft,
    VoidDraft,
)
from models.events.check_in.lists import MAX_ENTRIES, MAX_TYPES_OF_LIST
from models.validation import parse
from schema.events.check_in.lists import Scanner
from schema.events.enums import CheckInMode, ScanDirection, ScanLight, ScanReason
from schema.events.inputs import IDEMPOTENCY_KEY

CheckInListId = Annotated[UUID, id_of("CheckInList", "The check-in list's id.")]
GateId = Annotated[UUID, id_of("CheckInGate", "The gate's id.")]
ScannerId = Annotated[UUID, id_of("Scanner", "The scanner's id.")]
ScanId = Annotated[UUID, id_of("Scan", "The scan's id.")]
ScannerKey = Annotated[
    str, strawberry.argument(description="The key that `registerScanner` has returned.")
]
Since = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last bundle. Without it, all is returned."),
]
NAME = "The name, at most 80 characters"
TYPES = f"The ids of the ticket types that it admits, at most {MAX_TYPES_OF_LIST}."
TIMES = f"The most entries of a ticket, 1 to {MAX_ENTRIES}, if the mode is TIMES."
REENTRY = (
    "The minutes, at most 1,440, after which an entry without an exit in between is admitted, if"
    " the mode is REENTRY."
)
SCANNER_KEY = "The key that `registerScanner` has returned."
SCAN_ID = "A UUID that the scanner makes for each scan. A retry returns the stored scan."
SEQ = "The number of the scan, which the scanner counts up."
SCANNED = "The content of the QR code, as scanned."
TYPED = "The ticket's code, as typed. Pass either `token` or `code`."


@strawberry.input(description="A new scanner.")
class RegisterScannerInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    name: str = column(f"{NAME}.")
    public_key: str | None = strawberry.field(
        default=None,
        description="An X25519 public key in base64url, to which its bundles are encrypted. Without"
        " one, it scans with a network alone.",
    )

    def draft(self) -> ScannerDraft:
        return parse(ScannerDraft, name=self.name, public_key=self.public_key)


@strawberry.type(description="The result of `registerScanner`.")
class RegisterScannerPayload(Payload):
    scanner: Scanner | None = strawberry.field(
        default=None, description="The scanner. Null on error."
    )
    key: str | None = strawberry.field(
        default=None, description="Its key, which is shown this once. Null on error."
    )


@strawberry.input(description="A new check-in list of a date.")
class CreateCheckInListInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    name: str = column(f"{NAME}, unique for the date.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    ticket_type_ids: list[UUID] | None = ids_field(
        "TicketType", f"{TYPES} Defaults to all of the kind ADMISSION.", default=None
    )
    mode: CheckInMode = strawberry.field(
        default=CheckInMode.ONCE, description="How often it admits a ticket."
    )
    max_entries: int | None = strawberry.field(default=None, description=TIMES)
    opens_at: datetime | None = strawberry.field(
        default=None, description="The time from which it admits. Defaults to always."
    )
    closes_at: datetime | None = strawberry.field(
        default=None, description="The time until which it admits. Defaults to always."
    )
    reentry_minutes: int | None = strawberry.field(default=None, description=REENTRY)

    def draft(self) -> CheckInListDraft:
        names = set(CheckInListDraft.model_fields) - {"type_ids"}
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return parse(CheckInListDraft, type_ids=self.ticket_type_ids or [], **values)


@strawberry.input(
    description="Changes to a check-in list. Omitted fields stay unchanged, and null removes what"
    " was set. `mode`, `maxEntries` and `reentryMinutes` are fixed by the first scan."
)
class UpdateCheckInListInput:
    list_id: UUID = id_field("CheckInList", "The list's id.")
    name: str | None = strawberry.field(
        default=UNSET, description="The new name. It cannot be null."
    )
    ticket_type_ids: list[UUID] | None = ids_field(
        "TicketType", f"Replaces: {TYPES} Null admits all of the kind ADMISSION.", default=UNSET
    )
    mode: CheckInMode | None = strawberry.field(
        default=UNSET, description="How often it admits a ticket. Null resets to ONCE."
    )
    max_entries: int | None = strawberry.field(default=UNSET, description=TIMES)
    opens_at: datetime | None = strawberry.field(
        default=UNSET, description="The time from which it admits. Null means always."
    )
    closes_at: datetime | None = strawberry.field(
        default=UNSET, description="The time until which it admits. Null means always."
    )
    reentry_minutes: int | None = strawberry.field(default=UNSET, description=REENTRY)

    def patch(self) -> CheckInListPatch:
        names = set(CheckInListPatch.model_fields) - {"type_ids"}
        values = {name: getattr(self, name) for name in names} | {"type_ids": self.ticket_type_ids}
        known = {name: value for name, value in values.items() if value is not UNSET}
        return parse(CheckInListPatch, **known)


@strawberry.input(description="A new gate of a check-in list.")
class CreateGateInput:
    list_id: UUID = id_field("CheckInList", "The list's id.")
    name: str = column(f"{NAME}, unique for the list.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)

    def draft(self) -> GateDraft:
        return parse(GateDraft, name=self.name)


@strawberry.input(description="A ticket that is shown at a gate: `token` or `code`.")
class CheckInInput:
    list_id: UUID = id_field("CheckInList", "The check-in list's id.")
    scanner_key: str = column(SCANNER_KEY)
    scan_id: str = column(SCAN_ID)
    seq: int = column(SEQ)
    scanned_at: datetime = column("The time by the scanner's clock.")
    token: str | None = strawberry.field(default=None, description=SCANNED)
    code: str | None = strawberry.field(default=None, description=TYPED)
    direction: ScanDirection = strawberry.field(
        default=ScanDirection.ENTRY, description="Whether it is to enter or to leave."
    )
    gate_id: UUID | None = id_field("CheckInGate", "The id of a gate of the list.", default=None)

    def draft(self) -> ScanDraft:
        return parse(ScanDraft, **_given(self, ScanDraft))


@strawberry.input(description="A scan that was made without a network.")
class OfflineScanInput:
    scan_id: str = column(SCAN_ID)
    seq: int = column(SEQ)
    scanned_at: datetime = column("The time by the scanner's clock.")
    shown: ScanLight = column("The light that the scanner showed.")
    token: str | None = strawberry.field(default=None, description=SCANNED)
    code: str | None = strawberry.field(default=None, description=TYPED)
    direction: ScanDirection = strawberry.field(
        default=ScanDirection.ENTRY, description="Whether it was to enter or to leave."
    )
    gate_id: UUID | None = id_field("CheckInGate", "The id of a gate of the list.", default=None)
    reason: ScanReason | None = strawberry.field(
        default=None, description="Why it was RED. Null for a GREEN one."
    )


@strawberry.input(description="Scans that a scanner made without a network, in any order.")
class SyncScansInput:
    list_id: UUID = id_field("CheckInList", "The check-in list's id.")
    scanner_key: str = column(SCANNER_KEY)
    clock: datetime = column("The time that the scanner's clock shows as it sends this.")
    scans: list[OfflineScanInput] = column(f"The scans, at most {MAX_SCANS}.")

    def draft(self) -> SyncDraft:
        scans: list[dict[str, Any]] = [vars(one) for one in self.scans]
        return parse(SyncDraft, clock=self.clock, scans=scans)


def gate_draft(name: str) -> GateDraft:
    return parse(GateDraft, name=name)


def void_reason(reason: str) -> str:
    return parse(VoidDraft, reason=reason).reason


def _given(input: CheckInInput, draft: type[ScanDraft]) -> dict[str, Any]:
    return {name: getattr(input, name) for name in draft.model_fields}
