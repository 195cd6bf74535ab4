"""Root fields of the accounts and entries of the ledger, its balances and its sweeps."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.types import field
from schema.ledger.books import (
    LedgerAccount,
    LedgerEntry,
    LedgerSweep,
    RevenueLine,
    TrialBalance,
    balance_lines,
)
from schema.ledger.inputs import (
    AccountId,
    Before,
    By,
    Currency,
    Period,
    WantedAccounts,
    WantedEntries,
    account_filter,
    entry_filter,
)
from schema.money import money_of
from services.ledger import accounts, balances, revenue
from services.ledger.revenue import MAX_STEPS
from services.ledger.sweep import sweeping


@strawberry.type
class BooksQuery:
    @connection(
        Connection[LedgerAccount],
        "Accounts of the ledger, those that were opened last first. Visible to admins.",
    )
    def ledger_accounts(self, info: Info, where: WantedAccounts = None) -> Listing[Any]:
        return accounts.list_accounts(info.context.viewer, account_filter(where))

    @connection(Connection[LedgerEntry], "Entries of an account, newest first. Visible to admins.")
    async def ledger_entries(
        self, info: Info, account_id: AccountId, where: WantedEntries = None
    ) -> Listing[Any]:
        wanted = entry_filter(where)
        async with info.context.read_session() as session:
            return await accounts.list_entries(session, info.context.viewer, account_id, wanted)

    @field(
        "The balances of the ledger in a currency by kind of account. Visible to admins.", cost=20
    )
    async def trial_balance(
        self, info: Info, currency: Currency, at: Before = None
    ) -> TrialBalance:
        viewer = info.context.viewer
        async with info.context.read_session() as session:
            found = await balances.read_trial_balance(session, viewer, currency, at)
        return TrialBalance(
            currency=currency,
            lines=balance_lines(found, currency),
            total=money_of(sum(one.balance for one in found), currency),
        )

    @field(
        "The sales of the platform less what they cost, by day or month in UTC, the earliest"
        " first. Days without any are left out. Visible to admins.",
        cost=20,
        size=MAX_STEPS,
    )
    async def revenue(
        self, info: Info, currency: Currency, period: Period, by: By
    ) -> list[RevenueLine]:
        viewer = info.context.viewer
        async with info.context.read_session() as session:
            found = await revenue.read_revenue(session, viewer, currency, period.days(), by)
        return [
            RevenueLine(
                starts_on=one.starts_on,
                lines=balance_lines(one.lines, currency),
                total=money_of(one.total, currency),
            )
            for one in found
        ]

    @connection(Connection[LedgerSweep], "Sweeps of the ledger, newest first. Visible to admins.")
    def ledger_sweeps(self, info: Info) -> Listing[Any]:
        return sweeping.list_sweeps(info.context.viewer)
