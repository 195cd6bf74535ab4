"""Accounts into which vendors are paid out."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from core.clock import now
from core.security.sealed import Sealer
from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.errors import Refusal
from models.payments.payments import MAX_REFERENCE, PaymentProvider, Reference
from models.personal_data import retain_rows
from models.sealed_columns import sealed
from models.text import OneLine, one_line_constraint

WAIT_HOURS = 48  # after a change, in which the owners can notice that it was not theirs
MAX_BANK_CODE = 20
MAX_PROBLEM = 300
Problem = Annotated[str, OneLine(MAX_PROBLEM)]
HOLDER_COLUMN = "payout_account.holder"
NUMBER_COLUMN = "payout_account.account_number"


class PayoutRail(StrEnum):
    """The way in which a vendor is paid out.

    STRIPE pays into an account of its own that the vendor opens there, PAYSTACK into a bank
    account. A BANK_FILE is a list of transfers that admins hand over to the platform's bank.
    """

    STRIPE = "STRIPE"
    PAYSTACK = "PAYSTACK"
    BANK_FILE = "BANK_FILE"

    @property
    def provider(self) -> PaymentProvider | None:
        """Return the provider that sends the money, None for files."""
        return None if self is PayoutRail.BANK_FILE else PaymentProvider(self.value)


class PayoutAccountState(StrEnum):
    """`ONBOARDING → ACTIVE ⇄ RESTRICTED`, and each of them `→ CLOSED`.

    ONBOARDING ones are not checked by the provider yet. RESTRICTED ones cannot get money now.
    """

    ONBOARDING = "ONBOARDING"
    ACTIVE = "ACTIVE"
    RESTRICTED = "RESTRICTED"
    CLOSED = "CLOSED"


class PayoutAccount(Row, table=True):
    """An account of a vendor, with one open for each currency.

    A change closes it and opens another one, so that a payout still leads to where it went.
    `reference` is the provider's. The holder and the number are sealed, and `last4` is shown. It
    can be used from `usable_from` on. `restrictions` counts how often it became RESTRICTED, and
    `problem` is the reason of the provider. Only a CLOSED one can be without holder and number.
    """

    __tablename__ = "payout_account"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("last4 ~ '^[0-9A-Z]{4}$'", name="last4"),
        CheckConstraint("bank_code ~ '^[0-9A-Z]{3,20}$'", name="bank_code"),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        one_line_constraint("problem"),
        CheckConstraint(f"char_length(problem) <= {MAX_PROBLEM}", name="problem_length"),
        CheckConstraint("restrictions >= 0", name="restrictions"),
        CheckConstraint("(state = 'CLOSED') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint(
            "num_nonnulls(holder, account_number) = CASE rail WHEN 'STRIPE' THEN 0 ELSE 2 END"
            " OR (state = 'CLOSED' AND num_nonnulls(holder, account_number) = 0)",
            name="account_number",
        ),
        Index(
            "payout_account_open_key",
            "vendor_id",
            "currency",
            unique=True,
            postgresql_where=text("state <> 'CLOSED'"),
        ),
        Index("payout_account_vendor_id_idx", "vendor_id", "created_at", "id"),
        Index(
            "payout_account_onboarding_idx",
            "created_at",
            postgresql_where=text("state IN ('ONBOARDING', 'RESTRICTED')"),
        ),
        Index("payout_account_reference_idx", "reference"),
        Index(
            "payout_account_blank_idx",
            "closed_at",
            postgresql_where=text("state = 'CLOSED' AND last4 IS NOT NULL"),
        ),
    )
    __privacy__ = retain_rows(
        of="set_by", none="currency country bank_code last4 reference problem restrictions"
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    currency: str = Field(max_length=3)
    rail: PayoutRail = open_enum_column(PayoutRail)
    state: PayoutAccountState = enum_column(
        PayoutAccountState, default=PayoutAccountState.ONBOARDING
    )
    country: str = Field(max_length=2)
    reference: Reference | None = Field(default=None)
    bank_code: str | None = Field(default=None, max_length=MAX_BANK_CODE)
    holder: bytes | None = sealed(optional=True)
    account_number: bytes | None = sealed(optional=True)
    last4: str | None = Field(default=None, max_length=4)
    usable_from: datetime = timestamp()
    restrictions: int = 0
    problem: Problem | None = Field(default=None)
    set_by: UUID = foreign_key("user")
    closed_at: datetime | None = timestamp(default=None)

    @staticmethod
    def wait() -> datetime:
        """Return the time from which an account that is changed now can be used."""
        return now() + timedelta(hours=WAIT_HOURS)

    @property
    def is_open(self) -> bool:
        return self.state is not PayoutAccountState.CLOSED

    def ensure_usable(self) -> None:
        """Raise `PayoutAccountNotReady` unless it can get money now."""
        if self.state is not PayoutAccountState.ACTIVE or self.usable_from > now():
            raise PayoutAccountNotReady

    def blank(self) -> None:
        """Forget the bank details of a CLOSED one, after the term of bookkeeping."""
        self.holder = self.account_number = self.last4 = None

    def close(self) -> None:
        self.state, self.closed_at = PayoutAccountState.CLOSED, now()

    def restrict(self, problem: str | None) -> None:
        """Note that it cannot get money now."""
        if self.state is not PayoutAccountState.RESTRICTED:
            self.restrictions += 1
        self.state, self.problem = PayoutAccountState.RESTRICTED, problem

    def activate(self) -> None:
        self.state, self.problem = PayoutAccountState.ACTIVE, None

    def seal_bank(self, sealer: Sealer, *, holder: str, account_number: str) -> None:
        self.holder = sealer.seal(HOLDER_COLUMN, self.id, holder.encode())
        self.account_number = sealer.seal(NUMBER_COLUMN, self.id, account_number.encode())
        self.last4 = account_number[-4:]

    def open_bank(self, sealer: Sealer) -> tuple[str, str] | None:
        """Return the holder and the number, None for accounts at Stripe."""
        if self.holder is None or self.account_number is None:
            return None
        holder = sealer.open(HOLDER_COLUMN, self.id, self.holder)
        return holder.decode(), sealer.open(NUMBER_COLUMN, self.id, self.account_number).decode()


class PayoutAccountMissing(Refusal):
    message = "The vendor has no payout account. Set one first."
    meaning = "The vendor has no payout account in this currency."
    remedy = "Offer `startPayoutOnboarding` or `setPayoutAccount` to an owner."


class PayoutAccountNotReady(Refusal):
    message = "The payout account cannot be used yet. Complete it, or wait until the time shown."
    meaning = (
        "The payout account is not ACTIVE, or was changed within the last 48 hours, so that the"
        " owners can notice a change that was not theirs."
    )
    remedy = "Show its `payoutAccountState`, `problem` and `usableFrom`."


class RailNotOffered(Refusal):
    message = "This way of payout is not available for {currency}. Choose another one."
    meaning = "The server does not offer this rail, or not for the vendor's currency."
    remedy = "Offer the vendor's `payoutRails`."


class PayoutProviderFailed(Refusal):
    message = "The provider of payouts cannot do this now. Try again in a few minutes."
    meaning = "The provider does not answer, or refuses to open an account."
    remedy = "Offer to try again later. The same mutation continues what has begun."
