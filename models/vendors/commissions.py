"""Commissions: the platform's share of what a vendor sells, in basis points."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, UniqueConstraint

from models.base import Row, foreign_key, timestamp
from models.errors import InvalidInput
from models.personal_data import of_others

MAX_COMMISSION_BPS = 5_000
MAX_DAYS_AHEAD = 366
MAX_PLANNED = 10  # rates of a vendor that begin later
CLOCK_SKEW = timedelta(minutes=5)  # of the clock of a caller who chose the current time


class VendorCommission(Row, table=True):
    """A vendor's rate from a time on, until the next one begins. `number` counts them.

    Orders keep the rate at which they were placed. A rate that has begun is never changed.
    """

    __tablename__ = "vendor_commission"
    __table_args__ = (
        UniqueConstraint("vendor_id", "starts_at"),
        UniqueConstraint("vendor_id", "number"),
        CheckConstraint(f"bps BETWEEN 0 AND {MAX_COMMISSION_BPS}", name="bps"),
        CheckConstraint("number >= 1", name="number"),
    )
    __privacy__ = of_others(none="number bps")

    vendor_id: UUID = foreign_key("vendor", index=False)
    number: int
    bps: int
    starts_at: datetime = timestamp()
    admin_id: UUID = foreign_key("user")

    @property
    def percent(self) -> float:
        return self.bps / 100


class CommissionDraft(BaseModel, frozen=True):
    """Validated input of a rate. Without a time it begins at once."""

    bps: Annotated[int, Range(ge=0, le=MAX_COMMISSION_BPS)]
    starts_at: datetime | None = None

    def begins(self, moment: datetime) -> datetime:
        """Return the time at which the rate begins. Raises `InvalidInput` for one in the past."""
        if self.starts_at is None:
            return moment
        if self.starts_at < moment - CLOCK_SKEW:
            raise InvalidInput("Choose a time that is not in the past.", field=["startsAt"])
        if self.starts_at > moment + timedelta(days=MAX_DAYS_AHEAD):
            raise InvalidInput(
                "Choose a time within the next {most} days.",
                most=MAX_DAYS_AHEAD,
                field=["startsAt"],
            )
        return max(self.starts_at, moment)
