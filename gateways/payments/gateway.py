"""The protocol of payment providers. Amounts are in minor units of ISO 4217.

A provider's own units, such as those of Stripe for ISK, exist in its gateway alone. Every call that
moves money has a key: the same key never moves it twice. All methods raise `NoAnswer`,
`UnknownOutcome` and `ProviderRefused` of `gateways.payments.errors`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from models.payments.payments import PaymentProvider


class MoneyStatus(StrEnum):
    """The state of a payment, refund or payout at the provider."""

    NEEDS_METHOD = "NEEDS_METHOD"  # nothing was tried yet, or the last try was declined
    NEEDS_ACTION = "NEEDS_ACTION"  # the buyer confirms it with the bank
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class NewPayment:
    """A payment that the provider shall collect. `payment_id` is ours, kept in its metadata.

    With a `method`, it is charged at once: `off_session` without the buyer. `save_method` keeps
    the method for `customer`. `return_url` is where the buyer returns to from a page.
    """

    payment_id: UUID
    amount: int
    currency: str
    description: str
    email: str | None = None
    return_url: str | None = None
    customer: str | None = None
    method: str | None = None
    off_session: bool = False
    save_method: bool = False


@dataclass(frozen=True)
class ProviderPayment:
    """A payment as the provider has it. `payment_id` is ours, by its metadata.

    `client_secret` is for the provider's form in a client; `redirect_url` for its page. With
    `keeps_page`, the page that the provider has named before is still open: some name it once.
    `captured` is what came in. `error` is the code of the last decline. `card` is the provider's
    fingerprint of the card that paid, which is the same for all customers.
    """

    reference: str
    payment_id: UUID | None
    status: MoneyStatus
    amount: int
    currency: str
    captured: int = 0
    refunded: int = 0
    fee: int | None = None
    client_secret: str | None = None
    redirect_url: str | None = None
    keeps_page: bool = False
    error: str | None = None
    customer: str | None = None
    method: str | None = None
    card: str | None = None


@dataclass(frozen=True)
class NewRefund:
    """Money that goes back by a payment. `refund_part_id` is ours."""

    refund_part_id: UUID
    payment_reference: str
    amount: int
    currency: str


@dataclass(frozen=True)
class ProviderRefund:
    """A refund as the provider has it. `refund_part_id` is ours."""

    reference: str
    refund_part_id: UUID | None
    payment_reference: str
    status: MoneyStatus
    amount: int
    currency: str
    error: str | None = None


class DisputeStatus(StrEnum):
    """The state of a dispute at the provider."""

    WARNING = "WARNING"
    NEEDS_RESPONSE = "NEEDS_RESPONSE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"


@dataclass(frozen=True)
class DisputeLine:
    """Money of a dispute that has left or come back, by its line in the provider's books.

    What leaves is negative, as is a fee that comes back.
    """

    reference: str
    amount: int
    fee: int = 0


@dataclass(frozen=True)
class ProviderDispute:
    """A buyer's bank that takes money back. `bookings` are all lines about it, which only grow.

    `is_answered` is whether it waits for no answer: one was sent, or it has decided.
    """

    reference: str
    payment_reference: str
    status: DisputeStatus
    amount: int
    currency: str
    reason: str
    due_at: datetime | None = None
    is_refundable: bool = False
    is_answered: bool = False
    bookings: Sequence[DisputeLine] = ()

    @property
    def taken(self) -> int:
        """Return what the bank has now."""
        return -sum(one.amount for one in self.bookings)

    @property
    def fee(self) -> int:
        return sum(one.fee for one in self.bookings)


@dataclass(frozen=True)
class SavedMethod:
    """A method of payment that the provider keeps. We store the last digits alone."""

    reference: str
    customer: str
    brand: str
    last4: str
    expires_month: int | None = None
    expires_year: int | None = None


@dataclass(frozen=True)
class NewPayoutAccount:
    """A vendor's account at the provider.

    `bank_code` and `account_number` are for providers without onboarding pages. On such a page, the
    owner enters an address for mails too: we send none.
    """

    payout_account_id: UUID
    country: str
    currency: str
    name: str
    bank_code: str | None = None
    account_number: str | None = None


@dataclass(frozen=True)
class ProviderAccount:
    """A vendor's account. `missing` are the names of what the provider still asks for."""

    reference: str
    can_receive: bool
    missing: Sequence[str] = ()
    last4: str | None = None


@dataclass(frozen=True)
class NewPayout:
    """Money that a vendor gets. `payout_id` is ours."""

    payout_id: UUID
    account: str
    amount: int
    currency: str
    description: str


@dataclass(frozen=True)
class ProviderPayout:
    """A payout as the provider has it. `payout_id` is ours."""

    reference: str
    payout_id: UUID | None
    status: MoneyStatus
    amount: int
    currency: str
    error: str | None = None


