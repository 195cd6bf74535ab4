"""Accounts and entries of the ledger, its balances and its sweeps: what admins see."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import user_by_id
from dataloaders.ledger import (
    account_by_id,
    balance_of_account,
    visible_account,
    visible_sweep,
)
from dataloaders.vendors import vendor_by_id
from engine.scalars import BigInt, CurrencyCode
from engine.types import Rows, column, field, loaded, related
from models.ledger import accounts, entries, sweeps
from schema.lazy import LazyUser, LazyVendor
from schema.ledger.enums import AccountKind, LedgerRule, PostingKind
from schema.money import Money, money_of
from services.ledger.balances import KindBalance
from services.ledger.revenue import KINDS

AccountRoot = strawberry.Parent[accounts.LedgerAccount]
EntryRoot = strawberry.Parent[entries.LedgerEntry]
SweepRoot = strawberry.Parent[sweeps.LedgerSweep]


@strawberry.type(
    description="An account of the ledger in one currency: of the platform, of a vendor, or a part"
    " of a wallet. Visible to admins."
)
class LedgerAccount(Rows[accounts.LedgerAccount], relay.Node, access=visible_account):
    id: relay.NodeID[UUID]
    account_kind: AccountKind = column("The kind of account.", of="kind")
    currency: CurrencyCode = column("The currency.")
    created_at: datetime = column("The time at which it was opened.")
    owner_user: LazyUser | None = related(
        user_by_id, by="owner_id", description="The user whose wallet it is a part of, if any."
    )
    owner_vendor: LazyVendor | None = related(
        vendor_by_id, by="owner_id", description="The vendor whose account it is, if any."
    )

    @loaded(
        balance_of_account,
        by="id",
        description="The sum of its credits less that of its debits. Assets of the platform are"
        " negative.",
        needs=("currency",),
    )
    def balance(root: AccountRoot, amount: int | None) -> Money:
        return money_of(amount or 0, root.currency)


@strawberry.type(
    description="An amount that moved from one account to another one. It never changes: a"
    " correction is another entry. Visible to admins."
)
class LedgerEntry(Rows[entries.LedgerEntry]):
    created_at: datetime = column("The time of the entry.")
    debit_account: LedgerAccount = related(
        account_by_id, by="debit_id", description="The account that the money left."
    )
    credit_account: LedgerAccount = related(
        account_by_id, by="credit_id", description="The account that the money came into."
    )

    @field(
        "A key of the entry, which no other one has.",
        needs=("posting", "leg"),
    )
    def entry_key(root: EntryRoot) -> str:
        return root.key

    @field("The reason.", needs=("posting",))
    def kind(root: EntryRoot) -> PostingKind:
        return root.posted.kind

    @field("The amount that moved.", needs=("amount", "currency"))
    def money(root: EntryRoot) -> Money:
        return money_of(root.amount, root.currency)

    @field(
        "The id of the object that it is about, such as an order or a refund.", needs=("posting",)
    )
    def about_id(root: EntryRoot) -> relay.GlobalID:
        kind, subject_id, _ = root.posted
        return relay.GlobalID(kind.subject, str(subject_id))


@strawberry.type(description="The sum of the balances of all accounts of a kind.")
class TrialBalanceLine:
    kind: AccountKind = column("The kind of account.")
    account_count: int = column("The number of accounts.")
    balance: Money = column(
        "The sum of their credits less that of their debits. Assets of the platform are negative."
    )


@strawberry.type(
    description="The trial balance of the ledger in one currency, computed from its entries."
)
class TrialBalance:
    currency: CurrencyCode = column("The currency.")
    lines: list[TrialBalanceLine] = strawberry.field(
        description="The kinds of accounts that exist, by name.",
        metadata={"size": len(AccountKind)},
    )
    total: Money = column("The sum of the lines, which is zero.")


@strawberry.type(description="The revenue of the platform in a day or month.")
class RevenueLine:
    starts_on: date = column("The first day.")
    lines: list[TrialBalanceLine] = strawberry.field(
        description="The sum by kind of account. Costs are negative.",
        metadata={"size": len(KINDS)},
    )
    total: Money = column("The sum of the lines.")


def balance_lines(found: Iterable[KindBalance], currency: str) -> list[TrialBalanceLine]:
    return [
        TrialBalanceLine(
            kind=one.kind, account_count=one.accounts, balance=money_of(one.balance, currency)
        )
        for one in found
    ]


@strawberry.type(description="A row that breaks a rule of the ledger.")
class LedgerFinding:
    rule: LedgerRule = column("The rule.")
    subject: str = column(
        "The account, payment, order or line: its id in the database, or the kind, currency and"
        " owner of an account."
    )
    difference: BigInt = column("The difference, in minor units or units.")


@strawberry.type(
    description="A comparison of all balances of the ledger with its entries, and with the rows"
    " that explain them, made every night. Visible to admins."
)
class LedgerSweep(Rows[sweeps.LedgerSweep], relay.Node, access=visible_sweep):
    id: relay.NodeID[UUID]
    created_at: datetime = column("The time of the sweep.")
    entry_count: BigInt = column("The number of entries of the ledger.", of="entries")
    milliseconds: int = column("The time that it took.")
    finding_count: int = column("The number of findings. It is 0 if all is right.")

    @field("The findings.", needs=("findings",), size=sweeps.MAX_FINDINGS)
    def findings(root: SweepRoot) -> list[LedgerFinding]:
        return [
            LedgerFinding(rule=one.rule, subject=one.subject, difference=BigInt(one.difference))
            for one in root.found
        ]
