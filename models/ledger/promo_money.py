"""Promotional money with an end: what is left of it, and which orders have spent it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Row, foreign_key, optional_foreign_key, timestamp
from models.ledger.accounts import MAX_AMOUNT
from models.personal_data import keep_rows, of_others

MAX_VALID_DAYS = 730
# Money that comes back after its end, such as by a refund, can be spent for so long.
TIME_AFTER_RETURN = timedelta(days=14)
REMINDER_TIME = timedelta(days=3)  # before the end


class PromoMoney(Row, table=True):
    """Promotional money of a wallet that ends. What ends first is spent first.

    `remaining` is a part of the wallet's account WALLET_PROMO. The rest of the account never ends
    and is spent last. What comes back after the end is a row without an adjustment.
    """

    __tablename__ = "promo_money"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(f"amount BETWEEN 1 AND {MAX_AMOUNT}", name="amount"),
        CheckConstraint(
            "remaining BETWEEN 0 AND amount AND (ended_at IS NULL OR remaining = 0)",
            name="remaining",
        ),
        UniqueConstraint("adjustment_id"),
        Index(
            "promo_money_open_idx",
            "owner_id",
            "currency",
            "ends_at",
            postgresql_where=text("remaining > 0"),
        ),
        Index("promo_money_ends_at_idx", "ends_at", postgresql_where=text("remaining > 0")),
    )
    __privacy__ = keep_rows(of="owner_id", id="owner_id", none="currency amount remaining")

    owner_id: UUID
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    ends_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None)
    reminded_at: datetime | None = timestamp(default=None)
    adjustment_id: UUID | None = optional_foreign_key("ledger_adjustment", index=False)


class PromoMoneyUse(SQLModel, table=True):
    """Promotional money that an order, a purchase or a campaign took, and has given back."""

    __tablename__ = "promo_money_use"
    __table_args__ = (
        CheckConstraint("amount > 0 AND returned BETWEEN 0 AND amount", name="amount"),
        Index("promo_money_use_subject_id_idx", "subject_id"),
    )
    __privacy__ = of_others(id="subject_id", none="amount returned")

    promo_money_id: UUID = foreign_key("promo_money", primary_key=True, index=False)
    subject_id: UUID = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    returned: int = Field(default=0, sa_type=BigInteger)
