"""Payouts: money that a vendor gets."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from core.money import exponent, in_major_units
from models.base import (
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.ledger.accounts import MAX_AMOUNT
from models.orders.orders import minor_units
from models.payments.payments import MAX_REFERENCE, Reference
from models.payouts.accounts import PayoutRail
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_FAILURE = 300
Failure = Annotated[str, OneLine(MAX_FAILURE)]
OPEN = "state IN ('PLANNED', 'SENDING', 'UNKNOWN')"
NOTED_RETURN = "return_noted_by IS NOT NULL AND return_confirmed_by IS NULL"
# The lowest amounts, in major units: below them, a transfer costs more than it is worth.
MINIMUMS: Mapping[str, int] = {"INR": 100, "NGN": 1000, "KES": 100, "JPY": 500, "ZAR": 50}


class PayoutState(StrEnum):
    """`PLANNED → SENDING → IN_TRANSIT → PAID → RETURNED`.

    A PLANNED one can become CANCELLED, by its owner, or as its amount fell below the minimum, and
    one in a file that was cancelled. SENDING and IN_TRANSIT ones can become FAILED, and SENDING
    ones UNKNOWN: whether the provider has it is looked up, and it is never sent a second time
    before that.
    """

    PLANNED = "PLANNED"
    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    IN_TRANSIT = "IN_TRANSIT"
    PAID = "PAID"
    FAILED = "FAILED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"

    @property
    def is_underway(self) -> bool:
        """Return whether its money has left the balance, and its outcome is not known."""
        return self in {PayoutState.SENDING, PayoutState.UNKNOWN, PayoutState.IN_TRANSIT}


class PayoutCause(StrEnum):
    """Why a payout ended without money for the vendor."""

    ACCOUNT = "ACCOUNT"
    PROVIDER = "PROVIDER"
    RETURNED = "RETURNED"
    TOO_SMALL = "TOO_SMALL"
    FILE_CANCELLED = "FILE_CANCELLED"
    WITHDRAWN = "WITHDRAWN"


class Payout(Row, table=True):
    """An amount for a vendor. One at a time is open for each currency.

    The money leaves the vendor's balance when it becomes SENDING, where the amount is computed a
    last time: it is never above the balance, nor above what the provider can move. `return_reason`
    is that of an admin who has noted that it came back. Another admin must confirm it.
    """

    __table_args__ = (
        CheckConstraint(f"amount BETWEEN 1 AND {MAX_AMOUNT}", name="amount"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("rail = 'BANK_FILE' OR file_id IS NULL", name="file_id"),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        one_line_constraint("failure"),
        CheckConstraint(f"char_length(failure) <= {MAX_FAILURE}", name="failure_length"),
        CheckConstraint(
            "(cause IS NOT NULL) = (state IN ('FAILED', 'RETURNED', 'CANCELLED'))", name="cause"
        ),
        CheckConstraint(
            "(state IN ('PAID', 'FAILED', 'RETURNED', 'CANCELLED')) = (ended_at IS NOT NULL)",
            name="ended_at",
        ),
        one_line_constraint("return_reason"),
        CheckConstraint(
            f"char_length(return_reason) <= {MAX_FAILURE}", name="return_reason_length"
        ),
        CheckConstraint(
            "num_nonnulls(return_reason, return_noted_by, return_noted_at) IN (0, 3)",
            name="return_noted_by",
        ),
        CheckConstraint(
            "return_confirmed_by IS NULL"
            " OR (return_noted_by IS NOT NULL AND return_confirmed_by <> return_noted_by)",
            name="two_persons",
        ),
        UniqueConstraint("rail", "reference"),
        Index(
            "payout_open_key",
            "vendor_id",
            "currency",
            unique=True,
            postgresql_where=text(OPEN),
        ),
        Index("payout_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index("payout_created_at_idx", "created_at", "id"),
        Index("payout_state_idx", "state", "created_at", "id"),
        Index("payout_file_id_idx", "file_id", "id"),
        Index(
            "payout_noted_return_idx",
            "created_at",
            "id",
            postgresql_where=text(NOTED_RETURN),
        ),
    )
    __privacy__ = of_others(none="amount currency reference failure return_reason")

    vendor_id: UUID = foreign_key("vendor", index=False)
    payout_account_id: UUID = foreign_key("payout_account")
    currency: str = Field(max_length=3)
    rail: PayoutRail = open_enum_column(PayoutRail)
    state: PayoutState = enum_column(PayoutState, default=PayoutState.PLANNED)
    amount: int = minor_units()
    reference: Reference | None = Field(default=None)
    file_id: UUID | None = optional_foreign_key("payout_file", index=False)
    requested_by: UUID | None = optional_foreign_key("user")
    cause: PayoutCause | None = open_enum_column(PayoutCause, default=None)
    failure: Failure | None = Field(default=None)
    sent_at: datetime | None = timestamp(default=None)
    paid_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)
    return_reason: Failure | None = Field(default=None)
    return_noted_by: UUID | None = optional_foreign_key("user")
    return_noted_at: datetime | None = timestamp(default=None)
    return_confirmed_by: UUID | None = optional_foreign_key("user")

    @property
    def has_left(self) -> bool:
        """Return whether its money has left the balance. It can be there again."""
        return self.state not in {PayoutState.PLANNED, PayoutState.CANCELLED}

    @property
    def has_noted_return(self) -> bool:
        """Return whether an admin has noted that it came back, and another one must confirm it."""
        return self.return_noted_by is not None and self.return_confirmed_by is None

    @property
    def can_come_back(self) -> bool:
        """Return whether an admin can note that its money came back.

        That is what a bank answers about a file. A provider answers itself: only what it does not
        know is for admins.
        """
        if self.rail is PayoutRail.BANK_FILE:
            return self.state in {PayoutState.IN_TRANSIT, PayoutState.PAID}
        return self.state is PayoutState.UNKNOWN

    def note_return(self, reason: str, admin_id: UUID) -> None:
        self.return_reason, self.return_noted_by, self.return_noted_at = reason, admin_id, now()

    def drop_return(self) -> None:
        """Forget a return that was noted and is not confirmed."""
        self.return_reason = self.return_noted_by = self.return_noted_at = None

    def start(self, amount: int) -> None:
        """Note that its money leaves the balance now."""
        self.state, self.amount, self.sent_at = PayoutState.SENDING, amount, now()

    def pay(self) -> None:
        self.state, self.cause, self.failure = PayoutState.PAID, None, None
        self.paid_at = self.ended_at = now()

    def end(self, state: PayoutState, cause: PayoutCause, failure: str | None = None) -> None:
        """End it without money for the vendor."""
        self.state, self.cause, self.failure = state, cause, failure and failure[:MAX_FAILURE]
        self.ended_at = now()


class PayoutDraft(BaseModel, frozen=True):
    """Validated input of a request. Without an amount, it is all that is available."""

    amount: Annotated[int, Range(ge=1, le=MAX_AMOUNT)] | None = None


def minimum(currency: str) -> int:
    """Return the lowest amount of a payout in minor units."""
    places: int = 10 ** exponent(currency)
    return MINIMUMS.get(currency, 1) * places


class PayoutTooSmall(Refusal):
    message = "At least {least} {currency} must be available to be paid out."
    meaning = "The amount, or what is available of it, is below the minimum of the currency."
    remedy = "Show the vendor's balance, and its `minimumPayout`."

    @classmethod
    def of(cls, currency: str) -> "PayoutTooSmall":
        return cls(least=in_major_units(minimum(currency), currency), currency=currency)


class PayoutTooLarge(Refusal):
    message = "Only {available} {currency} is available. Enter a lower amount."
    meaning = "The amount is above what is available."
    remedy = "Refetch the vendor's balance, and let the user enter a lower amount."


class PayoutOpen(Refusal):
    message = "A payout is being sent already. Wait until it is on its way."
    meaning = "The vendor has a payout in this currency that is PLANNED, SENDING or UNKNOWN."
    remedy = "Show the open payout."
    constraint = "payout_open_key"


class PayoutsHeld(Refusal):
    message = "A vendor that is suspended is not paid out. Its money stays in its balance."
    meaning = "The vendor is suspended, or one of those in the file is."
    remedy = "Inform the owner. An admin restores the vendor, or cancels the file."


class OwnPayout(Refusal):
    message = "You cannot handle the payouts of a business that you work for. Ask another admin."
    meaning = "The admin is a member of the vendor, or of one whose payout is in the file."
    remedy = "Ask another admin."


class PayoutReturnNoted(Refusal):
    message = "Another admin has noted that this payout came back. Confirm or reject that first."
    meaning = "A return was noted, and is neither confirmed nor rejected."
    remedy = "Offer `confirmPayoutReturn` and `rejectPayoutReturn`."


class InvalidPayoutState(Refusal):
    code = "PAYOUT_STATE"
    message = "This can no longer be changed in this way. Reload the page."
    meaning = "The state of the payout or of its file does not allow this."
    remedy = "Refetch the payout, and offer what its state allows."


class PayoutReferenceTaken(Refusal):
    message = "This reference belongs to another payout. Check it."
    meaning = "A payout with the same reference exists: each transfer closes one payout."
    remedy = "Show `message` next to the reference."
    constraint = "payout_rail_reference_key"
