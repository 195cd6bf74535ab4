"""Validated input of check-in lists, gates, scanners and scans."""

import base64
import binascii
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, model_validator
from pydantic import Field as Range

from models.errors import InvalidInput, InvalidValue
from models.events.check_in.lists import (
    MAX_ENTRIES,
    MAX_TYPES_OF_LIST,
    CheckInMode,
    CheckInName,
    ScanDirection,
    ScanReason,
)
from models.events.check_in.scanners import PUBLIC_KEY_BYTES
from models.events.check_in.scans import ScanLight, VoidReason

MAX_SCANS = 100  # of one synchronization
MAX_TOKEN_LENGTH, MAX_TYPED_LENGTH = 1000, 100
MAX_SEQ = 2**31 - 1


def _public_key(text: str) -> str:
    if len(_decoded(text)) != PUBLIC_KEY_BYTES:
        raise InvalidValue("Must be an X25519 public key: 32 bytes in base64url.")
    return text


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


class ScannerDraft(BaseModel, frozen=True):
    """Validated input of a new scanner."""

    name: CheckInName
    public_key: Annotated[str, Range(max_length=64), AfterValidator(_public_key)] | None = None

    @property
    def public_bytes(self) -> bytes | None:
        return None if self.public_key is None else _decoded(self.public_key)


class CheckInListDraft(BaseModel, frozen=True):
    """All that a vendor sets of a check-in list."""

    name: CheckInName
    type_ids: Annotated[list[UUID], Range(max_length=MAX_TYPES_OF_LIST)] = []
    mode: CheckInMode = CheckInMode.ONCE
    max_entries: Annotated[int, Range(ge=1, le=MAX_ENTRIES)] | None = None
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    reentry_minutes: Annotated[int, Range(ge=1, le=1440)] | None = None

    @model_validator(mode="after")
    def ensure_fits(self) -> Self:
        if (self.mode is CheckInMode.TIMES) != (self.max_entries is not None):
            raise InvalidInput(
                "Choose how often a ticket is admitted only for a list that admits several times.",
                field=["maxEntries"],
            )
        if self.reentry_minutes is not None and self.mode is not CheckInMode.REENTRY:
            raise InvalidInput(
                "Choose the minutes without an exit only for a list with exits.",
                field=["reentryMinutes"],
            )
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise InvalidInput("The end must be after the start.", field=["closesAt"])
        return self


class CheckInListPatch(BaseModel, frozen=True):
    """Values of a check-in list that a request sets. Others are unset; null resets."""

    name: CheckInName | None = None
    type_ids: Annotated[list[UUID], Range(max_length=MAX_TYPES_OF_LIST)] | None = None
    mode: CheckInMode | None = None
    max_entries: Annotated[int, Range(ge=1, le=MAX_ENTRIES)] | None = None
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    reentry_minutes: Annotated[int, Range(ge=1, le=1440)] | None = None


class GateDraft(BaseModel, frozen=True):
    name: CheckInName


class PresentedTicket(BaseModel, frozen=True):
    """A ticket presented at a gate: the content of a QR code, or a code as typed."""

    token: Annotated[str, Range(max_length=MAX_TOKEN_LENGTH)] | None = None
    code: Annotated[str, Range(max_length=MAX_TYPED_LENGTH)] | None = None

    @model_validator(mode="after")
    def ensure_one(self) -> Self:
        if (self.token is None) == (self.code is None):
            raise InvalidInput(
                "Scan the ticket or enter its code: one of the two.", field=["token"]
            )
        return self


class ScanDraft(PresentedTicket, frozen=True):
    """Validated input of a scan. The id and the number are the scanner's."""

    scan_id: UUID
    seq: Annotated[int, Range(ge=0, le=MAX_SEQ)]
    scanned_at: AwareDatetime
    direction: ScanDirection = ScanDirection.ENTRY
    gate_id: UUID | None = None


class OfflineScanDraft(ScanDraft, frozen=True):
    """Validated input of a scan without a network, with what the scanner showed."""

    shown: ScanLight
    reason: ScanReason | None = None  # of a RED one

    @model_validator(mode="after")
    def ensure_reason(self) -> Self:
        red = self.shown is ScanLight.RED
        if red != (self.reason not in {None, ScanReason.ADMITTED, ScanReason.LEFT}):
            raise InvalidInput("State why a scan was RED, and not otherwise.", field=["reason"])
        return self


class SyncDraft(BaseModel, frozen=True):
    """Scans of a scanner, and the time that its clock shows now."""

    clock: AwareDatetime
    scans: Annotated[list[OfflineScanDraft], Range(max_length=MAX_SCANS)]


class VoidDraft(BaseModel, frozen=True):
    reason: VoidReason
