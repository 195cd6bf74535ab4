"""Codes of vouchers that have ended, for scanners without a network."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, optional_foreign_key
from models.events.tickets import transaction_column
from models.personal_data import blank_values
from models.redemptions import MAX_GENERATION, MAX_REASON_LENGTH, ReasonText
from models.text import one_line_constraint


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
