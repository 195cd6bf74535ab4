"""Bookings that members make at the desk, and what is paid there."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from models.base import APPEND_ONLY, Row, enum_column, foreign_key, optional_foreign_key
from models.bookings.bookings import BookingNote
from models.bookings.setting_up.services import MAX_SERVICE_PRICE
from models.errors import Refusal
from models.identity.phones import PhoneText
from models.identity.registrations import EmailAddress
from models.personal_data import keep_rows
from models.text import Name

GUEST_DAYS = 90  # after the visit, for which a guest's name, address and number are kept


class VisitPaymentMethod(StrEnum):
    CASH = "CASH"
    CARD = "CARD"


class VisitPayment(Row, table=True):
    """Money that the vendor itself took at a visit, or gave back.

    `booking.paid_at_desk` is the sum. One that is undone has a row of the negative amount, whose
    `undoes_id` it is.
    """

    __tablename__ = "visit_payment"
    __table_args__ = (
        CheckConstraint(
            f"amount <> 0 AND abs(amount) <= {MAX_SERVICE_PRICE}"
            " AND (amount > 0) = (undoes_id IS NULL)",
            name="amount",
        ),
        Index("visit_payment_booking_id_idx", "booking_id", "created_at", "id"),
        Index("visit_payment_undoes_key", "undoes_id", unique=True),
        APPEND_ONLY,
    )
    __privacy__ = keep_rows(of="recorded_by_id", none="amount")

    booking_id: UUID = foreign_key("booking", index=False)
    method: VisitPaymentMethod = enum_column(VisitPaymentMethod)
    amount: int = Field(sa_type=BigInteger)
    undoes_id: UUID | None = optional_foreign_key("visit_payment", index=False)
    recorded_by_id: UUID = foreign_key("user")


class GuestDraft(BaseModel, frozen=True):
    """A customer without an account."""

    name: Name
    email: EmailAddress | None = None
    phone: PhoneText | None = None


class DeskDraft(BaseModel, frozen=True):
    """A time of a service that a member books for a customer: a user, or a guest."""

    service_id: UUID
    starts_at: datetime
    staff_id: UUID | None = None
    user_id: UUID | None = None
    guest: GuestDraft | None = None
    pet_id: UUID | None = None
    note: BookingNote | None = None
    allow_outside_hours: bool = False


class VisitPaymentDraft(BaseModel, frozen=True):
    """A payment of a customer at the desk, in minor units."""

    method: VisitPaymentMethod
    amount: Annotated[int, Range(ge=1, le=MAX_SERVICE_PRICE)]


class VisitOverpaid(Refusal):
    message = "This is more than what is due. Reload the booking."
    meaning = "The amount is more than what is left to pay at the visit."
    remedy = "Refetch `dueAtVisit` of the booking, and let the user enter at most that."
