"""Quota that a vendor has bought, and its uses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import APPEND_ONLY, Row, foreign_key, open_enum_column, timestamp
from models.errors import Refusal
from models.packs.packs import MAX_QUOTA, QuotaUnit
from models.personal_data import of_others
from models.pricing.amounts import part


class PackGrant(Row, table=True):
    """Quota of a vendor from a purchase, until it ends. What ends first is used first.

    `net` is the value that its uses turn into sales, `earned` what they have turned. The rest is
    earned at its end, unless the purchase is refunded: then `net` shrinks to what is earned.
    """

    __tablename__ = "pack_grant"
    __table_args__ = (
        CheckConstraint(f"granted BETWEEN 1 AND {MAX_QUOTA}", name="granted"),
        CheckConstraint("used BETWEEN 0 AND granted", name="used"),
        CheckConstraint("earned BETWEEN 0 AND net", name="earned"),
        CheckConstraint("ended_at IS NULL OR earned = net", name="ended_at"),
        CheckConstraint("starts_at < ends_at", name="ends_at"),
        UniqueConstraint("purchase_id"),
        Index("pack_grant_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index(
            "pack_grant_open_idx",
            "vendor_id",
            "unit",
            "ends_at",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("pack_grant_ends_at_idx", "ends_at", postgresql_where=text("ended_at IS NULL")),
    )
    __privacy__ = of_others(none="granted used currency net earned")

    vendor_id: UUID = foreign_key("vendor", index=False)
    purchase_id: UUID = foreign_key("purchase", index=False)
    pack_id: UUID = foreign_key("pack")
    unit: QuotaUnit = open_enum_column(QuotaUnit)
    granted: int
    used: int = 0
    currency: str = Field(max_length=3)
    net: int = Field(sa_type=BigInteger)
    earned: int = Field(default=0, sa_type=BigInteger)
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None)

    @property
    def remaining(self) -> int:
        return self.granted - self.used

    def is_open(self, moment: datetime) -> bool:
        return self.ended_at is None and moment < self.ends_at

    def lower(self, price: int, missing: int) -> None:
        """Lower the units of a new grant by what is missing of their price. One stays."""
        self.granted = max(1, self.granted * (price - missing) // price)

    def use(self, quantity: int) -> int:
        """Count uses, and return the amount that they have earned, by the cumulative rule."""
        amount = part(self.net, self.granted, self.used, self.used + quantity)
        self.used += quantity
        amount = min(amount, self.net - self.earned)
        self.earned += amount
        return amount

    def end(self, moment: datetime) -> int:
        """End it, and return the amount that its unused units have earned."""
        amount = self.net - self.earned
        self.earned, self.ended_at = self.net, moment
        return amount

    def reopen(self, moment: datetime) -> None:
        """Go on where it was ended before its time, for as long. Its whole price is earned."""
        if self.ended_at is not None and self.ended_at < self.ends_at:
            self.ends_at, self.ended_at = self.ends_at + (moment - self.ended_at), None


class QuotaUse(Row, table=True):
    """Units that were used for something, such as an offer that was published. It counts once."""

    __tablename__ = "quota_use"
    __table_args__ = (
        CheckConstraint(f"quantity BETWEEN 1 AND {MAX_QUOTA}", name="quantity"),
        UniqueConstraint("pack_grant_id", "subject_id"),
        Index("quota_use_subject_id_idx", "subject_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(id="subject_id", none="quantity")

    pack_grant_id: UUID = foreign_key("pack_grant", index=False)
    subject_id: UUID
    quantity: int


class PackRule(SQLModel, table=True):
    """Whether a vendor needs packs, if that is not as for all vendors."""

    __tablename__ = "pack_rule"
    __privacy__ = of_others()

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    required: bool


class QuotaUsedUp(Refusal):
    message = "The vendor's packs are used up. Buy another one."
    meaning = "The vendor needs a pack for this, and has no units of it left."
    remedy = "Show `packBalance`, and offer `buyPack` and `subscribeToPack`."
