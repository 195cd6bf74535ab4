"""Payouts, payout accounts, balances of vendors, files for banks, and lines of providers."""

from datetime import datetime
from typing import Self, cast
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import user_by_id
from dataloaders.payouts import (
    payouts_of_file,
    visible_payout,
    visible_payout_account,
    visible_payout_file,
    visible_provider_transaction,
)
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, LiveConnection
from engine.context import Info
from engine.scalars import CountryCode, CurrencyCode
from engine.types import Rows, column, field, related, related_page
from models.payouts import accounts, files, payouts, reconciliation
from models.payouts.terms import Reserve
from schema.lazy import LazyUser, LazyVendor
from schema.money import Money, money_of
from schema.orders.enums import PaymentProvider
from schema.payouts.enums import (
    DiscrepancyCause,
    MatchState,
    PayoutAccountState,
    PayoutCause,
    PayoutFileState,
    PayoutFormat,
    PayoutRail,
    PayoutSchedule,
    PayoutState,
    TransactionKind,
)
from services.payouts import balances
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.rails import RailOffers

PayoutRoot = strawberry.Parent[payouts.Payout]
FileRoot = strawberry.Parent[files.PayoutFile]
LineRoot = strawberry.Parent[reconciliation.ProviderTransaction]
BalanceRoot = strawberry.Parent[balances.CurrencyBalance]
VendorBalanceRoot = strawberry.Parent[balances.VendorBalance]


@strawberry.type(
    description="An account into which a vendor is paid out. A change closes it and opens another"
    " one. Visible to the vendor's owners and managers, and to admins."
)
class PayoutAccount(Rows[accounts.PayoutAccount], relay.Node, access=visible_payout_account):
    id: relay.NodeID[UUID]
    payout_rail: PayoutRail = column("The way of the money.", of="rail")
    payout_account_state: PayoutAccountState = column("The state.", of="state")
    currency: CurrencyCode = column("The currency.")
    account_country: CountryCode = column("The country of the bank.", of="country")
    bank_code: str | None = column("The IFSC, the BIC or the code of the bank, if there is one.")
    number_ending: str | None = column(
        "The last four characters of the number or IBAN. Null while they are unknown.", of="last4"
    )
    usable_from: datetime = column(
        f"The time from which it can get money: {accounts.WAIT_HOURS} hours after the change, so"
        " that the owners can notice one that was not theirs."
    )
    problem: str | None = column(
        "The requirement of the provider, in its words. Null if it is ready."
    )
    created_at: datetime = column("The time at which it was set.")
    closed_at: datetime | None = column("The time at which it was closed.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")


@strawberry.type(
    description="Money for a vendor. At most one in a currency waits or is being sent. Visible to"
    " the vendor's owners and managers, and to admins."
)
class Payout(Rows[payouts.Payout], relay.Node, access=visible_payout):
    id: relay.NodeID[UUID]
    payout_rail: PayoutRail = column("The way of the money.", of="rail")
    payout_state: PayoutState = column("The state.", of="state")
    payout_cause: PayoutCause | None = column(
        "Why it is FAILED, RETURNED or CANCELLED.", of="cause"
    )
    failure_text: str | None = column(
        "The reason of the provider or the bank, in its words.", of="failure"
    )
    transfer_reference: str | None = column(
        "The reference of the provider or the bank, such as a UTR.", of="reference"
    )
    created_at: datetime = column("The time at which it was planned.")
    started_at: datetime | None = column(
        "The time at which its money left the balance.", of="sent_at"
    )
    paid_at: datetime | None = column("The time at which it was paid.")
    ended_at: datetime | None = column("The time at which it ended. A PAID one can be returned.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    payout_account: PayoutAccount | None = related(
        visible_payout_account, by="payout_account_id", description="The account that it is for."
    )
    requested_by: LazyUser | None = related(
        user_by_id,
        by="requested_by",
        description="The owner who requested it. Null if the schedule did.",
    )

    return_reason: str | None = column(
        "Why it came back, as an admin has noted. Until another admin confirms it, the money is not"
        " in the balance."
    )
    return_noted_at: datetime | None = column("The time at which an admin noted that it came back.")
    payout_file: "PayoutFile | None" = related(
        visible_payout_file,
        by="file_id",
        description="The file that pays it. Null without one, and for all but admins.",
    )

    @field(
        "Whether an admin has noted that it came back, and another one must confirm it.",
        needs=("return_noted_by", "return_confirmed_by"),
    )
    def waits_for_confirmation(root: PayoutRoot) -> bool:
        return root.has_noted_return

    @field(
        "The amount. While it is PLANNED, it is what was available then.",
        needs=(
            "amount",
            "currency",
        ),
    )
    def money(root: PayoutRoot) -> Money:
        return money_of(root.amount, root.currency)


@strawberry.type(description="A page of payouts, with live changes.")
class PayoutConnection(LiveConnection[Payout]):
    pass


@strawberry.type(description="A page of the payouts of all vendors.")
class AllPayoutsConnection(Connection[Payout]):
    pass


@strawberry.type(
    description="The balance of a vendor in one currency. Visible to its owners and managers, and"
    " to admins."
)
class CurrencyBalance:
    currency: CurrencyCode = column("The currency.")

    @field(
        "Money of orders that can still be returned, less the commission.",
        needs=("pending", "currency"),
    )
    def pending(root: BalanceRoot) -> Money:
        return money_of(root.pending, root.currency)

    @field(
        "Money that can be paid out. Below zero if the vendor owes money: later sales are set off"
        " against it.",
        needs=("available", "currency"),
    )
    def available(root: BalanceRoot) -> Money:
        return money_of(root.available, root.currency)

    @field(
        "Money that is kept back for refunds and disputes.",
        needs=("reserve", "currency"),
    )
    def reserve(root: BalanceRoot) -> Money:
        return money_of(root.reserve, root.currency)

    @field("Money that is on its way to the vendor.", needs=("in_transit", "currency"))
    def in_transit(root: BalanceRoot) -> Money:
        return money_of(root.in_transit, root.currency)

    @classmethod
    def wrap(cls, balance: balances.CurrencyBalance) -> Self:
        """Return the balance itself, typed as its GraphQL type."""
        return cast("Self", balance)


