"""Saved methods of payment: what the provider keeps for a user. We know the last digits alone."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, foreign_key, open_enum_column
from models.errors import Refusal
from models.payments.payments import MAX_REFERENCE, PaymentProvider
from models.personal_data import delete_rows

MAX_METHODS = 20  # of a user
MAX_BRAND = 30


class PaymentCustomer(Row, table=True):
    """A user as a provider knows the user: made for the first method that is saved."""

    __tablename__ = "payment_customer"
    __table_args__ = (
        UniqueConstraint("user_id", "provider"),
        UniqueConstraint("provider", "reference"),
    )
    __privacy__ = delete_rows(personal="reference")

    user_id: UUID = foreign_key("user", index=False)
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    reference: str = Field(max_length=MAX_REFERENCE)


class PaymentMethod(Row, table=True):
    """A method that a user has saved, such as a card: charged again without entering it."""

    __tablename__ = "payment_method"
    __table_args__ = (
        UniqueConstraint("provider", "reference"),
        CheckConstraint("last4 ~ '^[0-9]{4}$'", name="last4"),
        CheckConstraint("expires_month BETWEEN 1 AND 12", name="expires_month"),
        CheckConstraint("expires_year BETWEEN 2000 AND 2100", name="expires_year"),
        Index("payment_method_user_id_idx", "user_id", "created_at", "id"),
    )
    __privacy__ = delete_rows(
        personal="reference customer brand last4 expires_month expires_year",
    )

    user_id: UUID = foreign_key("user", index=False)
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    reference: str = Field(max_length=MAX_REFERENCE)
    customer: str = Field(max_length=MAX_REFERENCE)
    brand: str = Field(max_length=MAX_BRAND)
    last4: str = Field(max_length=4)
    expires_month: int | None = None
    expires_year: int | None = None


class PaymentMethodLimitReached(Refusal):
    message = "You can save at most {most} methods of payment. Remove one first."
    meaning = "The user has the maximum number of saved methods of payment."
    remedy = "List the saved methods, so that the user can remove one."