@dataclass(frozen=True)
class ProviderBalance:
    """Our money at the provider in a currency. Only `available` money can be paid out."""

    available: int
    pending: int = 0


@dataclass(frozen=True)
class BalanceTransaction:
    """A line of the provider's books, for the reconciliation. `net` is `amount` less `fee`.

    `kind` is PAYMENT, REFUND, PAYOUT, TRANSFER, DISPUTE, FEE or OTHER. Money that leaves is
    negative. `source` is the reference of the payment, refund, transfer or dispute.
    """

    reference: str
    kind: str
    amount: int
    fee: int
    net: int
    currency: str
    source: str
    created_at: datetime
    available_at: datetime | None = None


class EventObject(StrEnum):
    """The kind of object that a webhook is about, which the job fetches.

    PAYMENT_REFUNDS has the reference of a payment whose refunds changed: Paystack names no refund.
    """

    PAYMENT = "PAYMENT"
    PAYMENT_REFUNDS = "PAYMENT_REFUNDS"
    REFUND = "REFUND"
    DISPUTE = "DISPUTE"
    ACCOUNT = "ACCOUNT"
    PAYOUT = "PAYOUT"
    OTHER = "OTHER"


@dataclass(frozen=True)
class ProviderEvent:
    """A webhook: an object has changed. Its state comes from the object, never from here.

    `id` is unique at the provider. `account` is that of the vendor whose object it is.
    """

    id: str
    kind: str
    about: EventObject
    reference: str
    created_at: datetime
    account: str | None = None


class PaymentGateway(Protocol):
    """A provider of payments, refunds, disputes and payouts.

    `payment_currencies` is None for all. `find_…` raise `ObjectNotFound`. `search_…` look for the
    object of one of our ids after an `UnknownOutcome`, and return None if there is none.

    A payment that the bank declines is returned, with `error` and NEEDS_METHOD or FAILED. A payment
    that cannot be cancelled any more is returned as it is. A payout is FAILED once its money is
    ours again: one that came back to the vendor's account is taken from there first.
    """

    payment_currencies: frozenset[str] | None
    has_onboarding: bool  # vendors enter their account on the provider's page

    async def create_payment(self, wanted: NewPayment, *, key: str) -> ProviderPayment: ...
    async def find_payment(self, reference: str) -> ProviderPayment: ...
    async def search_payment(self, wanted: NewPayment) -> ProviderPayment | None: ...
    async def cancel_payment(self, reference: str, *, key: str) -> ProviderPayment: ...

    async def refund(self, wanted: NewRefund, *, key: str) -> ProviderRefund: ...
    async def find_refund(self, reference: str) -> ProviderRefund: ...
    async def list_refunds(self, payment_reference: str) -> Sequence[ProviderRefund]: ...

    async def find_dispute(self, reference: str) -> ProviderDispute: ...
    async def upload_evidence(self, reference: str, document: bytes) -> str:
        """Upload a PDF document for a dispute, and return its name for the evidence.

        One that is uploaded a second time has another name. Only that in the evidence is used.
        """
        ...

    async def answer_dispute(self, reference: str, evidence: Mapping[str, str]) -> None: ...
    async def accept_dispute(self, reference: str) -> ProviderDispute:
        """Let the buyer have the money. One that has ended is returned as it is."""
        ...

    async def create_customer(self, user_id: UUID, email: str | None, *, key: str) -> str: ...
    async def find_methods(self, customer: str) -> Sequence[SavedMethod]: ...
    async def remove_method(self, reference: str) -> None: ...
    async def remove_customer(self, reference: str) -> None: ...

    async def create_account(self, wanted: NewPayoutAccount, *, key: str) -> ProviderAccount: ...
    async def find_account(self, reference: str) -> ProviderAccount: ...
    async def onboarding_url(self, reference: str, *, return_url: str) -> str: ...

    async def pay_out(self, wanted: NewPayout, *, key: str) -> ProviderPayout: ...
    async def find_payout(self, reference: str) -> ProviderPayout: ...
    async def search_payout(self, wanted: NewPayout) -> ProviderPayout | None: ...
    def payable(self, amount: int, currency: str, *, available: int) -> int:
        """Return the greatest amount up to this one that a payout can have.

        The provider takes its fee from what is available too.
        """
        ...

    async def balances(self) -> Mapping[str, ProviderBalance]: ...
    def transactions(self, *, since: datetime) -> AsyncIterator[BalanceTransaction]: ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Return what a webhook is about. Raises `InvalidWebhook`."""
        ...

    def events(self, *, since: datetime) -> AsyncIterator[ProviderEvent]: ...

    async def close(self) -> None: ...


PaymentGateways = Mapping[PaymentProvider, PaymentGateway]  # of those that are set up