@strawberry.type(
    description="The balances of a vendor, and its terms of payouts. Subscription:"
    " `payoutChanges`. Visible to its owners and managers, and to admins."
)
class VendorBalance:
    @field("The balance in the vendor's currency.", needs=("own",))
    def own(root: VendorBalanceRoot) -> CurrencyBalance:
        return CurrencyBalance.wrap(root.own)

    @field("The balances in all currencies that it had.", needs=("by_currency",), size=10)
    def by_currency(root: VendorBalanceRoot) -> list[CurrencyBalance]:
        return [CurrencyBalance.wrap(one) for one in root.by_currency]

    @field("The lowest amount of a payout.", needs=("own",))
    def minimum_payout(root: VendorBalanceRoot) -> Money:
        currency = root.own.currency
        return money_of(payouts.minimum(currency), currency)

    @field("The schedule of its payouts.", needs=("terms",))
    def payout_schedule(root: VendorBalanceRoot, info: Info) -> PayoutSchedule:
        return PayoutPolicy.of(info.context.app.settings).schedule_of(root.terms)

    @field(
        "The share of each sale that is kept back for refunds, in basis points.",
        needs=("vendor", "terms"),
    )
    def reserve_bps(root: VendorBalanceRoot, info: Info) -> int:
        return _reserve(root, info).bps

    @field("The days for which it is kept back.", needs=("vendor", "terms"))
    def reserve_days(root: VendorBalanceRoot, info: Info) -> int:
        return _reserve(root, info).days

    @field(
        "The ways of payouts that the server offers for the vendor's currency.",
        needs=("own",),
        size=len(accounts.PayoutRail),
    )
    def payout_rails(root: VendorBalanceRoot, info: Info) -> list[PayoutRail]:
        return [*RailOffers(info.context.app.payments).of(root.own.currency)]

    @classmethod
    def wrap(cls, balance: balances.VendorBalance) -> Self:
        """Return the balance itself, typed as its GraphQL type."""
        return cast("Self", balance)


def _reserve(root: balances.VendorBalance, info: Info) -> Reserve:
    return PayoutPolicy.of(info.context.app.settings).reserve_of(root.vendor, root.terms)


@strawberry.type(
    description="Payouts that go to the platform's bank in one file. One admin makes it, and"
    " another one approves it. Visible to admins."
)
class PayoutFile(Rows[files.PayoutFile], relay.Node, access=visible_payout_file):
    id: relay.NodeID[UUID]
    payout_format: PayoutFormat = column("The format.", of="format")
    payout_file_state: PayoutFileState = column("The state.", of="state")
    payout_count: int = column("The number of payouts.", of="count")
    created_at: datetime = column("The time at which it was made.")
    decided_at: datetime | None = column("The time at which it was approved or cancelled.")
    made_by: LazyUser = related(user_by_id, by="made_by", description="The admin who made it.")
    decided_by: LazyUser | None = related(
        user_by_id,
        by="decided_by",
        description="The admin who approved or cancelled it. Null while it is MADE.",
    )
    payouts: list[Payout] = related_page(
        payouts_of_file, Payout, "The payouts in it, the newest first."
    )

    @field("The sum of its payouts.", needs=("total", "currency"))
    def money(root: FileRoot) -> Money:
        return money_of(root.total, root.currency)


@strawberry.type(
    description="A line of the books of a payment provider, which agrees with one posting of the"
    " ledger, or is a discrepancy. Visible to admins."
)
class ProviderTransaction(
    Rows[reconciliation.ProviderTransaction], relay.Node, access=visible_provider_transaction
):
    id: relay.NodeID[UUID]
    payment_provider: PaymentProvider = column("The provider.", of="provider")
    external_id: str = column("The provider's id of the line.")
    transaction_kind: TransactionKind = column("The kind of line.", of="kind")
    match_state: MatchState = column("Whether it agrees with the ledger.", of="state")
    discrepancy_cause: DiscrepancyCause | None = column(
        "Why it does not agree. It stays when it is RESOLVED.", of="cause"
    )
    source_reference: str = column(
        "The provider's reference of the payment, refund, payout or dispute. It can be empty.",
        of="source",
    )
    posting_key: str | None = column(
        "The key of its posting in the ledger. Null if another line cancels it.", of="posting"
    )
    happened_at: datetime = column("The time of the line.")
    created_at: datetime = column("The time at which it was imported.")
    resolution: str | None = column("How an admin has explained it.", of="note")
    resolved_at: datetime | None = column("The time at which it was explained.")
    resolved_by: LazyUser | None = related(
        user_by_id, by="resolved_by", description="The admin who explained it."
    )

    @field(
        "The amount before the fee: below zero for money that left.", needs=("amount", "currency")
    )
    def money(root: LineRoot) -> Money:
        return money_of(root.amount, root.currency)

    @field("The provider's fee for it.", needs=("fee", "currency"))
    def fee(root: LineRoot) -> Money:
        return money_of(root.fee, root.currency)

    @field("The amount less the fee.", needs=("net", "currency"))
    def net(root: LineRoot) -> Money:
        return money_of(root.net, root.currency)
