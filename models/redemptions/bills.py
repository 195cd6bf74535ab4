"""Bills of vendors at which vouchers are used, and what uses of vouchers take for a customer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.clock import now
from core.security.sealed import HASH_BYTES
from models.base import Row, enum_column, foreign_key, timestamp
from models.fraud.links import LinkKind
from models.offers.rules import MAX_AMOUNT
from models.personal_data import delete_rows, keep_rows, of_others
from models.text import Identifier, one_line_constraint

BillReference = Annotated[str, Identifier(80)]
MAX_GROUP_LENGTH = 60


class Bill(Row, table=True):
    """A bill of a vendor, which vouchers share. Its amount is the total with tax, before discounts.

    `discount_minor` is the sum of what vouchers take from it. `alone` is whether its only voucher
    refuses others.
    """

    __table_args__ = (
        UniqueConstraint("vendor_id", "reference"),
        CheckConstraint(f"amount_minor BETWEEN 1 AND {MAX_AMOUNT}", name="amount"),
        CheckConstraint("discount_minor BETWEEN 0 AND amount_minor", name="discount"),
        CheckConstraint("uses >= 0 AND (uses > 0 OR discount_minor = 0)", name="uses"),
        CheckConstraint("NOT alone OR uses = 1", name="alone"),
        one_line_constraint("reference"),
    )
    __privacy__ = of_others(none="reference amount_minor currency discount_minor uses")

    vendor_id: UUID = foreign_key("vendor", index=False)
    reference: BillReference = Field(max_length=80)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    discount_minor: int = Field(default=0, sa_type=BigInteger)
    uses: int = 0
    alone: bool = False

    @property
    def left(self) -> int:
        """Return what vouchers left of the bill, in minor units."""
        return self.amount_minor - self.discount_minor


class BillUse(SQLModel, table=True):
    """A voucher on a bill. Of a stacking group, a bill has one: `stack_group` is unique on it."""

    __tablename__ = "bill_use"
    __table_args__ = (
        CheckConstraint(f"char_length(stack_group) BETWEEN 1 AND {MAX_GROUP_LENGTH}", name="group"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        UniqueConstraint("redemption_id"),
        Index("bill_use_voucher_id_idx", "voucher_id"),
    )
    __privacy__ = keep_rows(of="voucher_id", none="stack_group amount_minor")

    bill_id: UUID = foreign_key("bill", primary_key=True, index=False)
    stack_group: str = Field(primary_key=True, max_length=MAX_GROUP_LENGTH)
    voucher_id: UUID = foreign_key("voucher", index=False)
    redemption_id: UUID = foreign_key("redemption", index=False)
    amount_minor: int = Field(sa_type=BigInteger)
    created_at: datetime = timestamp(default_factory=now)


class OfferHousehold(SQLModel, table=True):
    """A device or phone number with which an offer was used. `hash` is an HMAC, as of links."""

    __tablename__ = "offer_household"
    __table_args__ = (
        CheckConstraint(f"octet_length(hash) = {HASH_BYTES}", name="hash"),
        CheckConstraint("kind IN ('DEVICE', 'PHONE')", name="kind"),
        Index("offer_household_voucher_id_idx", "voucher_id"),
    )
    __privacy__ = delete_rows(of="voucher_id", secrets="hash")

    offer_id: UUID = foreign_key("offer", primary_key=True, index=False)
    kind: LinkKind = enum_column(LinkKind, primary_key=True)
    hash: bytes = Field(primary_key=True)
    voucher_id: UUID = foreign_key("voucher", index=False)
    created_at: datetime = timestamp(default_factory=now)


class VendorVisit(SQLModel, table=True):
    """How often a customer has used vouchers at a vendor: attempts that are approved or held."""

    __tablename__ = "vendor_visit"
    __table_args__ = (
        CheckConstraint("visits >= 0", name="visits"),
        Index("vendor_visit_user_id_idx", "user_id"),
    )
    __privacy__ = delete_rows(none="visits")

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    visits: int = 0
    first_at: datetime = timestamp(default_factory=now)
