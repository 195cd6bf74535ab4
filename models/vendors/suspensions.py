"""Suspensions of vendors."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Row, foreign_key, optional_foreign_key, timestamp
from models.personal_data import of_others
from models.text import Paragraphs

MAX_SUSPENSION_REASON = 1_000
SuspensionReason = Annotated[str, Paragraphs(MAX_SUSPENSION_REASON)]


class VendorSuspension(Row, table=True):
    """A time during which a vendor cannot sell. `number` counts those of the vendor.

    Those that have ended are kept, because mails and disputes are about their reasons.
    """

    __tablename__ = "vendor_suspension"
    __table_args__ = (
        UniqueConstraint("vendor_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            f"char_length(reason) BETWEEN 1 AND {MAX_SUSPENSION_REASON}", name="reason"
        ),
        CheckConstraint("(ended_at IS NULL) = (restorer_id IS NULL)", name="ended"),
        Index(
            "vendor_suspension_open_key",
            "vendor_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    __privacy__ = of_others(none="number reason")

    vendor_id: UUID = foreign_key("vendor", index=False)
    number: int
    reason: SuspensionReason = Field(max_length=MAX_SUSPENSION_REASON)
    admin_id: UUID = foreign_key("user")
    ended_at: datetime | None = timestamp(default=None)
    restorer_id: UUID | None = optional_foreign_key("user")


class Suspending(BaseModel, frozen=True):
    """Validated reason of a suspension, which the vendor's members read."""

    reason: SuspensionReason
