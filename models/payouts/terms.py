"""Terms of payouts of a vendor: the schedule, and the reserve that is kept back for refunds."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.base import foreign_key, open_enum_column, optional_foreign_key, timestamp
from models.orders.orders import minor_units
from models.personal_data import of_others

MAX_RESERVE_BPS = 5_000
MAX_RESERVE_DAYS = 180
BPS = 10_000


class PayoutSchedule(StrEnum):
    """The times at which a vendor is paid out. MANUAL ones request each payout."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MANUAL = "MANUAL"


class PayoutTerms(SQLModel, table=True):
    """Terms that differ from those of the settings, which are None. `number` counts changes."""

    __tablename__ = "payout_terms"
    __table_args__ = (
        CheckConstraint(f"reserve_bps BETWEEN 0 AND {MAX_RESERVE_BPS}", name="reserve_bps"),
        CheckConstraint(f"reserve_days BETWEEN 0 AND {MAX_RESERVE_DAYS}", name="reserve_days"),
        CheckConstraint("num_nonnulls(reserve_bps, reserve_days) <> 1", name="reserve"),
        CheckConstraint("number >= 0", name="number"),
    )
    __privacy__ = of_others(none="number reserve_bps reserve_days")

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    schedule: PayoutSchedule | None = open_enum_column(PayoutSchedule, default=None)
    number: int = 0
    reserve_bps: int | None = None
    reserve_days: int | None = None
    admin_id: UUID | None = optional_foreign_key("user")


class SuborderRelease(SQLModel, table=True):
    """The money of a vendor from a sub-order that could no longer be returned.

    `reserved` of it is kept back until `reserve_until`.
    """

    __tablename__ = "suborder_release"
    __table_args__ = (
        CheckConstraint("amount >= 0 AND reserved BETWEEN 0 AND amount", name="reserved"),
        CheckConstraint("(reserved > 0) = (reserve_until IS NOT NULL)", name="reserve_until"),
        Index(
            "suborder_release_reserve_until_idx",
            "reserve_until",
            postgresql_where=text("reserved > 0 AND unreserved_at IS NULL"),
        ),
    )
    __privacy__ = of_others(none="currency amount reserved")

    suborder_id: UUID = foreign_key("suborder", primary_key=True, index=False)
    vendor_id: UUID = foreign_key("vendor")
    currency: str = Field(max_length=3)
    amount: int = minor_units()
    reserved: int = minor_units(default=0)
    released_at: datetime = timestamp()
    reserve_until: datetime | None = timestamp(default=None)
    unreserved_at: datetime | None = timestamp(default=None)


class Reserve(BaseModel, frozen=True):
    """A share of each sub-order that is kept back for some days."""

    bps: Annotated[int, Range(ge=0, le=MAX_RESERVE_BPS)]
    days: Annotated[int, Range(ge=0, le=MAX_RESERVE_DAYS)]

    @property
    def percent(self) -> float:
        return self.bps / 100

    def part_of(self, amount: int) -> int:
        """Return what is kept back of an amount, rounded half up."""
        return (amount * self.bps + BPS // 2) // BPS if self.days else 0

    def end(self, released_at: datetime) -> datetime:
        return released_at + timedelta(days=self.days)
