"""Codes of vouchers that have ended, for scanners without a network."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, optional_foreign_key
from models.events.check_in.scans import ScanLight
from models.events.tickets import transaction_column
from models.personal_data import blank_values, of_others
from models.redemptions import MAX_GENERATION, MAX_REASON_LENGTH, ReasonText
from models.redemptions.requests import ScannedToken
from models.text import one_line_constraint

MAX_SCANS = 100  # of one synchronization
MAX_SEQ = 2**31 - 1
MAX_STAMP_LENGTH = 100
BUNDLE_HOURS = 24
DEFAULT_OFFLINE_SCANS, MAX_OFFLINE_SCANS = 200, 10_000  # of a vendor's scanner, with one bundle


class OfflineLimit(Row, table=True):
    """How many vouchers each scanner of a vendor may accept with one bundle. 0 allows none."""

    __tablename__ = "offline_limit"
    __table_args__ = (
        UniqueConstraint("vendor_id"),
        CheckConstraint(f"scans BETWEEN 0 AND {MAX_OFFLINE_SCANS}", name="scans"),
    )
    __privacy__ = of_others(none="scans")

    vendor_id: UUID = foreign_key("vendor", index=False)
    scans: int = DEFAULT_OFFLINE_SCANS


class OfflineLimitDraft(BaseModel, frozen=True):
    scans: Annotated[int, Range(ge=0, le=MAX_OFFLINE_SCANS)]


class OfflineRedemptionDraft(BaseModel, frozen=True):
    """Validated input of a scan of a voucher without a network, with what the scanner showed."""

    scan_id: UUID
    seq: Annotated[int, Range(ge=0, le=MAX_SEQ)]
    scanned_at: AwareDatetime
    token: ScannedToken
    shown: ScanLight
    bundle: Annotated[str, Range(max_length=MAX_STAMP_LENGTH)] | None = None


class RedemptionsDraft(BaseModel, frozen=True):
    """Scans of a scanner, and the time that its clock shows now."""

    clock: AwareDatetime
    scans: Annotated[list[OfflineRedemptionDraft], Range(max_length=MAX_SCANS)]


class CodesEnded(StrEnum):
    """The reason for which codes of a voucher have ended."""

    REISSUED = "REISSUED"
    GIVEN = "GIVEN"
    CANCELLED = "CANCELLED"


class VoucherRevocation(Row, table=True):
    """The end of the codes of a voucher before a generation, for the next bundles of scanners.

    `reason` is that of the member or the holder who asked for new codes.
    """

    __tablename__ = "voucher_revocation"
    __table_args__ = (
        one_line_constraint("reason"),
        UniqueConstraint("voucher_id", "generation"),
        CheckConstraint(f"generation BETWEEN 2 AND {MAX_GENERATION + 1}", name="generation"),
        CheckConstraint(
            "(kind = 'REISSUED') = (num_nonnulls(by_id, reason) = 2)"
            " AND num_nonnulls(by_id, reason) <> 1",
            name="reissued",
        ),
        Index("voucher_revocation_changed_xid_idx", "vendor_id", "changed_xid", "id"),
    )
    __privacy__ = blank_values(
        of="by_id voucher_id",
        personal="reason",
        none="generation changed_xid",
        blank={"reason": "CASE WHEN reason IS NOT NULL THEN 'erased' END"},
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    voucher_id: UUID = foreign_key("voucher", index=False)
    kind: CodesEnded = enum_column(CodesEnded)
    generation: int
    by_id: UUID | None = optional_foreign_key("user")
    reason: ReasonText | None = Field(default=None, max_length=MAX_REASON_LENGTH)
    changed_xid: str = transaction_column()
