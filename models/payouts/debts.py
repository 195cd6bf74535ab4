"""Debts of vendors: a balance below zero, because what was paid out was refunded afterwards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.base import foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import of_others

NOTICE_DAYS = 60


class VendorDebt(SQLModel, table=True):
    """Since when the balance of a vendor is below zero. The row is gone when it is not.

    The amount is the balance itself. It blocks payouts, and later sales are netted with it.
    """

    __tablename__ = "vendor_debt"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("vendor_debt_since_idx", "since", postgresql_where=text("noticed_at IS NULL")),
    )
    __privacy__ = of_others(none="currency")

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    currency: str = Field(max_length=3, primary_key=True)
    since: datetime = timestamp()
    noticed_at: datetime | None = timestamp(default=None)


class DebtTooSmall(Refusal):
    message = "The vendor owes less than this amount. Reload its balance."
    meaning = "The amount is above what the vendor owes: the balance would become positive."
    remedy = "Refetch the vendor's balance, and enter at most what it owes."


class DebtPaymentOpen(Refusal):
    message = "A payment of this debt waits already. Pay it in another way, or cancel it first."
    meaning = "The vendor has a PENDING purchase of the kind DEBT: a debt is not paid twice."
    remedy = "Show it, and offer `payPurchase` and `cancelPurchase`."
    constraint = "purchase_debt_key"
